package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.ExchangeMethod;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.QueueMethod;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Frames and methods that are not what they should be, on an open connection. A well-behaved
/// client is connected all the time, and is served after each of them.
class HostileFrameTest {
  private static final long[] SIZES_TOO_LARGE = {
    RawClient.FRAME_BYTES_MAX - 7, 1 << 20, Integer.MAX_VALUE, 1L << 31, 0xFFFF_FFFFL
  };

  @TempDir static Path directory;
  private static TestBroker broker;
  private static Witness witness;

  @BeforeAll
  static void open() throws IOException {
    broker = TestBroker.open(directory);
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

  private static void closesConnection(int code, byte[]... octets) throws IOException {
    try (RawClient client = RawClient.open(broker.port()).channel(1)) {
      client.send(octets);
      client.expectClosed(code);
    }
  }

  private static void refusesArguments(int classId, int methodId, Consumer<ByteBuf> arguments)
      throws IOException {
    closesConnection(502, Wire.method(1, classId, methodId, Wire.bytes(arguments)));
  }

  // --- frames ---

  @Test
  void refusesFramesLargerThanAgreed() throws IOException {
    for (long size : SIZES_TOO_LARGE) {
      for (int type : new int[] {Wire.METHOD, Wire.HEADER, Wire.BODY, Wire.HEARTBEAT}) {
        closesConnection(501, Wire.frame(type, 1, size, new byte[0], 0));
      }
    }
    try (RawClient client = RawClient.connect(broker.port()).handshake(0, 4096).channel(1)) {
      client.send(Wire.frame(Wire.METHOD, 1, 4089, new byte[0], 0));
      client.expectClosed(501);
    }
  }

  @Test
  void refusesFramesOfUnknownTypeAndWithoutTheirEnd() throws IOException {
    for (int type : new int[] {0, 4, 5, 6, 7, 9, 'A', 255}) {
      closesConnection(501, Wire.frame(type, 0));
    }
    byte[] open = Wire.bytes(out -> out.writeShort(20).writeShort(10).writeByte(0));
    for (int end : new int[] {0, 0xCD, 0xCF, 0xFF}) {
      closesConnection(501, Wire.frame(Wire.METHOD, 2, open.length, open, end));
    }
  }

  @Test
  void refusesMalformedHeartbeats() throws IOException {
    closesConnection(505, Wire.frame(Wire.HEARTBEAT, 1));
    closesConnection(505, Wire.frame(Wire.HEARTBEAT, 65_535));
    closesConnection(501, Wire.frame(Wire.HEARTBEAT, 0, (byte) 1));
  }

  @Test
  void doesNotReadOnWhenAFrameIsOutOfPlace() throws IOException {
    byte[] noise = new byte[20_000];
    java.util.Arrays.fill(noise, (byte) Wire.END);
    try (RawClient client = RawClient.open(broker.port()).channel(1)) {
      client.send(Wire.frame(200, 0), noise, Wire.method(1, RawClient.queue("noise", true)));
      ConnectionMethod.Close close = client.expect(0, ConnectionMethod.Close.class);
      assertThat(close.replyCode()).isEqualTo(501);
    }
    RawClient other = witness.client();
    QueueMethod.Declare passive =
        new QueueMethod.Declare("noise", true, false, false, false, false, Map.of());
    other.channel(2).send(2, passive);
    other.expectChannelClosed(2, 404);
  }

  // --- methods ---

  @Test
  void refusesMethodsThatNobodyKnows() throws IOException {
    closesConnection(503, Wire.method(1, 61, 10));
    closesConnection(503, Wire.method(1, 60, 999));
    closesConnection(503, Wire.method(1, 0, 0));
    closesConnection(503, Wire.method(1, 65_535, 65_535));
    closesConnection(503, Wire.method(0, 10, 99));
    closesConnection(502, Wire.frame(Wire.METHOD, 1));
    closesConnection(502, Wire.frame(Wire.METHOD, 1, new byte[3]));
  }

  @Test
  void refusesMethodsThatOnlyABrokerSends() throws IOException {
    List<Method> ours =
        List.of(
            new BasicMethod.ConsumeOk("c"),
            new BasicMethod.Deliver("c", 1, false, "", "k"),
            new BasicMethod.Return(312, "NO_ROUTE", "", "k"),
            new BasicMethod.GetOk(1, false, "", "k", 0),
            new BasicMethod.GetEmpty(),
            new BasicMethod.QosOk(),
            new BasicMethod.RecoverOk(),
            new QueueMethod.DeclareOk("q", 0, 0),
            new QueueMethod.BindOk(),
            new QueueMethod.UnbindOk(),
            new QueueMethod.PurgeOk(1),
            new QueueMethod.DeleteOk(1),
            new ExchangeMethod.DeclareOk(),
            new ExchangeMethod.DeleteOk(),
            new ExchangeMethod.BindOk(),
            new ExchangeMethod.UnbindOk());
    for (Method method : ours) {
      closesConnection(503, Wire.method(1, method));
    }
    for (Method method :
        List.of(
            new ConnectionMethod.OpenOk(),
            new ConnectionMethod.Tune(0, 0, 0),
            new ConnectionMethod.Blocked("no"),
            new ConnectionMethod.Open("/"),
            new ConnectionMethod.CloseOk())) {
      closesConnection(503, Wire.method(0, method));
    }
  }

  @Test
  void refusesWhatItDoesNotDo() throws IOException {
    closesConnection(540, Wire.method(1, new BasicMethod.Publish("", "q", false, true)));
    closesConnection(540, Wire.method(1, new BasicMethod.Qos(1, 1, false)));
    closesConnection(540, Wire.method(1, new BasicMethod.Recover(false)));
    closesConnection(540, Wire.method(1, new BasicMethod.RecoverAsync(false)));
    closesConnection(540, Wire.method(1, new ChannelMethod.Flow(false)));
  }

  @Test
  void refusesArgumentsThatEndEarlyOrLate() throws IOException {
    byte[] declare = Wire.method(1, RawClient.queue("cut", true));
    int payload = declare.length - 8;
    for (int length = 4; length < payload; length++) {
      byte[] cut = java.util.Arrays.copyOfRange(declare, 7, 7 + length);
      closesConnection(502, Wire.frame(Wire.METHOD, 1, cut));
    }
    byte[] longer = java.util.Arrays.copyOfRange(declare, 7, 7 + payload + 1);
    closesConnection(502, Wire.frame(Wire.METHOD, 1, longer));
  }

  @Test
  void refusesShortStringsThatAreNotText() throws IOException {
    for (String octets : List.of("\u00C3\u0028", "\u00FF", "\u00C0\u0080", "\u00ED\u00A0\u0080")) {
      byte[] malformed = octets.getBytes(StandardCharsets.ISO_8859_1);
      refusesArguments(
          50,
          10,
          out -> {
            out.writeShort(0).writeByte(malformed.length).writeBytes(malformed);
            out.writeByte(0).writeInt(0);
          });
    }
  }

  // --- tables ---

  private static void refusesTable(Consumer<ByteBuf> table) throws IOException {
    refusesArguments(
        50,
        10,
        out -> {
          out.writeShort(0);
          Wire.shortString(out, "table");
          out.writeByte(0);
          table.accept(out);
        });
  }

  @Test
  void refusesTablesNestedTooDeep() throws IOException {
    for (int levels : new int[] {33, 1_000, 10_000}) {
      refusesTable(out -> nested(out, levels));
    }
  }

  /// A table in a table in a table, each the only field of the one around it.
  private static void nested(ByteBuf out, int levels) {
    int perLevel = 7;
    out.writeInt((levels - 1) * perLevel);
    for (int left = levels - 2; left >= 0; left--) {
      out.writeByte(1).writeByte('t').writeByte('F').writeInt(left * perLevel);
    }
  }

  @Test
  void refusesTablesWhoseLengthsLie() throws IOException {
    for (long length : new long[] {1, 100, 1L << 31, 0xFFFF_FFFFL}) {
      refusesTable(out -> out.writeInt((int) length));
      for (char type : "SxAF".toCharArray()) {
        refusesTable(out -> field(out, type).writeInt((int) length));
      }
    }
    refusesTable(out -> out.writeInt(3).writeByte(200).writeByte('k').writeByte('t'));
  }

  private static ByteBuf field(ByteBuf out, int type) {
    out.writeInt(3 + Integer.BYTES);
    return out.writeByte(1).writeByte('k').writeByte(type);
  }

  @Test
  void refusesUnknownTypesInTables() throws IOException {
    for (int type : new int[] {0, 'z', 'Z', '?', 255}) {
      refusesTable(out -> field(out, type).writeInt(0));
    }
  }

  /// The values are sane on the wire, and larger than what anybody behind it can count with.
  @Test
  void livesWithExtremeValuesInTables() throws IOException {
    Map<String, @Nullable Object> extremes =
        Map.of(
            "late", Instant.MAX,
            "early", Instant.MIN,
            "small", new java.math.BigDecimal(java.math.BigInteger.ONE, 255),
            "nothing", Double.NaN,
            "deep", List.of(List.of(Map.of("x", Instant.MAX))));
    QueueMethod.Declare declare =
        new QueueMethod.Declare("extreme", false, true, false, false, false, extremes);
    QueueMethod.Bind bind = new QueueMethod.Bind("extreme", "amq.headers", "k", false, extremes);
    byte[] headers = BasicProperties.builder().headers(extremes).deliveryMode(2).build().raw();
    try (RawClient client = RawClient.open(broker.port()).channel(1).confirms(1)) {
      client.call(1, declare, QueueMethod.DeclareOk.class);
      client.call(1, declare, QueueMethod.DeclareOk.class);
      client.call(1, bind, QueueMethod.BindOk.class);
      BasicMethod.Publish publish = new BasicMethod.Publish("amq.headers", "k", false, false);
      client.publish(1, publish, headers, Wire.text("x"));
      client.expect(1, BasicMethod.Ack.class);
      client.delete(1, "extreme").bye();
    }
  }

  @Test
  void takesAsLargeATableAsAFrameHolds() throws IOException {
    Map<String, @Nullable Object> large = Map.of("large", "x".repeat(130_000));
    try (RawClient client = RawClient.open(broker.port()).channel(1).confirms(1)) {
      QueueMethod.Declare declare =
          new QueueMethod.Declare("large", false, true, false, false, false, large);
      client.call(1, declare, QueueMethod.DeclareOk.class);
      client.call(
          1,
          new QueueMethod.Bind("large", "amq.topic", "k", false, large),
          QueueMethod.BindOk.class);
      byte[] headers = BasicProperties.builder().headers(large).deliveryMode(2).build().raw();
      client.publish(1, "large", headers, new byte[100_000]);
      client.expect(1, BasicMethod.Ack.class);
      client.delete(1, "large").bye();
    }
  }
}
