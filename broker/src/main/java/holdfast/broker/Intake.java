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
/// client's other commands, and none of the others is taken while a settlement stands.
///
/// Who settles without end (a consumer that returns whatever it is given) does not keep the others
/// waiting: settlements that come meanwhile get their places when as many of the others as a
/// quarter of those before have had their turn.
final class Intake {
  /// At least so many of the others have their turn, if there are so many.
  private static final int TURN = 16;

  /// So many settlements are worth a turn of one of the others.
  private static final int SETTLEMENTS = 4;

  private final ConcurrentLinkedQueue<List<? extends Command>> submissions =
      new ConcurrentLinkedQueue<>();

  // Guarded by ownership of the gate.
  private final ArrayDeque<Command> settlements = new ArrayDeque<>();
  private final ArrayDeque<Command> others = new ArrayDeque<>();

  /// So many of the others come before what has no place yet. Above 0 while a settlement stands.
  private int turn;

  /// Any thread.
  void add(List<? extends Command> submission) {
    submissions.add(submission);
  }

  /// Gives everything that was submitted its place in a row, if it is time.
  ///
  /// @param othersGo whether there are others, and they could have their turn
  void sort(boolean othersGo) {
    if (othersGo && turn > 0) {
      return;
    }
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
    turn = Math.max(TURN, settlements.size() / SETTLEMENTS);
  }

  /// The next of those that let go of messages, or null.
  @Nullable Command nextSettlement() {
    return settlements.poll();
  }

  boolean hasOthers() {
    return !others.isEmpty();
  }

  /// Whether it is the turn of one of the others.
  boolean isTurnOfOthers() {
    return turn > 0 && settlements.isEmpty() && hasOthers();
  }

  /// The next of the others; there is one.
  Command nextOther() {
    Command next = others.remove();
    turn--;
    next.session().client().stood(-1);
    return next;
  }

  private static boolean letsGo(Command command) {
    return isSettlement(command) || command instanceof Command.Resume;
  }

  static boolean isSettlement(Command command) {
    return command instanceof Command.Settle || command instanceof Command.SettleRow;
  }
}
