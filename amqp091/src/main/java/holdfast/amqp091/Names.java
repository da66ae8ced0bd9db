package holdfast.amqp091;

import java.security.SecureRandom;
import java.util.Base64;

/// Names that the broker gives: to queues declared without one, to consumers without a tag.
final class Names {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BYTES = 16;

  private Names() {}

  static String random(String prefix) {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
