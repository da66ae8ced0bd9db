package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.LongString;
import holdfast.amqp091.codec.QueueMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a peer can do wrong before its connection is open. A well-behaved client is connected all
/// the time, and is served after each of them.
class HostileLoginTest {
  private static final Map<String, @Nullable Object> CAN_BE_TOLD =
      Map.of("authentication_failure_close", true);

  @TempDir static Path directory;
  private static TestBroker broker;
  private static Witness witness;

  @BeforeAll
  static void open() throws IOException {
    TestBroker.Setup patientForASecond = TestBroker.Setup.USUAL.handshakeTimeout(1_000);
    broker = new TestBroker(directory, patientForASecond);
    witness = new Witness(broker.port());
  }

  @AfterEach
  void othersAreServed() throws IOException {
    witness.check();
  }

  @AfterAll
  static void close() throws IOException {
    witness.close();
    broker.awaitNothingHeld();
    broker.close();
  }

  private static RawClient connect() throws IOException {
    return RawClient.connect(broker.port());
  }

  /// A peer that has been asked who it is.
  private static RawClient started() throws IOException {
    RawClient client = connect().send(Wire.PROTOCOL_HEADER);
    client.expect(0, ConnectionMethod.Start.class);
    return client;
  }

  /// A peer that has said who it is.
  private static RawClient loggedIn() throws IOException {
    RawClient client = started().send(0, RawClient.startOk("guest", "guest", Map.of()));
    client.expect(0, ConnectionMethod.Tune.class);
    return client;
  }

  @Test
  void answersAnyOtherBeginningWithItsOwnHeaderAndHangsUp() throws IOException {
    List<byte[]> beginnings =
        List.of(
            new byte[] {'A', 'M', 'Q', 'P', 1, 1, 0, 9},
            new byte[] {'A', 'M', 'Q', 'P', 0, 1, 0, 0},
            new byte[] {'A', 'M', 'Q', 'P', 3, 1, 0, 0},
            new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 2},
            new byte[] {'a', 'm', 'q', 'p', 0, 0, 9, 1},
            new byte[8],
            Wire.text("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            tlsHello(),
            Wire.frame(Wire.HEARTBEAT, 0));
    for (byte[] beginning : beginnings) {
      try (RawClient client = connect().send(beginning)) {
        assertThat(client.read(8)).isEqualTo(Wire.PROTOCOL_HEADER);
        client.expectHungUp();
      }
    }
  }

  private static byte[] tlsHello() {
    byte[] hello = new byte[300];
    byte[] start = {0x16, 3, 1, 1, 0x27, 1, 0, 1, 0x23, 3, 3};
    System.arraycopy(start, 0, hello, 0, start.length);
    return hello;
  }

  @Test
  void hangsUpOnWhoFallsSilentBeforeTheConnectionIsOpen() throws IOException {
    List<RawClient> silent = new ArrayList<>();
    silent.add(connect());
    silent.add(connect().send(Wire.text("AMQ")));
    silent.add(started());
    silent.add(started().send(new byte[] {1, 0, 0, 0}));
    silent.add(loggedIn());
    RawClient tuned = loggedIn();
    tuned.send(0, new ConnectionMethod.TuneOk(0, 0, 0));
    silent.add(tuned);
    for (RawClient client : silent) {
      client.expectHungUp();
      client.close();
    }
  }

  @Test
  void hangsUpOnWhoTakesTooLongWhateverItSends() throws Exception {
    try (RawClient client = started()) {
      byte[] heartbeat = Wire.frame(Wire.HEARTBEAT, 0);
      TestBroker.await("the end", () -> hasEnded(client, heartbeat));
    }
  }

  private static boolean hasEnded(RawClient client, byte[] next) {
    try {
      client.send(next);
      return false;
    } catch (IOException gone) {
      return true;
    }
  }

  @Test
  void refusesMethodsThatAreNotDueYet() throws IOException {
    List<byte[]> early =
        List.of(
            Wire.method(1, new ChannelMethod.Open()),
            Wire.method(1, RawClient.queue("early", true)),
            Wire.method(0, new ConnectionMethod.Open("/")),
            Wire.method(0, new ConnectionMethod.TuneOk(0, 0, 0)),
            Wire.method(0, new ConnectionMethod.Start(0, 9, Map.of(), text(), text())),
            Wire.method(0, new ConnectionMethod.SecureOk(text())));
    for (byte[] method : early) {
      try (RawClient client = started().send(method)) {
        client.expectClosed(503);
      }
    }
    List<byte[]> earlyToo =
        List.of(
            Wire.method(0, RawClient.startOk("guest", "guest", Map.of())),
            Wire.method(0, new ConnectionMethod.Open("/")),
            Wire.method(1, new BasicMethod.Get("early", true)),
            Wire.method(1, new QueueMethod.Purge("early", false)));
    for (byte[] method : earlyToo) {
      try (RawClient client = loggedIn().send(method)) {
        client.expectClosed(503);
      }
    }
  }

  private static LongString text() {
    return LongString.of("");
  }

  @Test
  void refusesContentBeforeTheConnectionIsOpen() throws IOException {
    try (RawClient client = started().send(Wire.header(1, 5, Wire.TRANSIENT))) {
      client.expectClosed(505);
    }
    try (RawClient client = loggedIn().send(Wire.body(1, new byte[5]))) {
      client.expectClosed(505);
    }
  }

  @Test
  void saysNothingOfAFailedLoginToWhoCannotBeTold() throws IOException {
    try (RawClient client = started()) {
      client.send(0, RawClient.startOk("guest", "wrong", Map.of()));
      client.expectHungUp();
    }
    Map<String, @Nullable Object> not = Map.of("authentication_failure_close", false);
    try (RawClient client = started().send(0, RawClient.startOk("root", "guest", not))) {
      client.expectHungUp();
    }
  }

  @Test
  void saysSoToWhoCanBeToldOfAFailedLogin() throws IOException {
    try (RawClient client = started()) {
      client.send(0, RawClient.startOk("guest", "wrong", CAN_BE_TOLD));
      client.expectClosed(403);
    }
  }

  @Test
  void refusesCredentialsThatMakeNoSense() throws IOException {
    for (String response : List.of("", "guest", "\0guest", "\0guest\0guest\0guest")) {
      refusesResponse(403, "PLAIN", LongString.of(response));
    }
    refusesResponse(403, "EXTERNAL", LongString.of(""));
    refusesResponse(403, "", LongString.of("\0guest\0guest"));
    refusesResponse(403, "AMQPLAIN", LongString.of(""));
    byte[] nameTooLong = {(byte) 200, 'L', 'O', 'G', 'I', 'N'};
    refusesResponse(502, "AMQPLAIN", LongString.of(nameTooLong));
  }

  private static void refusesResponse(int code, String mechanism, LongString response)
      throws IOException {
    Map<String, @Nullable Object> properties = Map.of("capabilities", CAN_BE_TOLD);
    try (RawClient client = started()) {
      client.send(0, new ConnectionMethod.StartOk(properties, mechanism, response, "en_US"));
      client.expectClosed(code);
    }
  }

  @Test
  void refusesALargeFrameBeforeItKnowsWhoSendsIt() throws IOException {
    byte[] large = Wire.frame(Wire.METHOD, 0, 100_000, new byte[16], 0);
    try (RawClient client = started().send(large)) {
      client.expectClosed(501);
    }
  }

  @Test
  void refusesFrameSizesAndChannelCountsOutsideTheLimits() throws IOException {
    refusesTuning(new ConnectionMethod.TuneOk(2047, 4095, 60));
    refusesTuning(new ConnectionMethod.TuneOk(2047, 1, 60));
    refusesTuning(new ConnectionMethod.TuneOk(2047, RawClient.FRAME_BYTES_MAX + 1L, 60));
    refusesTuning(new ConnectionMethod.TuneOk(2047, 0xFFFF_FFFFL, 60));
    refusesTuning(new ConnectionMethod.TuneOk(2048, RawClient.FRAME_BYTES_MAX, 60));
    refusesTuning(new ConnectionMethod.TuneOk(65_535, RawClient.FRAME_BYTES_MAX, 60));
  }

  private static void refusesTuning(ConnectionMethod.TuneOk tuning) throws IOException {
    try (RawClient client = loggedIn().send(0, tuning)) {
      client.expectClosed(530);
    }
  }

  @Test
  void refusesAVirtualHostThatIsNotThere() throws IOException {
    for (String host : List.of("", "nowhere", "x".repeat(255))) {
      try (RawClient client = loggedIn()) {
        client.send(0, new ConnectionMethod.TuneOk(0, 0, 0));
        client.send(0, new ConnectionMethod.Open(host));
        client.expectClosed(530);
      }
    }
  }

  @Test
  void understandsAPeerThatSendsOneOctetAtATime() throws IOException {
    byte[] whole =
        Wire.concat(
            Wire.PROTOCOL_HEADER,
            Wire.method(0, RawClient.startOk("guest", "guest", Map.of())),
            Wire.method(0, new ConnectionMethod.TuneOk(0, 0, 0)),
            Wire.method(0, new ConnectionMethod.Open("/")),
            Wire.method(1, new ChannelMethod.Open()),
            Wire.method(1, RawClient.queue("slowly", false)),
            Wire.method(1, new BasicMethod.Publish("", "slowly", false, false)),
            Wire.content(1, Wire.TRANSIENT, Wire.text("slowly"), 4096),
            Wire.method(1, new BasicMethod.Get("slowly", true)));
    try (RawClient client = connect()) {
      for (byte octet : whole) {
        client.send(new byte[] {octet});
      }
      client.expect(0, ConnectionMethod.Start.class);
      client.expect(0, ConnectionMethod.Tune.class);
      client.expect(0, ConnectionMethod.OpenOk.class);
      client.expect(1, ChannelMethod.OpenOk.class);
      client.expect(1, QueueMethod.DeclareOk.class);
      RawClient.Content content = client.expectContent(1, BasicMethod.GetOk.class);
      assertThat(content.body()).isEqualTo(Wire.text("slowly"));
      client.delete(1, "slowly").bye();
    }
  }
}
