package holdfast.amqp091;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Heartbeats both ways: one is sent when nothing else was for half the agreed time, and a peer not
/// heard of for twice that time is hung up on; not while it is not read from. One a connection, on
/// its event loop.
final class Heartbeats {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);

  private final AmqpConnection connection;
  private final ChannelHandlerContext ctx;
  private @Nullable ScheduledFuture<?> ticks;
  private long intervalMs;
  private long heardAtMs;
  private long saidAtMs;

  Heartbeats(AmqpConnection connection, ChannelHandlerContext ctx) {
    this.connection = connection;
    this.ctx = ctx;
  }

  void start(int seconds) {
    if (seconds == 0) {
      return;
    }
    intervalMs = TimeUnit.SECONDS.toMillis(seconds);
    heard();
    said();
    long tickMs = intervalMs / 2;
    ticks = ctx.executor().scheduleAtFixedRate(this::tick, tickMs, tickMs, TimeUnit.MILLISECONDS);
  }

  void stop() {
    ScheduledFuture<?> running = ticks;
    if (running != null) {
      running.cancel(false);
    }
  }

  void heard() {
    if (intervalMs != 0) {
      heardAtMs = SystemClock.ticksMs();
    }
  }

  void said() {
    if (intervalMs != 0) {
      saidAtMs = SystemClock.ticksMs();
    }
  }

  private void tick() {
    long nowMs = SystemClock.ticksMs();
    if (!connection.isReading()) {
      heardAtMs = nowMs;
    }
    if (nowMs - heardAtMs > 2 * intervalMs) {
      LOG.warn("{}: nothing heard for {} ms: hanging up", connection.name(), nowMs - heardAtMs);
      connection.hangUp();
      return;
    }
    if (nowMs - saidAtMs >= intervalMs / 2) {
      connection.writeHeartbeat();
      saidAtMs = nowMs;
    }
  }
}
