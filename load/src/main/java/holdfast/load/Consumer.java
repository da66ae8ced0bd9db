package holdfast.load;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.Method;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Takes messages from one or more queues, checks and acknowledges them. Belongs to the loop of its
/// connection.
final class Consumer implements Role {
  /// What one consumer is to do.
  ///
  /// @param lane where it is counted
  /// @param arrivals of each queue; empty where nothing is checked
  /// @param alternately see [LoadPlan.Consuming]
  /// @param delayMs time to take for each message; 0 for none
  record Task(
      Lane lane,
      String[] queues,
      QueueArrivals[] arrivals,
      boolean autoAck,
      int ackEvery,
      boolean alternately,
      int prefetch,
      Map<String, Object> arguments,
      long delayMs) {}

  private static final int ACKS_BUFFERED = 1024;

  private final Link link;
  private final LoadLoop loop;
  private final Channel channel;
  private final Task task;
  private final Lane lane;
  private final @Nullable QueueArrivals only;
  private @Nullable ByteBuf acks;
  private int consuming;
  private int unacknowledged;
  private long lastTag;

  /// Of a slow consumer: the last tag it has dealt with. Messages up to `lastTag` wait.
  private long slowTag;

  private boolean isResting;

  Consumer(Link link, Task task) {
    this.link = link;
    this.task = task;
    loop = link.loop();
    channel = link.channel();
    lane = task.lane();
    only = task.arrivals().length == 1 ? task.arrivals()[0] : null;
  }

  @Override
  public void opened() {
    if (task.autoAck()) {
      consume();
    } else {
      link.send(Link.CHANNEL, new BasicMethod.Qos(0, task.prefetch(), false));
    }
  }

  private void consume() {
    for (int i = 0; i < task.queues().length; i++) {
      link.send(
          Link.CHANNEL,
          new BasicMethod.Consume(
              task.queues()[i],
              HotFrames.tag(i),
              false,
              task.autoAck(),
              false,
              false,
              task.arguments()));
    }
  }

  @Override
  public void method(Method method) {
    switch (method) {
      case BasicMethod.QosOk ok -> consume();
      case BasicMethod.ConsumeOk ok -> {
        if (++consuming == task.queues().length) {
          link.becomesReady();
        }
      }
      case BasicMethod.Cancel cancel ->
          link.fail("the broker cancelled a consumer: its queue is gone");
      default -> link.fail("a consumer was sent " + method);
    }
  }

  @Override
  public void delivered(
      int consumer, long tag, boolean redelivered, long stamp, long time, long bodyBytes) {
    lane.received++;
    lastTag = tag;
    if (bodyBytes >= HotFrames.STAMP_BYTES && task.arrivals().length > 0) {
      QueueArrivals arrivals = only != null ? only : task.arrivals()[consumer];
      arrivals.arrived(stamp, redelivered, lane, loop.tally());
      if (loop.isMeasuring()) {
        lane.deliveries.record(loop.nowNs() - time);
      }
    }
    if (task.delayMs() > 0) {
      rest();
    } else if (!task.autoAck()) {
      acknowledge(tag);
    }
  }

  private void acknowledge(long tag) {
    if (task.ackEvery() == 1) {
      ack(tag, false);
    } else if (++unacknowledged >= task.ackEvery()) {
      ackGroup();
    }
  }

  private void ackGroup() {
    if (task.alternately()) {
      long first = lastTag - unacknowledged + 1;
      for (long tag = first + 1; tag <= lastTag; tag += 2) {
        ack(tag, false);
      }
      for (long tag = first; tag <= lastTag; tag += 2) {
        ack(tag, false);
      }
    } else {
      ack(lastTag, true);
    }
    unacknowledged = 0;
  }

  private void ack(long tag, boolean multiple) {
    ByteBuf out = acks;
    if (out == null) {
      out = channel.alloc().directBuffer(HotFrames.ACK_BYTES * ACKS_BUFFERED);
      acks = out;
    }
    HotFrames.ack(out, tag, multiple);
    if (out.writableBytes() < HotFrames.ACK_BYTES) {
      channel.write(out);
      acks = null;
    }
  }

  @Override
  public void readDone() {
    ByteBuf out = acks;
    if (out != null) {
      acks = null;
      channel.write(out);
    }
    channel.flush();
  }

  /// Acknowledges what is left of a group that has not become full.
  void settleRest() {
    if (unacknowledged > 0) {
      ackGroup();
      readDone();
    }
  }

  // -- slow ones --

  /// Reads no more until the messages in hand have had their time, each.
  private void rest() {
    if (!isResting) {
      isResting = true;
      channel.config().setAutoRead(false);
      loop.executor().schedule(this::dealtWithOne, task.delayMs(), TimeUnit.MILLISECONDS);
    }
  }

  private void dealtWithOne() {
    slowTag++;
    if (!channel.isActive()) {
      return;
    }
    if (!task.autoAck()) {
      ack(slowTag, false);
      readDone();
    }
    if (slowTag < lastTag) {
      loop.executor().schedule(this::dealtWithOne, task.delayMs(), TimeUnit.MILLISECONDS);
    } else {
      isResting = false;
      channel.config().setAutoRead(true);
    }
  }
}
