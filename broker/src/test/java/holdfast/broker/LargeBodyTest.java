package holdfast.broker;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Large bodies go into the journal a part or two a write, and hold up nobody who publishes less.
@Timeout(60)
class LargeBodyTest {
  private static final int PARTS_OF_A_WRITE = 2;

  @TempDir private Path directory;

  @Test
  void letsSmallMessagesPassBetweenItsParts() throws Exception {
    try (GateByHand rig = new GateByHand(directory)) {
      Session large = rig.session();
      Session small = rig.session();
      rig.submit(GateByHand.publishParts(large, GateRig.QUEUE, 20));
      int writes = 0;
      for (long sent = 5; rig.confirmed(large) == 0; sent += 5, writes++) {
        assertThat(writes).as("writes for 20 parts").isLessThan(40);
        for (int i = 0; i < 5; i++) {
          rig.submit(GateByHand.publish(small, GateRig.QUEUE, 1000));
        }
        assertThat(rig.write()).isLessThanOrEqualTo(PARTS_OF_A_WRITE);
        assertThat(rig.confirmed(small)).as("all that came before the write").isEqualTo(sent);
      }
      assertThat(rig.parts()).isEqualTo(20);
      assertThat(writes).isGreaterThanOrEqualTo(20 / PARTS_OF_A_WRITE);
    }
  }

  /// A device would stand still after each part if the gate heard of the room only with the news
  /// that the write is durable.
  @Test
  void goesOnWhileTheWriteBeforeIsUnderWay() throws Exception {
    try (GateByHand rig = new GateByHand(directory)) {
      Session session = rig.session();
      AtomicBoolean isIn = new AtomicBoolean();
      rig.submit(
          GateByHand.publishParts(session, GateRig.QUEUE, 2),
          new Command.Inspect(session, inspection -> isIn.set(true)));
      assertThat(isIn).as("one part of two fills a write").isFalse();
      AtomicBoolean inMeanwhile = new AtomicBoolean();
      rig.disk.beforeWrite(() -> {
        rig.drain();
        inMeanwhile.set(isIn.get());
        rig.disk.beforeWrite(() -> {});
      });
      rig.write();
      assertThat(inMeanwhile).isTrue();
      assertThat(rig.confirmed(session)).isZero();
      rig.write();
      assertThat(rig.confirmed(session)).isEqualTo(1);
    }
  }

  @Test
  void reachesItsEndAmongOthersAndALargeDeadLetter() throws Exception {
    try (GateByHand rig = new GateByHand(directory)) {
      rig.declare("dead", Map.of());
      rig.declare(
          "last",
          Map.of(
              "x-max-length",
              1L,
              "x-dead-letter-exchange",
              "",
              "x-dead-letter-routing-key",
              "dead"));
      List<Session> sessions = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        sessions.add(rig.session());
      }
      rig.submit(GateByHand.publishParts(sessions.getFirst(), "last", 12));
      writeUntilConfirmed(rig, sessions.subList(0, 1), 1);
      assertThat(ready(rig, "dead")).isZero();

      // The next one in that queue has the large one die, while others send theirs.
      rig.submit(GateByHand.publish(sessions.getFirst(), "last", 10));
      for (Session session : sessions) {
        rig.submit(GateByHand.publishParts(session, GateRig.QUEUE, 12));
      }
      writeUntilConfirmed(rig, sessions.subList(0, 1), 2);
      writeUntilConfirmed(rig, sessions.subList(1, 4), 1);
      for (int i = 0; ready(rig, "dead") == 0; i++) {
        assertThat(i).as("writes for a dead letter").isLessThan(200);
        assertThat(rig.write()).isLessThanOrEqualTo(PARTS_OF_A_WRITE);
      }
      assertThat(rig.parts()).isEqualTo(6 * 12);
      assertThat(ready(rig, GateRig.QUEUE)).isEqualTo(4);
    }
  }

  @Test
  void goAPartOrTwoAWriteWhenManySessionsCommit() throws Exception {
    try (GateByHand rig = new GateByHand(directory)) {
      for (int i = 0; i < 5; i++) {
        Session session = rig.client.newSession(100 + i);
        rig.submit(
            new Command.SelectTransactions(session),
            GateByHand.publishParts(session, GateRig.QUEUE, 4),
            new Command.Commit(session));
      }
      assertThat(rig.write()).isLessThanOrEqualTo(PARTS_OF_A_WRITE);
    }
  }

  private static void writeUntilConfirmed(GateByHand rig, List<Session> sessions, long tag) {
    for (Session session : sessions) {
      for (int i = 0; rig.confirmed(session) < tag; i++) {
        assertThat(i).as("writes until tag %d is confirmed", tag).isLessThan(200);
        assertThat(rig.write()).isLessThanOrEqualTo(PARTS_OF_A_WRITE);
      }
    }
  }

  private static long ready(GateByHand rig, String queue) throws IOException {
    AtomicLong ready = new AtomicLong(-1);
    rig.submit(
        new Command.Inspect(
            rig.client.control(),
            inspection -> {
              for (Event.QueueInfo one : inspection.queues()) {
                if (one.name().equals(queue)) {
                  ready.set(one.ready());
                }
              }
            }));
    return ready.get();
  }
}
