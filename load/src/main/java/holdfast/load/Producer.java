package holdfast.load;

import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.ConfirmMethod;
import holdfast.amqp091.codec.Method;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Publishes as fast as its window, its pace and the socket allow, many messages a buffer and one
/// flush a wake-up. Belongs to the loop of its connection.
final class Producer implements Role {
  /// What one producer is to publish.
  ///
  /// @param lane where it is counted
  /// @param count at most so many messages
  /// @param firstDueNs when its first message is due after the start, and
  /// @param intervalNs the time between two of them; 0 for as fast as it goes
  /// @param every one message for so many small ones of its loop; 0 for no such limit
  record Task(
      Lane lane,
      long stamp,
      String[] keys,
      int[] copies,
      String exchange,
      boolean mandatory,
      BasicProperties properties,
      int bodyBytes,
      int unconfirmed,
      long count,
      double firstDueNs,
      double intervalNs,
      long every) {}

  /// What is written before the socket is asked again whether it takes more.
  private static final int BUFFER_BYTES = 64 << 10;

  /// After so many buffers the other connections of the loop have their turn.
  private static final int BUFFERS_MAX = 4;

  /// How often a producer whose turn has not come looks whether it has.
  private static final long LOOK_MS = 1;

  private final Link link;
  private final LoadLoop loop;
  private final Channel channel;
  private final Task task;
  private final Lane lane;
  private final @Nullable InFlight inFlight;

  /// The next message's stamp for each target: its number counts up in the lowest bits.
  private final long[] stamps;

  private byte[][] publishFrames = {};
  private byte[] content = {};
  private final int stampAt;
  private int messageBytesMax;

  private int target;
  private long sent;
  private long startNs;
  private boolean isRunning;
  private boolean isPumping;

  Producer(Link link, Task task) {
    this.link = link;
    this.task = task;
    loop = link.loop();
    channel = link.channel();
    lane = task.lane();
    inFlight = task.unconfirmed() > 0 ? new InFlight(task.unconfirmed()) : null;
    stamps = new long[task.keys().length];
    Arrays.fill(stamps, task.stamp());
    stampAt = HotFrames.stampAt(task.properties());
  }

  @Override
  public void opened() {
    content =
        HotFrames.content(Link.CHANNEL, task.properties(), task.bodyBytes(), link.frameBytesMax());
    publishFrames = new byte[task.keys().length][];
    for (int i = 0; i < publishFrames.length; i++) {
      publishFrames[i] =
          HotFrames.publish(Link.CHANNEL, task.exchange(), task.keys()[i], task.mandatory());
      messageBytesMax = Math.max(messageBytesMax, publishFrames[i].length + content.length);
    }
    if (inFlight == null) {
      link.becomesReady();
    } else {
      link.send(Link.CHANNEL, new ConfirmMethod.Select(false));
    }
  }

  @Override
  public void method(Method method) {
    if (method instanceof ConfirmMethod.SelectOk) {
      link.becomesReady();
    } else {
      link.fail("a producer was sent " + method);
    }
  }

  /// Messages are due from `startNs` on. Whoever has a pace is called by it.
  void start(long startNs) {
    this.startNs = startNs;
    isRunning = true;
    if (!isPaced()) {
      pump(startNs);
    }
  }

  boolean isPaced() {
    return task.intervalNs() > 0;
  }

  void stop() {
    isRunning = false;
  }

  /// When its message with that number, from 0, is due.
  long dueNs(long number) {
    return startNs + (long) (task.firstDueNs() + number * task.intervalNs());
  }

  @Override
  public void settled(long tag, boolean multiple, boolean refused) {
    InFlight flight = inFlight;
    if (flight == null) {
      throw new BrokenStream("a confirm that nobody has asked for");
    }
    int settled =
        flight.settle(
            tag, multiple, loop.nowNs(), loop.isMeasuring() && !refused ? lane.confirms : null);
    if (refused) {
      lane.nacked += settled;
    } else {
      lane.confirmed += settled;
    }
  }

  @Override
  public void returned() {
    loop.tally().returned++;
  }

  @Override
  public void readDone() {
    pump(System.nanoTime());
  }

  @Override
  public void writable() {
    pump(System.nanoTime());
  }

  /// Writes what may be written now.
  void pump(long nowNs) {
    // Flushing may say that the socket takes more, before the flush has returned.
    if (isPumping) {
      return;
    }
    isPumping = true;
    int buffers = 0;
    long room = room(nowNs);
    while (room > 0 && channel.isWritable()) {
      if (buffers == BUFFERS_MAX) {
        channel.eventLoop().execute(this::pumpAgain);
        break;
      }
      int count = (int) Math.min(room, Math.max(1, BUFFER_BYTES / messageBytesMax));
      channel.write(messages(count, nowNs));
      buffers++;
      room = room(nowNs);
    }
    if (buffers > 0) {
      channel.flush();
    }
    isPumping = false;
  }

  private void pumpAgain() {
    pump(System.nanoTime());
  }

  private long room(long nowNs) {
    if (!isRunning || link.isBlocked()) {
      return 0;
    }
    long room = task.count() - sent;
    if (inFlight != null) {
      room = Math.min(room, inFlight.room());
    }
    if (task.every() > 0) {
      room = Math.min(room, loop.tally().small.published / task.every() - sent);
      if (room <= 0 && inFlight != null && inFlight.unconfirmed() == 0) {
        channel.eventLoop().schedule(this::pumpAgain, LOOK_MS, TimeUnit.MILLISECONDS);
      }
    }
    if (isPaced()) {
      double since = nowNs - startNs - task.firstDueNs();
      long due = since < 0 ? 0 : (long) (since / task.intervalNs()) + 1;
      room = Math.min(room, due - sent);
    }
    return room;
  }

  private ByteBuf messages(int count, long nowNs) {
    ByteBuf out = channel.alloc().directBuffer(count * messageBytesMax);
    ByteBuffer octets = out.internalNioBuffer(0, count * messageBytesMax);
    int start = octets.position();
    int at = start;
    InFlight flight = inFlight;
    boolean isPaced = isPaced();
    for (int i = 0; i < count; i++) {
      byte[] publish = publishFrames[target];
      long timeNs = isPaced ? dueNs(sent) : nowNs;
      octets.put(at, publish);
      at += publish.length;
      octets.put(at, content);
      octets.putLong(at + stampAt, stamps[target]++);
      octets.putLong(at + stampAt + Long.BYTES, timeNs);
      at += content.length;
      lane.expected += task.copies()[target];
      if (flight != null) {
        flight.sent(timeNs);
      }
      sent++;
      target = target + 1 == publishFrames.length ? 0 : target + 1;
    }
    lane.published += count;
    return out.writerIndex(at - start);
  }
}
