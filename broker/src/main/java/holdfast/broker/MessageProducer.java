package holdfast.broker;

import holdfast.core.Command;
import holdfast.core.Durability;
import holdfast.core.Event;
import holdfast.core.Message;
import holdfast.core.PropertyFormat;
import holdfast.core.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/// Sends messages to one queue, in order. Threads may share one; the order is that of their calls.
public final class MessageProducer implements AutoCloseable {
  private static final long BLOCKED_CHECK_MS = 50;

  private final Holdfast holdfast;
  private final MessageQueue queue;
  private final Session session;
  private final Object lock = new Object();

  /// Sends that are not confirmed, by tag.
  private final TreeMap<Long, Send> unconfirmed = new TreeMap<>();

  private long lastTag;
  private boolean closed;

  private static final class Send {
    private final Message message;
    private final CompletableFuture<Void> future = new CompletableFuture<>();

    /// Whether no queue took it.
    private boolean returned;

    Send(Message message) {
      this.message = message;
    }
  }

  MessageProducer(Holdfast holdfast, MessageQueue queue) {
    this.holdfast = holdfast;
    this.queue = queue;
    this.session = holdfast.openSession(new Confirms());
    holdfast.submit(new Command.SelectConfirms(session, true));
  }

  /// Sends a message. The future completes when the message is safe: on disk for a durable queue,
  /// in the queue for another. It completes exceptionally, with a [MessagingException], when the
  /// queue is gone or the broker stops first; then the message may or may not be there.
  ///
  /// Blocks while the broker holds more messages than its memory limit, or is short of disk. What
  /// is chained to the future runs on a thread of the broker: it must not block, and so must not
  /// send; chain such work with an executor of its own.
  ///
  /// @param body not to be changed afterwards
  public CompletableFuture<Void> send(byte[] body) {
    return send(body, queue.kind() == QueueKind.DURABLE ? Durability.DURABLE : Durability.MEMORY);
  }

  /// The same for a message that is to be safer, or less safe, than others in its queue. The future
  /// completes when the message is as safe as `durability` says.
  ///
  /// @param durability makes no difference in a queue that is not durable
  public CompletableFuture<Void> send(byte[] body, Durability durability) {
    Message message =
        new Message(
            "",
            queue.name(),
            PropertyFormat.NONE,
            new byte[0],
            body,
            durability,
            SystemClock.nowMs());
    Send send = new Send(message);
    synchronized (lock) {
      awaitUnblocked();
      if (closed) {
        throw new MessagingException("this producer is closed", holdfast.failure());
      }
      unconfirmed.put(++lastTag, send);
      holdfast.broker().memory().add(message.footprint());
      holdfast.submit(new Command.Publish(session, message, true));
    }
    return send.future;
  }

  private void awaitUnblocked() {
    try {
      while (!closed
          && (holdfast.broker().blockedReason() != null
              || holdfast.broker().memory().used() > holdfast.broker().memory().high())) {
        lock.wait(BLOCKED_CHECK_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MessagingException("interrupted while the broker was blocking producers", e);
    }
  }

  private final class Confirms implements Holdfast.SessionEvents {
    @Override
    public void event(Event event) {
      switch (event) {
        case Event.Returned returned -> markReturned(returned.message());
        case Event.Confirmed confirmed -> confirm(confirmed.tag(), confirmed.multiple());
        case Event.Refused refused -> refuse(refused.tag());
        default -> {
          // The answer to closing the session: nothing follows from it.
        }
      }
    }

    private void markReturned(Message message) {
      synchronized (lock) {
        for (Send send : unconfirmed.values()) {
          if (send.message == message) {
            send.returned = true;
            return;
          }
        }
      }
    }

    private void refuse(long tag) {
      Send send;
      synchronized (lock) {
        send = unconfirmed.remove(tag);
        lock.notifyAll();
      }
      if (send != null) {
        send.future.completeExceptionally(
            new MessagingException(
                "queue '" + queue.name() + "' is full and takes no more for now", null));
      }
    }

    private void confirm(long tag, boolean multiple) {
      List<Send> safe = new ArrayList<>();
      synchronized (lock) {
        if (multiple) {
          var upTo = unconfirmed.headMap(tag, true);
          safe.addAll(upTo.values());
          upTo.clear();
        } else {
          Send send = unconfirmed.remove(tag);
          if (send != null) {
            safe.add(send);
          }
        }
        lock.notifyAll();
      }
      for (Send send : safe) {
        if (send.returned) {
          send.future.completeExceptionally(
              new MessagingException("queue '" + queue.name() + "' is not there any more", null));
        } else {
          send.future.complete(null);
        }
      }
    }

    @Override
    public void ended(Throwable cause) {
      fail(cause);
    }
  }

  private void fail(Throwable cause) {
    List<Send> left;
    synchronized (lock) {
      closed = true;
      left = List.copyOf(unconfirmed.values());
      unconfirmed.clear();
      lock.notifyAll();
    }
    MessagingException stopped =
        new MessagingException("not confirmed: " + cause.getMessage(), cause);
    left.forEach(send -> send.future.completeExceptionally(stopped));
  }

  /// Closes: waits for the sends under way.
  @Override
  public void close() {
    CompletableFuture<?>[] left;
    synchronized (lock) {
      closed = true;
      left = unconfirmed.values().stream().map(s -> s.future).toArray(CompletableFuture[]::new);
    }
    CompletableFuture.allOf(left).exceptionally(failed -> null).join();
    holdfast.closeSession(session);
  }
}
