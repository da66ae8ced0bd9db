package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ControlServerTest {
  @TempDir Path dir;

  @Test
  void answersEachRequestWithOneDocument() throws Exception {
    try (ControlServer server = ControlServer.start(dir, new Told())) {
      assertThat(server.socket()).isEqualTo(dir.toRealPath().resolve("control.sock"));
      assertThat(ControlClient.ask(dir, "status")).isEqualTo("{\"version\":\"1\",\"queues\":2}");
      assertThat(ControlClient.ask(dir, "connections")).isEqualTo("[]");
      assertThat(JsonReader.read(ControlClient.ask(dir, "queues"))).asString().contains("orders");
      assertThat(ControlClient.ask(dir, "reboot")).startsWith("{\"error\":\"unknown request");
    }
  }

  @Test
  void theSocketIsItsOwnersAndGoesWithTheServer() throws Exception {
    ControlServer server = ControlServer.start(dir, new Told());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.socket())))
        .isEqualTo("rw-------");
    server.close();
    server.close();
    assertThat(dir).isEmptyDirectory();
    assertThatThrownBy(() -> ControlClient.ask(dir, "status"))
        .isInstanceOf(NoBroker.class)
        .hasMessageStartingWith("no broker is running on data directory " + dir);
  }

  @Test
  void aDeadBrokersSocketIsReplaced() throws Exception {
    Path socket = dir.toRealPath().resolve("control.sock");
    ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    dead.bind(UnixDomainSocketAddress.of(socket));
    dead.close();
    assertThat(socket).exists();
    assertThatThrownBy(() -> ControlClient.ask(dir, "status")).isInstanceOf(NoBroker.class);
    try (ControlServer server = ControlServer.start(dir, new Told())) {
      assertThat(ControlClient.ask(dir, "connections")).isEqualTo("[]");
      assertThat(server.socket()).isEqualTo(socket);
    }
  }

  @Test
  void aLivingBrokersSocketIsNot() throws Exception {
    try (ControlServer first = ControlServer.start(dir, new Told())) {
      assertThatThrownBy(() -> ControlServer.start(dir, new Told()))
          .isInstanceOfSatisfying(
              StartRefused.class,
              refused -> assertThat(refused.status()).isEqualTo(ExitStatus.DATA_REFUSED))
          .hasMessageContaining("another broker is running");
      assertThat(ControlClient.ask(dir, "connections")).isEqualTo("[]");
      assertThat(first.socket()).exists();
    }
  }

  @Test
  void aSocketWithTooLongAPathStandsElsewhere() throws Exception {
    Path deep = Files.createDirectories(dir.resolve("d".repeat(60)).resolve("e".repeat(60)));
    Path note = deep.resolve("control.path");
    Path left;
    try (ControlServer server = ControlServer.start(deep, new Told())) {
      Path directory = server.socket().getParent();
      assertThat(server.socket().toString().length()).isLessThan(ControlPlace.PATH_BYTES_MAX);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
          .isEqualTo("rwx------");
      assertThat(note).hasContent(server.socket().toString());
      assertThat(ControlClient.ask(deep, "connections")).isEqualTo("[]");
      left = directory;
    }
    assertThat(note).doesNotExist();
    assertThat(left).doesNotExist();
  }

  @Test
  void aDeadBrokersSocketElsewhereIsReplacedToo() throws Exception {
    Path deep = Files.createDirectories(dir.resolve("d".repeat(60)).resolve("e".repeat(60)));
    Path former = ControlPlace.prepare(deep);
    ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    dead.bind(UnixDomainSocketAddress.of(former));
    dead.close();
    try (ControlServer server = ControlServer.start(deep, new Told())) {
      assertThat(server.socket()).isNotEqualTo(former);
      assertThat(former.getParent()).doesNotExist();
      assertThat(ControlClient.ask(deep, "connections")).isEqualTo("[]");
    }
  }

  @Test
  void aDamagedNoteNeverCostsAFile() throws Exception {
    Path precious = Files.writeString(dir.resolve("precious"), "data");
    Files.writeString(dir.resolve("control.path"), precious.toString());
    try (ControlServer server = ControlServer.start(dir, new Told())) {
      assertThat(ControlClient.ask(dir, "connections")).isEqualTo("[]");
      assertThat(server.socket()).exists();
    }
    Files.write(dir.resolve("control.path"), new byte[] {'a', 0, 'b', '\n', (byte) 0xff});
    ControlServer.start(dir, new Told()).close();
    assertThat(precious).hasContent("data");
  }

  @Test
  void garbageIsAnsweredOrDroppedAndHarmsNobody() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (ControlServer server = ControlServer.start(dir, new Told())) {
      for (int i = 0; i < 200; i++) {
        byte[] garbage = new byte[random.nextInt(3000)];
        random.nextBytes(garbage);
        try (SocketChannel client = connect(server)) {
          client.write(ByteBuffer.wrap(garbage));
          if (random.nextBoolean()) {
            client.shutdownOutput();
          }
        } catch (IOException closed) {
          assertThat(closed)
              .as("a refusal, seed %d", seed)
              .hasMessageMatching("(?i).*(broken|reset).*");
        }
      }
      assertThat(ControlClient.ask(dir, "connections")).as("seed %d", seed).isEqualTo("[]");
    }
  }

  @Test
  void aRequestWithoutAnEndIsRefused() throws Exception {
    try (ControlServer server = ControlServer.start(dir, new Told());
        SocketChannel client = connect(server)) {
      client.write(ByteBuffer.allocate(ControlExchange.REQUEST_BYTES_MAX));
      assertThat(readAll(client)).contains("the request is too long");
    }
  }

  @Test
  void silentClientsAreDroppedAndNeverKeepOthersOut() throws Exception {
    List<SocketChannel> silent = new ArrayList<>();
    try (ControlServer server = ControlServer.start(dir, new Told(), 300)) {
      for (int i = 0; i < 3 * ControlServer.CLIENT_COUNT_MAX; i++) {
        silent.add(connect(server));
      }
      assertThat(ControlClient.ask(dir, "connections")).isEqualTo("[]");
      assertThat(readAll(silent.getFirst())).isEmpty();
    } finally {
      for (SocketChannel client : silent) {
        client.close();
      }
    }
  }

  @Test
  void aLongAnswerArrivesWhole() throws Exception {
    List<Map<String, Object>> many = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      many.add(Map.of("name", "queue-" + i, "messages", i));
    }
    Told told = new Told();
    told.queues = many;
    try (ControlServer server = ControlServer.start(dir, told)) {
      assertThat(server.socket()).exists();
      Object answer = JsonReader.read(ControlClient.ask(dir, "queues"));
      assertThat(answer).asInstanceOf(InstanceOfAssertFactories.LIST).hasSize(50_000);
    }
  }

  @Test
  void aBugInAnAnswerIsToldAndHarmsNobody() throws Exception {
    Told told = new Told();
    told.queues = null;
    try (ControlServer server = ControlServer.start(dir, told)) {
      assertThat(server.socket()).exists();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      PrintStream to = new PrintStream(err, true, StandardCharsets.UTF_8);
      assertThat(new InspectCommand(to, to).run(new Command.Inspect("queues", dir, false)))
          .isEqualTo(ExitStatus.BUG);
      assertThat(err.toString(StandardCharsets.UTF_8)).contains("its log says why");
      assertThat(ControlClient.ask(dir, "connections")).isEqualTo("[]");
    }
  }

  @Test
  void aBrokerThatDoesNotAnswerIsToldFromNone() throws Exception {
    Path socket = dir.toRealPath().resolve("control.sock");
    try (ServerSocketChannel mute = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      mute.bind(UnixDomainSocketAddress.of(socket));
      assertThatThrownBy(() -> ControlClient.ask(dir, "status", 100))
          .isInstanceOf(NoBroker.class)
          .hasMessageContaining("does not answer: nothing came within 100 ms");
    }
  }

  private static SocketChannel connect(ControlServer server) throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(server.socket()));
  }

  private static String readAll(SocketChannel client) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    while (client.read(buffer) >= 0) {
      // Until the server closes.
    }
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
  }

  private static final class Told implements Inspection {
    private List<Map<String, Object>> queues =
        List.of(Map.of("name", "orders", "messages", 12), Map.of("name", "mail", "messages", 3));

    @Override
    public Map<String, Object> status() {
      Map<String, Object> status = new LinkedHashMap<>();
      status.put("version", "1");
      status.put("queues", queues.size());
      return status;
    }

    @Override
    public List<Map<String, Object>> queues() {
      if (queues == null) {
        throw new IllegalStateException("on purpose");
      }
      return queues;
    }

    @Override
    public List<Map<String, Object>> connections() {
      return List.of();
    }
  }
}
