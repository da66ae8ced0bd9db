package holdfast.broker;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What passes what on the way to the gate. The journal is written when the test says so, so
/// publishes wait for as long as it likes.
@Timeout(60)
final class IntakeTest {
  private static final String TAKEN = "taken";

  /// Several times what the journal's buffer holds.
  private static final int MANY = 100;

  @TempDir private Path directory;

  private static Command[] publishes(Session session, String queue, int count) {
    Command[] commands = new Command[count];
    for (int i = 0; i < count; i++) {
      commands[i] = GateByHand.publish(session, queue, 1000);
    }
    return commands;
  }

  private static void fill(GateByHand rig, String queue, int count) {
    Session session = rig.session();
    for (int i = 1; i <= count; i++) {
      rig.submit(GateByHand.publish(session, queue, 10));
    }
    while (rig.confirmed(session) < count) {
      rig.write();
    }
  }

  /// Else a consumer gets no more than is published meanwhile, and a queue that has grown beyond it
  /// stays so.
  @Test
  void settlementsPassThePublishesOfOthersThatWaitForTheDisk() throws Exception {
    try (GateByHand rig = new GateByHand(directory)) {
      rig.declare(TAKEN, Map.of());
      fill(rig, TAKEN, 20);
      Session taker = rig.consume(rig.newClient(), TAKEN, 1);
      rig.write();
      assertThat(rig.delivered(taker)).isEqualTo(1);
      Session busy = rig.session();
      rig.submit(publishes(busy, GateRig.QUEUE, MANY));
      for (int tag = 1; tag < 20; tag++) {
        rig.submit(GateByHand.accept(taker, tag));
        assertThat(rig.delivered(taker)).isEqualTo(tag + 1);
      }
      assertThat(rig.confirmed(busy)).as("publishes, without a write").isZero();
      for (int i = 0; rig.confirmed(busy) < MANY; i++) {
        assertThat(i).as("writes for the publishes").isLessThan(MANY);
        rig.write();
      }
    }
  }

  /// Acks that are still to be done when their client leaves are done before it does.
  @Test
  void nothingOfAClientPassesItsSettlements() throws Exception {
    try (GateByHand rig = new GateByHand(directory)) {
      rig.declare(TAKEN, Map.of());
      fill(rig, TAKEN, MANY);
      Session taker = rig.consume(rig.newClient(), TAKEN, MANY);
      rig.write();
      assertThat(rig.delivered(taker)).isEqualTo(MANY);
      Command[] commands = new Command[MANY + 1];
      for (int i = 0; i < MANY; i++) {
        commands[i] = GateByHand.accept(taker, i + 1);
      }
      commands[MANY] = new Command.Recover(taker, true);
      rig.submit(commands);
      assertThat(rig.delivered(taker)).as("nothing was returned").isEqualTo(MANY);
    }
  }

  /// A consumer that returns whatever it is given, at once, has a thousand settlements on their way
  /// all the time. The more there are, the more of the others have their turn.
  @Test
  void whoSettlesWithoutEndKeepsNobodyWaiting() throws Exception {
    try (GateByHand rig = new GateByHand(directory)) {
      rig.declare(TAKEN, Map.of());
      int inFlight = 1000;
      fill(rig, TAKEN, inFlight);
      List<Integer> returnedBefore = new ArrayList<>();
      Command look =
          new Command.Inspect(
              rig.client.control(), inspection -> returnedBefore.add(rig.returned()));
      rig.returnAtOnce(100_000, 10_000, Collections.nCopies(inFlight, look));
      rig.consume(rig.newClient(), TAKEN, inFlight);
      rig.write();
      assertThat(rig.returned()).isEqualTo(100_000);
      assertThat(returnedBefore).hasSize(inFlight);
      assertThat(returnedBefore.getFirst()).isBetween(10_000, 10_000 + 3 * inFlight);
      assertThat(returnedBefore.getLast()).isLessThan(10_000 + 8 * inFlight);
    }
  }

  @Test
  void settlementsStandBehindWhatTheirClientPublished() throws Exception {
    try (GateByHand rig = new GateByHand(directory)) {
      rig.declare(TAKEN, Map.of());
      fill(rig, TAKEN, 3);
      Client both = rig.newClient();
      Session taker = rig.consume(both, TAKEN, 1);
      rig.write();
      assertThat(rig.delivered(taker)).isEqualTo(1);
      Session publisher = both.newSession(77);
      rig.submit(new Command.SelectConfirms(publisher, true));
      rig.submit(publishes(publisher, GateRig.QUEUE, MANY));
      rig.submit(GateByHand.accept(taker, 1));
      for (int i = 0; rig.delivered(taker) == 1; i++) {
        assertThat(rig.confirmed(publisher)).isLessThan(MANY);
        assertThat(i).as("writes until the first was accepted").isLessThan(MANY);
        rig.write();
      }
      // All publishes are in the journal, or on their way to it: one more write confirms them.
      rig.write();
      assertThat(rig.confirmed(publisher)).isEqualTo(MANY);
      assertThat(rig.delivered(taker)).isEqualTo(2);
    }
  }
}
