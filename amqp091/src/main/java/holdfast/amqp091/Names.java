package holdfast.amqp091;

import java.security.SecureRandom;
import java.util.Base64;

/// Names that the broker gives, to queues declared without one and to consumers without a tag; and
/// names as they are meant.
final class Names {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BYTES = 16;

  private Names() {}

  /// A name without line ends, which RabbitMQ takes out of the names of queues and exchanges.
  static String clean(String name) {
    return name.indexOf('\r') < 0 && name.indexOf('\n') < 0
        ? name
        : name.replace("\r", "").replace("\n", "");
  }

  static String random(String prefix) {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
