package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.ChannelMethod;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Much of what is allowed, or nearly: it costs the peer more than the broker. A well-behaved
/// client is connected all the time, and is served after, and during, each of them.
class FloodTest {
  private static final int MIB = 1024 * 1024;

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

  /// Memory that Netty holds outside the heap.
  private static long bufferBytes() {
    ByteBufAllocatorMetricProvider allocator =
        (ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT;
    return allocator.metric().usedDirectMemory();
  }

  private static byte[] repeated(byte[] part, int times) {
    byte[] whole = new byte[part.length * times];
    for (int i = 0; i < times; i++) {
      System.arraycopy(part, 0, whole, i * part.length, part.length);
    }
    return whole;
  }

  @Test
  void takesAHundredThousandTinyFrames() throws IOException {
    byte[] heartbeats = repeated(Wire.frame(Wire.HEARTBEAT, 0), 1_000);
    byte[] emptyBody = Wire.body(1, new byte[0]);
    try (RawClient client = RawClient.open(broker.port()).channel(1)) {
      for (int i = 0; i < 50; i++) {
        client.send(heartbeats);
      }
      client.send(
          Wire.method(1, new BasicMethod.Publish("", "nowhere", false, false)),
          Wire.header(1, 1, Wire.TRANSIENT));
      byte[] emptyBodies = repeated(emptyBody, 1_000);
      for (int i = 0; i < 50; i++) {
        client.send(emptyBodies);
      }
      client.send(Wire.body(1, new byte[1])).declare(1, "tiny", false).delete(1, "tiny").bye();
    }
  }

  @Test
  void opensAndClosesAChannelTenThousandTimes() throws Exception {
    byte[] openAndClose =
        Wire.concat(
            Wire.method(1, new ChannelMethod.Open()),
            Wire.method(1, new ChannelMethod.Close(200, "", 0, 0)));
    try (RawClient client = RawClient.open(broker.port())) {
      for (int i = 0; i < 10_000; i++) {
        client.send(openAndClose);
        client.expect(1, ChannelMethod.OpenOk.class);
        client.expect(1, ChannelMethod.CloseOk.class);
      }
      assertThat(broker.inspect().clients())
          .allSatisfy(c -> assertThat(c.sessions()).isLessThan(3));
      client.bye();
    }
  }

  @Test
  void opensAllTheChannelsThereAreAndClosesThemAtOnce() throws Exception {
    try (RawClient client = RawClient.open(broker.port())) {
      for (int channel = 1; channel <= 2047; channel++) {
        client.send(channel, new ChannelMethod.Open());
      }
      for (int channel = 1; channel <= 2047; channel++) {
        client.expect(channel, ChannelMethod.OpenOk.class);
      }
    }
    TestBroker.await("the witness to be alone", () -> clients() == 1);
  }

  private static int clients() {
    try {
      return broker.inspect().clients().size();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void servesOthersBesideThousandsOfHalfOpenConnections() throws IOException {
    byte[] halfAFrame = Wire.frame(Wire.METHOD, 0, 8_000, new byte[7_000], 0);
    List<RawClient> halfOpen = new ArrayList<>();
    long before = bufferBytes();
    try {
      for (int i = 0; i < 3_000; i++) {
        RawClient client = RawClient.connect(broker.port());
        halfOpen.add(client);
        switch (i % 3) {
          case 0 -> {}
          case 1 -> client.send(Wire.text("AMQ"));
          default -> client.send(Wire.PROTOCOL_HEADER, halfAFrame);
        }
        if (i % 500 == 0) {
          witness.check();
        }
      }
      witness.check();
      assertThat(bufferBytes() - before).as("bytes of buffers").isLessThan(64L * MIB);
    } finally {
      for (RawClient client : halfOpen) {
        client.close();
      }
    }
  }

  /// Every read ends inside a frame, so the octets left over always have company: what was read
  /// must not stay in front of them.
  @Test
  void keepsNoOctetsThatItHasRead() throws IOException {
    byte[] body = new byte[100_000];
    byte[] message =
        Wire.concat(
            Wire.method(1, new BasicMethod.Publish("", "nowhere", false, false)),
            Wire.content(1, Wire.TRANSIENT, body, RawClient.FRAME_BYTES_MAX));
    try (RawClient client = RawClient.open(broker.port()).channel(1)) {
      long before = bufferBytes();
      long most = 0;
      client.send(Arrays.copyOf(message, 50_000));
      byte[] misaligned =
          Wire.concat(
              Arrays.copyOfRange(message, 50_000, message.length), Arrays.copyOf(message, 50_000));
      for (int i = 0; i < 2_000; i++) {
        client.send(misaligned);
        most = Math.max(most, bufferBytes() - before);
      }
      client.send(Arrays.copyOfRange(message, 50_000, message.length));
      client.declare(1, "aligned", false).delete(1, "aligned").bye();
      assertThat(most).as("bytes of buffers").isLessThan(16L * MIB);
    }
  }

  /// One message asked for a thousand times over, and never read: 50 KB of requests for 4 GB of
  /// answers.
  @Test
  void holdsNoCopiesForAPeerThatAsksAndDoesNotRead() throws IOException {
    byte[] getAndGiveBack =
        Wire.concat(
            Wire.method(1, new BasicMethod.Get("large", false)),
            Wire.method(1, new BasicMethod.Nack(0, true, true)));
    int gets = 1_000;
    byte[] body = new byte[TestBroker.MESSAGE_BYTES_MAX];
    try (RawClient client = RawClient.open(broker.port()).channel(1).declare(1, "large", false)) {
      client.publish(1, "large", Wire.TRANSIENT, body);
      long before = bufferBytes();
      client.send(repeated(getAndGiveBack, gets));
      TestBroker.await(
          "the answers to wait",
          () -> broker.broker().memory().used() > (gets - 20L) * TestBroker.MESSAGE_BYTES_MAX);
      assertThat(bufferBytes() - before).as("bytes of buffers").isLessThan(64L * MIB);
      for (int i = 0; i < 30; i++) {
        assertThat(client.expectContent(1, BasicMethod.GetOk.class).body()).isEqualTo(body);
      }
      assertThat(bufferBytes() - before).as("bytes of buffers").isLessThan(64L * MIB);
    }
    witness.client().channel(2).delete(2, "large");
    witness.client().call(2, new ChannelMethod.Close(200, "", 0, 0), ChannelMethod.CloseOk.class);
    broker.awaitNothingHeld();
  }
}
