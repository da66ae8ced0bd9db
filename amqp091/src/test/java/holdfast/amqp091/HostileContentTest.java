package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.QueueMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bodies that do not fit their headers, and channels used against the rules. A well-behaved client
/// is connected all the time, and is served after each of them.
class HostileContentTest {
  private static final byte[] PUBLISH =
      Wire.method(1, new BasicMethod.Publish("", "content", false, false));

  @TempDir static Path directory;
  private static TestBroker broker;
  private static Witness witness;

  @BeforeAll
  static void open() throws IOException {
    broker = TestBroker.open(directory);
    witness = new Witness(broker.port());
    witness.client().channel(2).declare(2, "content", false);
  }

  @AfterEach
  void othersAreServedAndNothingCameThrough() throws IOException {
    witness.check();
    RawClient client = witness.client();
    QueueMethod.PurgeOk purged =
        client.call(2, new QueueMethod.Purge("content", false), QueueMethod.PurgeOk.class);
    assertThat(purged.messageCount()).as("messages from broken content").isZero();
    broker.awaitNothingHeld();
  }

  @AfterAll
  static void close() throws IOException {
    witness.client().delete(2, "content");
    witness.close();
    broker.awaitNothingHeld();
    broker.close();
  }

  private static RawClient open(int channel) throws IOException {
    return RawClient.open(broker.port()).channel(channel);
  }

  private static void closesConnection(int code, byte[]... octets) throws IOException {
    try (RawClient client = open(1).send(octets)) {
      client.expectClosed(code);
    }
  }

  private static byte[] header(long bodyBytes) {
    return Wire.header(1, bodyBytes, Wire.TRANSIENT);
  }

  private static byte[] body(int length) {
    return Wire.body(1, new byte[length]);
  }

  // --- bodies and headers ---

  @Test
  void refusesABodyLongerThanAnnounced() throws IOException {
    closesConnection(501, PUBLISH, header(10), body(11));
    closesConnection(501, PUBLISH, header(10), body(9), body(2));
    closesConnection(501, PUBLISH, header(1), body(100_000));
  }

  @Test
  void refusesABodyAfterAMessageIsComplete() throws IOException {
    try (RawClient client = open(1)) {
      client.send(PUBLISH, header(0), body(1));
      client.expectClosed(505);
    }
    witness.client().call(2, new QueueMethod.Purge("content", false), QueueMethod.PurgeOk.class);
  }

  @Test
  void refusesAMethodWhereABodyIsDue() throws IOException {
    byte[] get = Wire.method(1, new BasicMethod.Get("content", true));
    closesConnection(505, PUBLISH, get);
    closesConnection(505, PUBLISH, PUBLISH);
    closesConnection(505, PUBLISH, header(10), get);
    closesConnection(505, PUBLISH, header(10), body(9), PUBLISH);
  }

  @Test
  void refusesContentThatNoMethodAnnounced() throws IOException {
    closesConnection(505, header(10));
    closesConnection(505, body(10));
    closesConnection(505, PUBLISH, body(10));
    closesConnection(505, PUBLISH, header(10), header(10));
    closesConnection(505, Wire.method(1, new BasicMethod.Get("nothing", true)), header(0));
  }

  @Test
  void refusesHeadersThatAreNotTheBasicClass() throws IOException {
    byte[] ofClass50 = Wire.bytes(out -> out.writeInt(50 << 16).writeLong(1).writeShort(0));
    closesConnection(505, PUBLISH, Wire.frame(Wire.HEADER, 1, ofClass50));
    closesConnection(502, PUBLISH, Wire.frame(Wire.HEADER, 1, new byte[11]));
    closesConnection(502, PUBLISH, Wire.frame(Wire.HEADER, 1));
  }

  @Test
  void refusesPropertiesThatLie() throws IOException {
    closesConnection(502, PUBLISH, Wire.header(1, 1, new byte[0]));
    closesConnection(502, PUBLISH, Wire.header(1, 1, new byte[] {(byte) 0x80, 0, 9, 'x'}));
    closesConnection(502, PUBLISH, Wire.header(1, 1, new byte[] {0, 0, 1}));
    byte[] headersWithoutEnd = {0x20, 0, 0x7F, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF};
    closesConnection(502, PUBLISH, Wire.header(1, 1, headersWithoutEnd));
  }

  @Test
  void closesOnlyTheChannelOfAMessageThatIsTooLarge() throws IOException {
    for (long size : new long[] {TestBroker.MESSAGE_BYTES_MAX + 1, 1L << 32, 1L << 62}) {
      try (RawClient client = open(1).channel(3)) {
        client.send(PUBLISH, header(size), body(100_000), body(100_000));
        client.expectChannelClosed(1, 406);
        client.channel(1).declare(3, "content", false);
        client.bye();
      }
    }
    closesConnection(502, PUBLISH, header(1L << 63));
    closesConnection(502, PUBLISH, header(-1));
  }

  /// What a header announces takes no memory: 2,000 of them cost the peer some 100 KB.
  @Test
  void takesNoMemoryForWhatIsOnlyAnnounced() throws IOException {
    int channels = 2_000;
    try (RawClient client = RawClient.open(broker.port())) {
      for (int channel = 1; channel <= channels; channel++) {
        client.send(
            Wire.method(channel, new ChannelMethod.Open()),
            Wire.method(channel, new BasicMethod.Publish("", "content", false, false)),
            Wire.header(channel, TestBroker.MESSAGE_BYTES_MAX, Wire.TRANSIENT),
            Wire.body(channel, new byte[10]));
      }
      for (int channel = 1; channel <= channels; channel++) {
        client.expect(channel, ChannelMethod.OpenOk.class);
      }
      assertThat(broker.broker().memory().used()).isLessThan(1_000_000);
    }
    broker.awaitNothingHeld();
  }

  @Test
  void forgetsAMessageWhosePublisherDiesInTheMiddle() throws IOException {
    try (RawClient client = open(1)) {
      client.send(PUBLISH, header(1_000_000), body(100_000), body(100_000));
      TestBroker.await("the body", () -> broker.broker().memory().used() >= 200_000);
    }
    broker.awaitNothingHeld();
    try (RawClient client = open(1)) {
      client.send(PUBLISH, header(1_000_000), body(100_000));
      client.call(0, new ConnectionMethod.Close(200, "", 0, 0), ConnectionMethod.CloseOk.class);
    }
    try (RawClient client = open(1)) {
      byte[] header = Wire.header(1, 300, BasicProperties.builder().userId("eve").build().raw());
      client.send(PUBLISH, header, body(300));
      client.expectChannelClosed(1, 406);
      client.bye();
    }
  }

  // --- channels ---

  @Test
  void refusesWhatIsSentOnAChannelThatIsNotOpen() throws IOException {
    closesConnection(504, Wire.method(2, new BasicMethod.Get("content", true)));
    closesConnection(504, Wire.method(2, new ChannelMethod.Close(200, "", 0, 0)));
    closesConnection(504, Wire.header(2, 10, Wire.TRANSIENT));
    closesConnection(504, Wire.body(2, new byte[10]));
    byte[] close = Wire.method(1, new ChannelMethod.Close(200, "", 0, 0));
    try (RawClient client = open(1).send(close)) {
      client.expect(1, ChannelMethod.CloseOk.class);
      client.send(PUBLISH).expectClosed(504);
    }
  }

  @Test
  void refusesContentAndChannelMethodsOnChannelZero() throws IOException {
    closesConnection(503, Wire.method(0, new ChannelMethod.Open()));
    closesConnection(503, Wire.method(0, new BasicMethod.Publish("", "content", false, false)));
    closesConnection(504, Wire.header(0, 10, Wire.TRANSIENT));
    closesConnection(504, Wire.body(0, new byte[10]));
    closesConnection(503, Wire.method(1, new ConnectionMethod.Close(200, "", 0, 0)));
  }

  @Test
  void refusesChannelsAboveTheAgreedNumberAndOpenOnes() throws IOException {
    closesConnection(530, Wire.method(2048, new ChannelMethod.Open()));
    closesConnection(530, Wire.method(65_535, new ChannelMethod.Open()));
    closesConnection(504, Wire.method(1, new ChannelMethod.Open()));
  }

  @Test
  void ignoresWhatComesOnAChannelItHasClosed() throws IOException {
    try (RawClient client = open(1)) {
      client.send(1, new BasicMethod.Get("nowhere", true));
      ChannelMethod.Close close = client.expect(1, ChannelMethod.Close.class);
      assertThat(close.replyCode()).isEqualTo(404);
      client.send(PUBLISH, header(5), body(5), body(7), PUBLISH, PUBLISH);
      client.send(1, new BasicMethod.Get("content", true));
      client.send(1, new ChannelMethod.CloseOk());
      client.channel(1).declare(1, "content", false).bye();
    }
  }

  @Test
  void doesNothingOnAChannelThatThePeerHasClosed() throws Exception {
    byte[] closeAndOn =
        Wire.concat(
            Wire.method(1, new ChannelMethod.Close(200, "", 0, 0)),
            Wire.method(1, RawClient.consume("content", true)),
            Wire.method(1, RawClient.queue("after close", true)),
            PUBLISH,
            header(5),
            body(5),
            Wire.method(1, new ChannelMethod.Close(200, "", 0, 0)));
    try (RawClient client = open(1).send(closeAndOn)) {
      client.expect(1, ChannelMethod.CloseOk.class);
      client.channel(1).channel(3).bye();
    }
    assertThat(broker.inspect().queues())
        .allSatisfy(queue -> assertThat(queue.consumers()).isZero())
        .noneMatch(queue -> queue.name().equals("after close"));
  }

  @Test
  void refusesSettlementsOfWhatWasNeverDelivered() throws IOException {
    for (long tag : new long[] {1, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
      for (boolean multiple : new boolean[] {false, true}) {
        try (RawClient client = open(1).send(1, new BasicMethod.Ack(tag, multiple))) {
          client.expectChannelClosed(1, 406);
          client.channel(1).send(1, new BasicMethod.Nack(tag, multiple, true));
          client.expectChannelClosed(1, 406);
          client.bye();
        }
      }
    }
  }

  @Test
  void refusesNamesThatBelongToTheBroker() throws IOException {
    try (RawClient client = open(1)) {
      client.send(1, RawClient.queue("amq.mine", false));
      client.expectChannelClosed(1, 403);
      client.channel(1).send(1, new QueueMethod.Bind("content", "", "k", false, Map.of()));
      client.expectChannelClosed(1, 403);
      client.bye();
    }
  }
}
