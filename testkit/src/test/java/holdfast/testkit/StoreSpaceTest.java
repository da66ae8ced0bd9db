package holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.store.Log;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Bodies on disk = bodies with a live entry, once upkeep has done its work: nothing dead stays,
/// and nothing that lives keeps more than its own.
class StoreSpaceTest {
  private static final long JOURNAL_BYTES = 256 * 1024;

  private static StoreHarness open(StoreShape shape) throws IOException {
    StoreHarness harness = new StoreHarness(1, shape);
    harness.open();
    return harness;
  }

  @Test
  void leavesNoLogSegmentWhenEverythingIsSettled() {
    Seeds.forEach(
        10,
        seed -> {
          StoreHarness harness = new StoreHarness(seed, StoreShape.of(seed));
          harness.lives(2, 800);
          harness.reads.readAll();
          harness.steps.settleEverything();
          harness.idle();
          assertThat(logSegments(harness.disk)).isEmpty();
          assertThat(used(harness.disk)).isLessThan(JOURNAL_BYTES + 64 * 1024);
          assertThat(harness.store.segments()).isLessThanOrEqualTo(4);
          harness.restart();
          assertThat(harness.model.current().liveEntries()).isZero();
          assertThat(harness.warnings).isEmpty();
        });
  }

  @Test
  void keepsOnlyTheOneOldEntryThatIsLiveAmongThousands() throws Exception {
    for (boolean restarts : new boolean[] {false, true}) {
      StoreHarness harness = open(StoreShape.BACKLOG);
      Log log = harness.steps.newLog();
      byte[] old = harness.steps.append(log, 300);
      for (int i = 1; i <= 3000; i++) {
        harness.steps.append(harness.store.log(log.id()), 100);
        turn(harness);
      }
      settleInOrder(harness, log.id(), 1);
      if (restarts) {
        harness.restart();
      }
      harness.idle();
      assertThat(find(harness.disk, old)).as("restarts: %b", restarts).isEqualTo(1);
      assertThat(logSegmentBytes(harness.disk)).isLessThanOrEqualTo(3 * 4096);
      assertThat(used(harness.disk)).isLessThan(JOURNAL_BYTES);
    }
  }

  /// Several logs share a log segment; all but one of them are consumed. What is left must be known
  /// to be little after a restart too, although the pieces of the others are forgotten.
  @Test
  void keepsNoSegmentForOneLogOfMany() throws Exception {
    for (boolean restarts : new boolean[] {false, true}) {
      StoreHarness harness = open(StoreShape.MANY);
      List<Log> logs = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        logs.add(harness.steps.newLog());
      }
      for (int i = 0; i < 200; i++) {
        harness.steps.append(logs.get(i % 20), 1000);
        harness.store.writeOnce();
      }
      moveAllOut(harness);
      assertThat(logSegmentBytes(harness.disk)).isGreaterThan(200_000);
      for (Log log : logs.subList(0, 19)) {
        harness.steps.settle(log, 0, 10);
      }
      if (restarts) {
        // A checkpoint without a round of moves, as one that was taken just before a crash.
        harness.disk.faults().failAt(DiskFaults.Operation.CREATE, 1);
        harness.tendToTheEnd();
        harness.restart();
      }
      harness.idle();
      assertThat(logSegmentBytes(harness.disk))
          .as("restarts: %b, %s", restarts, logSegments(harness.disk))
          .isLessThanOrEqualTo(2 * 10 * 1040 + 3 * 4096);
    }
  }

  /// Works until nothing that is live now lies in the journal any more.
  private static void moveAllOut(StoreHarness harness) {
    long wanted = harness.model.current().liveEntries();
    Log other = harness.steps.newLog();
    for (int i = 0; harness.store.movedEntries() < wanted; i++) {
      assertThat(i).isLessThan(2_000);
      harness.steps.append(other, 1000);
      harness.steps.settle(other, i, 1);
      turn(harness);
    }
    harness.idle();
  }

  /// A trickle of entries that stay: what holds them is few files, not one for each.
  @Test
  void keepsAFewFilesForEntriesThatStayOneByOne() throws Exception {
    StoreHarness harness = open(StoreShape.MANY);
    Log log = harness.steps.newLog();
    for (int i = 0; i < 6_000; i++) {
      harness.steps.append(log, 1000);
      if (i % 50 != 0) {
        harness.steps.settle(log, i, 1);
      }
      turn(harness);
    }
    harness.idle();
    assertThat(harness.model.current().liveEntries()).isEqualTo(120);
    assertThat(logSegments(harness.disk)).hasSizeLessThan(20);
  }

  /// Segments of a busy journal go round: nothing is filled anew, although the next segment begins
  /// while entries still move out of the one before.
  @Test
  void makesNoNewSegmentsOnceThereAreEnough() throws Exception {
    StoreHarness harness = open(StoreShape.BACKLOG);
    Log log = harness.steps.newLog();
    int made = 0;
    for (int i = 0; i < 2_000; i++) {
      harness.steps.append(log, 1000);
      harness.store.writeOnce();
      harness.store.tend();
      if (i % 8 == 0) {
        harness.store.wantsTending();
        harness.runAllBackground();
      }
      if (i == 1_000) {
        made = madeSegments(harness.disk);
      }
    }
    assertThat(harness.store.movedEntries()).isGreaterThan(1_000);
    assertThat(madeSegments(harness.disk) - made)
        .as("files made for some hundred segments")
        .isLessThanOrEqualTo(6);
  }

  private static int madeSegments(SimulatedDisk disk) {
    return disk.creations("spare.tmp") + disk.creations("segment.tmp");
  }

  /// A segment that comes back is filled behind its last write alone. Less would leave holes, where
  /// the next one's writes need room on the disk; more would write what is there already.
  @Test
  void fillsWhatComesBackBehindItsLastWriteAndNowhereElse() {
    AtomicInteger filled = new AtomicInteger();
    AtomicInteger asTheyWere = new AtomicInteger();
    Seeds.forEach(
        10,
        seed -> {
          StoreHarness harness = new StoreHarness(seed, StoreShape.BACKLOG);
          harness.open();
          Log log = harness.steps.newLog();
          int rest = 0;
          for (int i = 0; i < 1_500; i++) {
            harness.steps.append(log, harness.dice.nextInt(1000));
            if (harness.dice.nextInt(3) == 0) {
              harness.store.writeOnce();
            }
            harness.store.tend();
            if (rest-- == 0) {
              rest = harness.dice.nextInt(harness.dice.nextBoolean() ? 10 : 150);
              harness.store.wantsTending();
              for (boolean hadHoles : cameBack(harness)) {
                (hadHoles ? filled : asTheyWere).incrementAndGet();
              }
            }
          }
          harness.requireNoFailure();
          harness.crashAndRecover(harness.anyMode());
        });
    assertThat(filled.get()).as("segments that began without a spare").isGreaterThan(10);
    assertThat(asTheyWere.get()).as("segments made of a spare").isGreaterThan(100);
  }

  /// Works in the background, and looks at each segment that becomes a spare: whether it had holes.
  private static List<Boolean> cameBack(StoreHarness harness) throws IOException {
    SimulatedDisk disk = harness.disk;
    List<Boolean> hadHoles = new ArrayList<>();
    Map<String, byte[]> before = new HashMap<>();
    Map<String, Long> holes = new HashMap<>();
    boolean worked = true;
    while (worked) {
      for (String name : disk.names()) {
        before.put(name, disk.content(name));
        holes.put(name, disk.holeBytes(name));
      }
      worked = harness.runBackground();
      for (String name : disk.names()) {
        byte[] spare = disk.content(name);
        if (before.containsKey(name) || !name.startsWith("spare-") || isZero(spare)) {
          continue;
        }
        assertThat(disk.holeBytes(name)).as("bytes of holes in %s", name).isZero();
        List<String> same = new ArrayList<>();
        before.forEach((old, bytes) -> {
          if (Arrays.equals(bytes, spare)) {
            same.add(old);
          }
        });
        assertThat(same).as("what %s was, with the same bytes", name).hasSize(1);
        hadHoles.add(holes.get(same.getFirst()) > 0);
      }
    }
    return hadHoles;
  }

  private static boolean isZero(byte[] bytes) {
    return Arrays.equals(bytes, new byte[bytes.length]);
  }

  /// A read that is planned keeps its segment, of the journal or of a log, and no longer than that.
  @Test
  void keepsASegmentForAsLongAsSomebodyReadsIt() throws Exception {
    StoreHarness harness = open(StoreShape.BACKLOG);
    harness.readsLater = true;
    Log log = harness.steps.newLog();
    for (int i = 0; i < 3; i++) {
      harness.steps.append(log, 300);
    }
    harness.store.writeOnce();
    harness.reads.plan(log);
    String first = "journal-0000000000000001.seg";
    moveAllOut(harness);
    assertThat(harness.disk.names()).contains(first);
    harness.reads.plan(log);
    harness.steps.settle(log, 0, 3);
    harness.idle();
    assertThat(logSegments(harness.disk)).hasSize(1);
    harness.reads.readAll();
    harness.reads.handOver();
    harness.reads.handOver();
    harness.requireNoFailure();
    assertThat(harness.counts.reads).isEqualTo(2);
    for (int i = 0; i < 60; i++) {
      harness.steps.appendAndSettle(1000);
      turn(harness);
    }
    harness.idle();
    assertThat(harness.disk.names()).doesNotContain(first);
    assertThat(logSegments(harness.disk)).isEmpty();
  }

  /// Begins rounds and ends them, as work goes on.
  private static void turn(StoreHarness harness) {
    harness.store.writeOnce();
    harness.store.tend();
    harness.runAllBackground();
  }

  private static void settleInOrder(StoreHarness harness, long log, long from) {
    for (long s : List.copyOf(harness.model.current().log(log).entries().keySet())) {
      if (s >= from) {
        harness.steps.settle(harness.store.log(log), s, 1);
        turn(harness);
      }
    }
  }

  @Test
  void keepsOneBodyOfAMessageToAThousandLogs() throws Exception {
    StoreHarness harness = open(StoreShape.MANY);
    List<Log> logs = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      logs.add(harness.steps.newLog());
    }
    byte[] body = harness.steps.append(logs, 900);
    byte[] large = harness.steps.appendLarge(logs, 30_000);
    byte[] largeSlice = Arrays.copyOfRange(large, 100, 600);
    harness.store.writeOnce();
    assertThat(find(harness.disk, body)).isEqualTo(1);
    assertThat(find(harness.disk, largeSlice)).isEqualTo(1);
    // Others push it out of the journal.
    Log other = harness.steps.newLog();
    for (int i = 0; i < 400; i++) {
      harness.steps.append(harness.store.log(other.id()), 1000);
      harness.steps.settle(harness.store.log(other.id()), i, 1);
      turn(harness);
    }
    harness.idle();
    assertThat(harness.store.movedEntries()).isGreaterThanOrEqualTo(2000);
    assertThat(find(harness.disk, body)).isEqualTo(1);
    assertThat(find(harness.disk, largeSlice)).isEqualTo(1);
    harness.restart();
    harness.idle();
    assertThat(find(harness.disk, body)).isEqualTo(1);
    assertThat(find(harness.disk, largeSlice)).isEqualTo(1);
    // One reader is left, and then none.
    for (int i = 0; i < 999; i++) {
      harness.steps.settle(harness.store.log(logs.get(i).id()), 0, 2);
    }
    harness.idle();
    assertThat(find(harness.disk, body)).isEqualTo(1);
    harness.restart();
    harness.steps.settle(harness.store.log(logs.get(999).id()), 0, 2);
    harness.idle();
    assertThat(logSegments(harness.disk)).isEmpty();
    assertThat(find(harness.disk, body)).isZero();
    assertThat(find(harness.disk, largeSlice)).isZero();
  }

  private static List<String> logSegments(SimulatedDisk disk) {
    return disk.names().stream().filter(name -> name.startsWith("log-")).toList();
  }

  private static long logSegmentBytes(SimulatedDisk disk) throws IOException {
    long bytes = 0;
    for (String name : logSegments(disk)) {
      bytes += disk.content(name).length;
    }
    return bytes;
  }

  /// How often some bytes stand in files that are in use.
  private static int find(SimulatedDisk disk, byte[] part) throws IOException {
    int count = 0;
    for (String name : disk.names()) {
      byte[] content = name.startsWith("spare-") ? new byte[0] : disk.content(name);
      for (int at = 0; at + part.length <= content.length; at++) {
        if (content[at] == part[0]
            && Arrays.equals(content, at, at + part.length, part, 0, part.length)) {
          count++;
        }
      }
    }
    return count;
  }

  /// Bytes on the disk but for those that are kept for a full one.
  private static long used(SimulatedDisk disk) throws IOException {
    long reserved = 0;
    for (String name : disk.names()) {
      if (name.startsWith("reserve-")) {
        reserved += disk.content(name).length;
      }
    }
    return disk.usedBytes() - reserved;
  }
}
