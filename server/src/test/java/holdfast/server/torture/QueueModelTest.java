package holdfast.server.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The judge is judged: each breach is told, and what a kill may do is not held against the broker.
class QueueModelTest {
  private static final long FIRST = Payload.key(1, 1);
  private static final long SECOND = Payload.key(1, 2);

  private final Verdict verdict = new Verdict();
  private final QueueModel model = new QueueModel("queue", verdict, Long.MAX_VALUE / 2);
  private final QueueModel strict = new QueueModel("queue", verdict, -1);

  private void confirmed(QueueModel queue, long... keys) {
    for (long key : keys) {
      queue.sent(key, false, 0);
      queue.confirmed(key);
    }
  }

  private void looked(QueueModel queue, boolean redelivered, long... keys) {
    QueueModel.Look look = queue.new Look();
    for (long key : keys) {
      look.take(key, redelivered);
    }
    look.close();
  }

  private void assertOnly(String breach) {
    assertFalse(verdict.clean());
    assertTrue(verdict.summary().contains(breach), verdict::summary);
    long broken = verdict.summary().chars().filter(digit -> digit >= '1' && digit <= '9').count();
    assertEquals(1, broken, verdict::summary);
  }

  @Test
  void aConfirmedMessageThatIsGoneIsLost() {
    confirmed(model, FIRST, SECOND);
    model.killed(System.nanoTime());
    looked(model, false, FIRST);
    assertOnly("lost 1");
  }

  @Test
  void anUnconfirmedMessageMayBeThereOrNotButNotLater() {
    model.sent(FIRST, false, 0);
    model.sent(SECOND, false, 0);
    model.killed(System.nanoTime());
    looked(model, false, FIRST);
    assertTrue(verdict.clean());
    model.killed(System.nanoTime());
    looked(model, true, FIRST, SECOND);
    assertOnly("phantom 1");
  }

  @Test
  void anUnconfirmedMessageThatWasSeenMustStay() {
    model.sent(FIRST, false, 0);
    model.killed(System.nanoTime());
    looked(model, false, FIRST);
    model.killed(System.nanoTime());
    looked(model, true);
    assertOnly("lost 1");
  }

  @Test
  void aMessageNobodyPublishedIsAPhantom() {
    looked(model, false, FIRST);
    assertOnly("phantom 1");
  }

  @Test
  void aRefusedMessageIsAPhantom() {
    model.sent(FIRST, false, 0);
    model.refused(FIRST);
    looked(model, false, FIRST);
    assertOnly("phantom 1");
  }

  @Test
  void theSameMessageTwiceInOneLookIsAPhantom() {
    confirmed(model, FIRST);
    looked(model, true, FIRST, FIRST);
    assertOnly("phantom 1");
  }

  @Test
  void aSecondDeliveryHasToSaySo() {
    confirmed(model, FIRST);
    model.delivered(FIRST, false);
    model.killed(System.nanoTime());
    looked(model, false, FIRST);
    assertOnly("unflagged 1");
  }

  @Test
  void anAckJustBeforeTheKillMayBeForgotten() {
    confirmed(model, FIRST, SECOND);
    model.delivered(FIRST, false);
    model.acked(FIRST);
    model.delivered(SECOND, false);
    model.acked(SECOND);
    model.killed(System.nanoTime());
    looked(model, true, SECOND);
    assertTrue(verdict.clean(), verdict::details);
  }

  @Test
  void anAckLongBeforeTheKillIsFinal() {
    confirmed(strict, FIRST);
    strict.delivered(FIRST, false);
    strict.acked(FIRST);
    strict.killed(System.nanoTime());
    looked(strict, true, FIRST);
    assertOnly("phantom 1");
  }

  @Test
  void anAckIsFinalWithinItsLife() {
    confirmed(model, FIRST);
    model.delivered(FIRST, false);
    model.acked(FIRST);
    model.delivered(FIRST, true);
    assertOnly("phantom 1");
  }

  @Test
  void firstDeliveriesKeepAProducersOrder() {
    confirmed(model, FIRST, SECOND);
    looked(model, false, SECOND, FIRST);
    assertOnly("disordered 1");
  }

  @Test
  void redeliveriesAndOtherProducersHaveNoOrder() {
    long other = Payload.key(2, 1);
    confirmed(model, FIRST, SECOND, other);
    model.delivered(SECOND, false);
    model.killed(System.nanoTime());
    looked(model, true, other, SECOND, FIRST);
    assertTrue(verdict.clean(), verdict::details);
  }

  @Test
  void halfATransactionIsTorn() {
    model.sent(FIRST, false, 7);
    model.sent(SECOND, false, 7);
    model.killed(System.nanoTime());
    looked(model, false, SECOND);
    assertOnly("torn 1");
  }

  @Test
  void aMessageThatMayVanishMayAlsoStay() {
    model.sent(FIRST, true, 0);
    model.confirmed(FIRST);
    model.sent(SECOND, true, 0);
    model.confirmed(SECOND);
    model.killed(System.nanoTime());
    looked(model, false, SECOND);
    assertTrue(verdict.clean(), verdict::details);
  }

  @Test
  void aConsumersOrderIsItsOwn() {
    Map<Integer, Long> lastFirst = new HashMap<>();
    model.inOrder(lastFirst, FIRST);
    model.inOrder(lastFirst, SECOND);
    assertTrue(verdict.clean());
    model.inOrder(lastFirst, FIRST);
    assertOnly("disordered 1");
  }

  @Test
  void aBodyWithOneChangedByteIsNotRead() {
    byte[] body = Payload.body(FIRST, 100);
    assertEquals(FIRST, Payload.read(body).orElseThrow());
    body[99] ^= 1;
    assertTrue(Payload.read(body).isEmpty());
    assertTrue(Payload.read(new byte[3]).isEmpty());
  }
}
