package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/// What a test needs from the machine. Where it is missing the test is skipped and says so; where
/// `CI` is `true` it fails, since a skipped test proves nothing.
final class Needed {
  private static final boolean REQUIRED = "true".equals(System.getenv("CI"));

  private Needed() {}

  static void present(boolean found, String otherwise) {
    assertTrue(found || !REQUIRED, otherwise);
    assumeTrue(found, "skipped: " + otherwise);
  }

  static void packagedBroker() {
    String unavailable = BrokerProcess.whyUnavailable();
    present(unavailable.isEmpty(), unavailable);
  }
}
