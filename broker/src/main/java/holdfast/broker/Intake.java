package holdfast.broker;

import holdfast.core.Client;
import holdfast.core.Command;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// What waits for the gate, in two rows: what lets go of messages, and everything else.
///
/// Settlements, and news that a client can be sent more, do not stand behind the publishes of
/// others. Publishers hand in as much as they may, so one row is always as long as that; a consumer
/// whose acks wait there gets so much per length of the row, and no more than was published
/// meanwhile. A queue that has once grown beyond its consumer would stay so for as long as its
/// publishers are in a hurry.
///
/// Commands of one client stay in their order, whatever they are: a settlement stands behind its
/// client's other commands, and none of the others is taken while a settlement stands. They cannot
/// be kept waiting by that, since settlements are no more than were delivered.
final class Intake {
  private final ConcurrentLinkedQueue<List<? extends Command>> submissions =
      new ConcurrentLinkedQueue<>();

  // Guarded by ownership of the gate.
  private final ArrayDeque<Command> settlements = new ArrayDeque<>();
  private final ArrayDeque<Command> others = new ArrayDeque<>();

  /// Any thread.
  void add(List<? extends Command> submission) {
    submissions.add(submission);
  }

  /// Gives everything that was submitted its place in a row.
  void sort() {
    List<? extends Command> submission = submissions.poll();
    while (submission != null) {
      for (int i = 0; i < submission.size(); i++) {
        Command command = submission.get(i);
        Client client = command.session().client();
        if (letsGo(command) && !client.stands()) {
          settlements.add(command);
        } else {
          client.stood(1);
          others.add(command);
        }
      }
      submission = submissions.poll();
    }
  }

  /// The next of those that let go of messages, or null.
  @Nullable Command nextSettlement() {
    return settlements.poll();
  }

  /// Whether it is the turn of one of the others.
  boolean isTurnOfOthers() {
    return settlements.isEmpty() && !others.isEmpty();
  }

  /// The next of the others; there is one.
  Command nextOther() {
    Command next = others.remove();
    next.session().client().stood(-1);
    return next;
  }

  private static boolean letsGo(Command command) {
    return command instanceof Command.Settle
        || command instanceof Command.SettleRow
        || command instanceof Command.Resume;
  }
}
