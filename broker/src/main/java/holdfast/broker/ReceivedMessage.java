package holdfast.broker;

import holdfast.core.Command;
import holdfast.core.Session;

/// A message in a consumer's hands, until it says what became of it.
public final class ReceivedMessage {
  private final Holdfast holdfast;
  private final Session session;
  private final long tag;
  private final byte[] body;
  private final boolean redelivered;

  ReceivedMessage(Holdfast holdfast, Session session, long tag, byte[] body, boolean redelivered) {
    this.holdfast = holdfast;
    this.session = session;
    this.tag = tag;
    this.body = body;
    this.redelivered = redelivered;
  }

  /// The body, not to be changed.
  public byte[] body() {
    return body;
  }

  /// Whether it may have been delivered before.
  public boolean redelivered() {
    return redelivered;
  }

  /// It is processed: it leaves the queue.
  public void ack() {
    settle(Command.Outcome.ACCEPTED);
  }

  /// It is refused for good: it leaves the queue.
  public void reject() {
    settle(Command.Outcome.REJECTED);
  }

  /// It goes back to its place in the queue.
  public void giveBack() {
    settle(Command.Outcome.RETURNED);
  }

  private void settle(Command.Outcome outcome) {
    holdfast.submit(new Command.Settle(session, tag, false, outcome));
  }
}
