package holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.store.FetchedEntry;
import holdfast.store.LargeBody;
import holdfast.store.Log;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A batch far above what one step may write, with large bodies ahead of it: all of it is there or
/// nothing, and reading it costs what it holds.
class LargeBatchTest {
  private static final int LOGS = 4;
  private static final int BODIES = 3;
  private static final int MANY_LOGS = 300;
  private static final int STEP_BYTES = 8;
  private static final int SEGMENT_HEADER_BYTES = 4096;

  /// A store with some logs and one entry in each, on disk.
  private static List<Log> begin(StoreHarness harness, int count) throws IOException {
    harness.model.recovered(harness.open());
    List<Log> logs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      while (!harness.store.hasRoom()) {
        harness.store.writeOnce();
      }
      logs.add(harness.steps.newLog());
      harness.steps.append(logs.getLast(), 20);
    }
    harness.store.writeOnce();
    return logs;
  }

  /// Parts of several bodies, one after the other or each in a write of its own, and the batch that
  /// names them all; returns its entries.
  private static int writeLarge(StoreHarness harness, List<Log> logs, boolean writesBetween) {
    List<LargeBody> bodies = new ArrayList<>();
    List<byte[]> bytes = new ArrayList<>();
    int left = BODIES;
    for (int i = 0; i < BODIES; i++) {
      byte[] body = new byte[2 * harness.shape.partBytes() + 100 * i];
      harness.dice.nextBytes(body);
      bytes.add(body);
      bodies.add(harness.store.beginLarge(body));
    }
    boolean[] done = new boolean[BODIES];
    while (left > 0) {
      for (int i = 0; i < BODIES; i++) {
        while (!harness.store.hasRoom()) {
          harness.store.writeOnce();
        }
        if (!done[i] && harness.store.writePart(bodies.get(i))) {
          done[i] = true;
          left--;
        }
        if (writesBetween) {
          harness.steps.append(logs.getFirst(), 10);
          harness.store.writeOnce();
        }
      }
    }
    int entries = harness.steps.appendMany(logs, 30, bodies, bytes);
    bodies.forEach(harness.store::endLarge);
    return entries;
  }

  @Test
  void isAllThereOrNotAfterACrashInAnyOperation() throws IOException {
    for (boolean writesBetween : new boolean[] {false, true}) {
      for (CrashMode mode : CrashMode.values()) {
        for (int n = 1; crashesAt(n, mode, writesBetween); n++) {
          assertThat(n).isLessThan(1000);
        }
      }
    }
  }

  private static boolean crashesAt(int n, CrashMode mode, boolean writesBetween)
      throws IOException {
    StoreHarness harness = new StoreHarness(n, StoreShape.BACKLOG);
    List<Log> logs = begin(harness, LOGS);
    harness.disk.crashAt(harness.disk.operations() + n);
    boolean crashed = false;
    try {
      writeLarge(harness, logs, writesBetween);
      harness.store.writeOnce();
    } catch (SimulatedCrash crash) {
      crashed = true;
    }
    harness.crashAndRecover(mode);
    return crashed;
  }

  /// Cuts the write at every eighth byte: at the ends of records, inside them, in its header.
  @Test
  void isAllThereOrNotWhereverItsWriteEnds() throws IOException {
    StoreHarness harness = new StoreHarness(1, StoreShape.BACKLOG);
    List<Log> logs = begin(harness, LOGS);
    harness.store.writeOnce();
    SimulatedDisk before = harness.disk.copy();
    StoreState without = StoreHarness.read(before.copy());
    writeLarge(harness, logs, false);
    harness.store.writeOnce();
    SimulatedDisk after = harness.disk.copy();
    StoreState with = StoreHarness.read(after.copy());
    assertThat(with.differences(without)).hasSizeGreaterThan(LOGS);
    String segment = newestSegment(after);
    byte[] whole = after.content(segment);
    byte[] old =
        Arrays.copyOf(
            before.names().contains(segment) ? before.content(segment) : new byte[0], whole.length);
    int first = Math.max(SEGMENT_HEADER_BYTES, Arrays.mismatch(old, whole)) & -STEP_BYTES;
    int last = whole.length - 1;
    while (whole[last] == old[last]) {
      last--;
    }
    assertThat(last - first).isGreaterThan(harness.store.largeBatchBytesMax());
    for (int cut = first; cut <= last; cut += STEP_BYTES) {
      SimulatedDisk image = after.copy();
      image.overwrite(segment, cut, Arrays.copyOfRange(old, cut, old.length));
      StoreHarness.requireSame(without, StoreHarness.read(image), "cut at " + cut);
    }
  }

  private static String newestSegment(SimulatedDisk disk) {
    return disk.names().stream()
        .filter(name -> name.startsWith("journal-"))
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  /// Each entry is found at once, wherever it stands among the others, and a record with entries of
  /// all logs is read once to move them all.
  @Test
  void isReadAndMovedAtTheCostOfItsBytes() throws IOException {
    StoreHarness harness = new StoreHarness(1, StoreShape.MANY);
    List<Log> logs = begin(harness, MANY_LOGS);
    int entries = writeLarge(harness, logs, false);
    harness.store.writeOnce();
    assertThat(entries).isGreaterThan(2 * MANY_LOGS);
    harness.readsAtOnce = true;
    Log log = logs.get(MANY_LOGS / 2);
    List<FetchedEntry> fetched = new ArrayList<>();
    harness.store.fetch(log, 1, log.next(), 1 << 20, 1000, fetched::addAll);
    harness.store.handOverFetched();
    assertThat(fetched).hasSize((int) log.next() - 1);
    long before = harness.disk.readBytes();
    while (harness.store.movedEntries() < entries) {
      for (int i = 0; i < 100; i++) {
        harness.steps.appendAndSettle(1500);
      }
      harness.tendToTheEnd();
    }
    int record = harness.store.largeBatchBytesMax();
    assertThat(harness.disk.readBytes() - before).isLessThan(MANY_LOGS / 4L * record);
    harness.crashAndRecover(CrashMode.NOTHING_UNFORCED);
  }
}
