package holdfast.server.e2e;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The packaged broker as a user runs it: a process of its own, on any free port, told apart from
/// ours by nothing but its command line. Owned by one test thread.
///
/// The command is `./holdfast serve` of this repository, or the words of the system property
/// `holdfast.broker.command`, in which `{port}` and `{data}` are replaced; any broker that prints
/// the same ready line will do.
public final class BrokerProcess implements AutoCloseable {
  public static final String COMMAND_PROPERTY = "holdfast.broker.command";

  private static final Pattern READY =
      Pattern.compile(
          "(?m)^\\S.* ready in (\\d+) ms: amqp (\\S+):(\\d+)(?: amqps \\S+:(\\d+))? data .*$");
  private static final Duration START_PATIENCE = Duration.ofSeconds(90);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

  private final Process process;
  private final Path printed;
  private final Path log;
  private final Thread reaper;
  private int port;
  private int tlsPort;
  private long readyMs;

  private BrokerProcess(Process process, Path printed, Path log) {
    this.process = process;
    this.printed = printed;
    this.log = log;
    // Whatever ends this JVM, no broker is left behind.
    this.reaper = Thread.ofPlatform().unstarted(this::signalKill);
    Runtime.getRuntime().addShutdownHook(reaper);
  }

  /// Why the broker cannot be started here, or an empty text.
  public static String whyUnavailable() {
    if (System.getProperty(COMMAND_PROPERTY) != null) {
      return "";
    }
    Path stamp = repository().resolve("server/target/dist/stamp");
    return Files.exists(stamp) ? "" : "the broker is not packaged: run ./mvnw -DskipTests package";
  }

  /// The directory that holds the launcher: the nearest one above with `holdfast` and `pom.xml`.
  public static Path repository() {
    Path start = Path.of(System.getProperty("holdfast.home", "")).toAbsolutePath();
    for (Path at = start; at != null; at = at.getParent()) {
      if (Files.isRegularFile(at.resolve("holdfast")) && Files.exists(at.resolve("pom.xml"))) {
        return at;
      }
    }
    throw new IllegalStateException("no launcher above " + start);
  }

  /// A fresh directory on the build's own disk: the system's temporary one may be memory.
  public static Path freshDirectory(String name) throws IOException {
    Path parent = Files.createDirectories(repository().resolve("server/target/brokers"));
    return Files.createTempDirectory(parent, name + "-");
  }

  /// Starts the broker on a data directory and returns when it accepts connections.
  public static BrokerProcess start(Path directory, String... arguments) throws Exception {
    return awaited(spawn(directory, arguments));
  }

  /// Starts a broker that is not the one under test, with its options behind these words.
  static BrokerProcess startCommand(List<String> command, Path directory, String... options)
      throws Exception {
    List<String> words = new ArrayList<>(command);
    words.addAll(List.of("serve", "--port=0", "--data=" + directory.resolve("data")));
    words.addAll(List.of(options));
    return awaited(spawn(directory, words));
  }

  private static BrokerProcess awaited(BrokerProcess broker) throws Exception {
    try {
      broker.awaitReady();
      return broker;
    } catch (Exception | AssertionError failed) {
      broker.kill();
      throw failed;
    }
  }

  /// Starts the broker and returns at once: it may be killed while it recovers.
  public static BrokerProcess spawn(Path directory, String... arguments) throws IOException {
    return spawn(directory, command(directory.resolve("data"), arguments));
  }

  private static BrokerProcess spawn(Path directory, List<String> command) throws IOException {
    Files.createDirectories(directory);
    Path printed = directory.resolve("stdout");
    Path log = directory.resolve("broker.log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectOutput(printed.toFile())
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    // What is tested is what was packaged, even while somebody edits a source.
    builder.environment().put("HOLDFAST_NO_BUILD", "1");
    return new BrokerProcess(builder.start(), printed, log);
  }

  private static List<String> command(Path data, String... arguments) {
    String words =
        System.getProperty(
            COMMAND_PROPERTY,
            repository().resolve("holdfast") + " serve --port {port} --data {data}");
    return Stream.concat(Arrays.stream(words.strip().split("\\s+")), Arrays.stream(arguments))
        .map(word -> word.replace("{port}", "0").replace("{data}", data.toString()))
        .toList();
  }

  private void awaitReady() throws Exception {
    Await.until(
        "the broker's ready line",
        START_PATIENCE,
        () -> {
          Matcher ready = READY.matcher(Files.readString(printed));
          if (ready.find()) {
            readyMs = Long.parseLong(ready.group(1));
            port = Integer.parseInt(ready.group(3));
            tlsPort = ready.group(4) == null ? 0 : Integer.parseInt(ready.group(4));
            return true;
          }
          if (!process.isAlive()) {
            throw new IllegalStateException(
                "the broker ended with " + process.exitValue() + ":\n" + logTail());
          }
          return false;
        });
  }

  public int port() {
    return port;
  }

  /// Where it listens with TLS; 0 if it does not.
  public int tlsPort() {
    return tlsPort;
  }

  /// Everything it has logged.
  public String log() throws IOException {
    return Files.readString(log);
  }

  /// From exec to open port, as the broker itself says.
  public long readyMs() {
    return readyMs;
  }

  public boolean alive() {
    return process.isAlive();
  }

  public String logTail() {
    try {
      List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    } catch (IOException unreadable) {
      return "(no log: " + unreadable + ")";
    }
  }

  /// SIGKILL, and returns when the process is gone: its files are then nobody's.
  public void kill() throws InterruptedException {
    List<ProcessHandle> family = signalKill();
    if (!process.waitFor(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("a killed broker still lives: pid " + process.pid());
    }
    for (ProcessHandle member : family) {
      member.onExit().orTimeout(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }
    forget();
  }

  // The launcher execs the JVM, so ours is one process; another broker may be a tree, killed from
  // a list taken before the first signal, since orphans are nobody's descendants.
  private List<ProcessHandle> signalKill() {
    List<ProcessHandle> family = process.descendants().toList();
    process.destroyForcibly();
    family.forEach(ProcessHandle::destroyForcibly);
    return family;
  }

  /// SIGTERM: a clean stop.
  @Override
  public void close() {
    process.destroy();
    boolean ended = false;
    try {
      ended = process.waitFor(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      signalKill();
    }
    forget();
    if (!ended) {
      throw new IllegalStateException("the broker did not stop when asked to:\n" + logTail());
    }
  }

  private void forget() {
    try {
      Runtime.getRuntime().removeShutdownHook(reaper);
    } catch (IllegalStateException ending) {
      // The JVM is going down already and the hook runs anyway.
      return;
    }
  }
}
