package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.ConnectionFactory;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A broker in this process on a directory of its own, and its command line.
final class AdministeredBroker implements AutoCloseable {
  final Path data;
  private final Running running;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  AdministeredBroker(Path data, String... settings) throws Exception {
    this.data = data;
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--port", "0", "--bind", "127.0.0.1", "--data", data.toString()));
    for (String setting : settings) {
      arguments.addAll(List.of("--set", setting));
    }
    ServeArguments serve =
        ServeArguments.parsePlain(arguments.toArray(String[]::new)).orElseThrow();
    running = new Assembly(SettingsReader.read(serve.load())).start();
  }

  ConnectionFactory factory() {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(running.amqpAddresses().getFirst().getPort());
    factory.setAutomaticRecoveryEnabled(false);
    return factory;
  }

  ExitStatus run(String... words) throws InterruptedException {
    out.reset();
    err.reset();
    List<String> arguments = new ArrayList<>(List.of("--data", data.toString()));
    arguments.addAll(List.of(words));
    return new Main(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8))
        .run(arguments.toArray(String[]::new));
  }

  /// What a command prints that does what it was asked.
  String say(String... words) throws InterruptedException {
    assertThat(run(words)).as(err.toString(StandardCharsets.UTF_8)).isEqualTo(ExitStatus.CLEAN);
    return out.toString(StandardCharsets.UTF_8);
  }

  /// What a command complains about, after it ended like this.
  String refused(ExitStatus status, String... words) throws InterruptedException {
    assertThat(run(words)).as(String.join(" ", words)).isEqualTo(status);
    return err.toString(StandardCharsets.UTF_8);
  }

  /// What the command printed last.
  String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  List<Map<String, Object>> rows(String... words) throws InterruptedException {
    List<String> asked = new ArrayList<>(List.of(words));
    asked.add("--json");
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Object row : (List<?>) JsonReader.read(say(asked.toArray(String[]::new)))) {
      Map<String, Object> named = new java.util.LinkedHashMap<>();
      ((Map<?, ?>) row).forEach((key, value) -> named.put(String.valueOf(key), value));
      rows.add(named);
    }
    return rows;
  }

  @Override
  public void close() throws Exception {
    running.close();
  }
}
