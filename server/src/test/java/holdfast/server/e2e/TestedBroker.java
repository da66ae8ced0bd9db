package holdfast.server.e2e;

import java.nio.file.Path;

/// The broker that a test class talks to: the packaged one, started for it on a fresh directory,
/// or, with the system property `holdfast.test.port`, whatever listens there. That is how the
/// tests' expectations are checked against RabbitMQ.
final class TestedBroker implements AutoCloseable {
  private static final Integer RUNNING_PORT = Integer.getInteger("holdfast.test.port");

  private final Path directory;
  private BrokerProcess process;

  private TestedBroker(Path directory, BrokerProcess process) {
    this.directory = directory;
    this.process = process;
  }

  /// False where the test may neither stop the broker nor choose its settings.
  static boolean isOurs() {
    return RUNNING_PORT == null;
  }

  static TestedBroker start(String name, String... options) throws Exception {
    if (isOurs()) {
      Needed.packagedBroker();
    }
    Path directory = BrokerProcess.freshDirectory(name);
    BrokerProcess process = isOurs() ? BrokerProcess.start(directory, options) : null;
    return new TestedBroker(directory, process);
  }

  int port() {
    return process == null ? RUNNING_PORT : process.port();
  }

  /// A place for the test's own files; it goes with the broker.
  Path directory() {
    return directory;
  }

  /// SIGKILL and a new start on what is on disk; a broker that is not ours stays as it is.
  void killAndStartAgain() throws Exception {
    if (process != null) {
      process.kill();
      process = BrokerProcess.start(directory);
    }
  }

  @Override
  public void close() {
    try {
      if (process != null) {
        process.close();
      }
    } finally {
      Directories.remove(directory);
    }
  }
}
