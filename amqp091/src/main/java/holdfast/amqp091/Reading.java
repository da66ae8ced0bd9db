package holdfast.amqp091;

import holdfast.broker.Broker;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.TimeUnit;

/// Whether a connection is read from, and why not: the gate has not caught up, publishers are
/// blocked, or the peer does not read. One a connection, on its event loop.
final class Reading {
  /// Commands wait for the gate.
  static final int GATE = 1;

  /// Publishers are blocked and this one has used up what it may send all the same.
  static final int BLOCKED = 2;

  /// Answers wait because the peer does not read them.
  static final int ANSWERS = 4;

  /// What a blocked publisher may still send before it is read no more, in bytes; acks behind a
  /// publish flow until then.
  private static final long BLOCKED_BYTES_MAX = 64 * 1024;

  private static final long LOOK_AGAIN_MS = 500;

  private final ChannelHandlerContext ctx;
  private final Broker broker;
  private int reasons;
  private long publishedWhileBlocked;

  /// Whether a look is due: one at a time, however often reading stops and goes on.
  private boolean looking;

  Reading(ChannelHandlerContext ctx, Broker broker) {
    this.ctx = ctx;
    this.broker = broker;
  }

  boolean isOn() {
    return reasons == 0;
  }

  /// A message has been read.
  void published(long bytes) {
    boolean full = broker.memory().used() > broker.memory().high();
    if (broker.blockedReason() == null && !full) {
      publishedWhileBlocked = 0;
      return;
    }
    publishedWhileBlocked += bytes;
    if (publishedWhileBlocked > BLOCKED_BYTES_MAX) {
      pause(BLOCKED);
    }
  }

  void pause(int reason) {
    if (reasons == 0) {
      ctx.channel().config().setAutoRead(false);
      lookAgainLater();
    }
    reasons |= reason;
  }

  void resume(int reason) {
    if ((reasons & reason) == 0) {
      return;
    }
    reasons &= ~reason;
    if (reason == BLOCKED) {
      publishedWhileBlocked = 0;
    }
    if (reasons == 0) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  void resumeAll() {
    resume(GATE);
    resume(BLOCKED);
    resume(ANSWERS);
  }

  /// The gate tells when it is over, but a block can end before the gate has met this client as a
  /// publisher that is to be told: so the reason is looked at again now and then.
  private void lookAgainLater() {
    if (looking) {
      return;
    }
    looking = true;
    ctx.executor()
        .schedule(
            () -> {
              looking = false;
              boolean full = broker.memory().used() > broker.memory().high();
              if (broker.blockedReason() == null && !full) {
                resume(BLOCKED);
              }
              if (reasons != 0 && ctx.channel().isActive()) {
                lookAgainLater();
              }
            },
            LOOK_AGAIN_MS,
            TimeUnit.MILLISECONDS);
  }
}
