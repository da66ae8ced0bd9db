package holdfast.server.torture;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import holdfast.server.e2e.BrokerProcess;
import holdfast.server.e2e.Directories;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// kill -9 under real clients' load, again and again, on one data directory.
///
/// `-Dholdfast.torture.rounds=200 -Dholdfast.torture.seed=7` run more of them, and the same choices
/// again; the moments at which threads meet stay the machine's own.
class KillTortureIT {
  @Test
  void keepsEveryPromiseThroughKillsUnderLoad() throws Exception {
    String unavailable = BrokerProcess.whyUnavailable();
    assumeTrue(unavailable.isEmpty() || "true".equals(System.getenv("CI")), unavailable);
    torture();
  }

  private static void torture() throws Exception {
    Torture.Settings settings = Torture.Settings.fromProperties();
    Path directory = BrokerProcess.freshDirectory("torture");
    System.out.println("kill torture: " + settings + " in " + directory);
    Torture torture = new Torture(settings, directory, System.out::println);
    torture.run();
    assertTrue(
        torture.verdict().clean(),
        () ->
            "seed %d, data kept in %s: %s%n%s"
                .formatted(
                    settings.seed(),
                    directory,
                    torture.verdict().summary(),
                    torture.verdict().details()));
    Directories.remove(directory);
  }

  /// For long runs without a test runner; the same properties.
  public static void main(String[] arguments) throws Exception {
    torture();
  }
}
