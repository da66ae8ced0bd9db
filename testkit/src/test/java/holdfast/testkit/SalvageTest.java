package holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.store.Batch;
import holdfast.store.ByteWriter;
import holdfast.store.Disk;
import holdfast.store.DiskFile;
import holdfast.store.JournalInspection;
import holdfast.store.JournalInspection.EntryFacts;
import holdfast.store.JournalVerification;
import holdfast.store.LargeBody;
import holdfast.store.Log;
import holdfast.store.Salvage;
import holdfast.store.StoreOptions;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// One damaged place at a time: what it takes with it, and what it must not.
class SalvageTest {
  /// A disk that refuses to read one block of one file, as a device does with a bad sector.
  private static Disk refusing(Disk disk, String file, long block) {
    return proxy(
        Disk.class,
        (method, args) -> {
          Object result = method.invoke(disk, args);
          if (method.getName().equals("open") && args[0].equals(file)) {
            DiskFile opened = (DiskFile) result;
            return proxy(
                DiskFile.class,
                (inner, values) -> {
                  if (inner.getName().equals("read")) {
                    long at = (long) values[1];
                    int length = ((ByteBuffer) values[0]).remaining();
                    if (at < block + Disk.BLOCK_BYTES && at + length > block) {
                      throw new IOException("Input/output error");
                    }
                  }
                  return inner.invoke(opened, values);
                });
          }
          return result;
        });
  }

  private interface Call {
    Object call(Method method, Object[] args) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, args) -> call.call(method, args)));
  }

  @Test
  void readsOnBehindABlockThatTheDiskRefuses() throws Exception {
    StoreHarness harness = new StoreHarness(1);
    harness.open();
    Log log = harness.steps.newLog();
    List<byte[]> bodies = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      bodies.add(harness.steps.append(log, 900));
      harness.store.writeOnce();
    }
    harness.store.close();
    // Write 0 creates the log, each write takes a block, and block 0 is the header.
    Disk bad = refusing(harness.disk, "journal-0000000000000001.seg", 3 * 4096);
    JournalVerification found = JournalVerification.run(bad, StoreToolsTest.SILENT);
    assertThat(found.isWhole()).isFalse();
    assertThat(found.damages())
        .anyMatch(damage -> damage.offset() == 3 * 4096 && damage.what().contains("give it back"));
    assertThat(found.lost()).containsExactly(new JournalVerification.Lost(log.id(), 2, 2));
    StoreState left = StoreHarness.read(StoreToolsTest.salvaged(found));
    assertThat(left.logs().get(log.id()).entries().values().stream().map(StoreState.Entry::body))
        .containsExactly(bodies.get(0), bodies.get(1), bodies.get(3), bodies.get(4), bodies.get(5));
  }

  @Test
  void aFullTargetIsToldAndLeavesNoReport() throws Exception {
    StoreHarness harness = StoreToolsTest.lived(3);
    JournalVerification found = StoreToolsTest.verify(harness.disk);
    SimulatedDisk target = new SimulatedDisk(1);
    target.faults().capacityBytes(24 * 1024);
    assertThatThrownBy(() -> Salvage.run(found, target, StoreOptions.tiny(), StoreToolsTest.SILENT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("make room");
    assertThat(target.names()).doesNotContain(Salvage.REPORT_NAME);
  }

  @Test
  void keepsNotesAndLargeBodies() throws Exception {
    StoreHarness harness = new StoreHarness(1);
    harness.open();
    Log log = harness.steps.newLog();
    byte[] first = harness.steps.append(log, 100);
    byte[] second = harness.steps.append(log, 100);
    byte[] large = new byte[30_000];
    harness.dice.nextBytes(large);
    LargeBody body = harness.store.beginLarge(large);
    while (!harness.store.writePart(body)) {
      harness.store.writeOnce();
    }
    Batch batch = new Batch();
    boolean[] offered = {false};
    batch.append(new Log[] {log}, offered, 1, new ByteWriter(8), body);
    batch.settle(log, 0, 1).note(log, 1, new byte[] {1, 2, 3});
    harness.store.write(batch, true);
    harness.store.endLarge(body);
    harness.store.close();
    StoreHarness next = new StoreHarness(2);
    next.disk = StoreToolsTest.salvaged(StoreToolsTest.verify(harness.disk));
    StoreState found = next.open();
    assertThat(first).hasSize(100);
    assertThat(found.logs().get(log.id()).entries().values().stream().map(StoreState.Entry::body))
        .containsExactly(second, large);
    assertThat(next.store.log(log.id()).note(0)).containsExactly(1, 2, 3);
  }

  /// A log with five entries in one write, one more in the next, and a mark behind them.
  private static final class OneWrite {
    final StoreHarness harness = new StoreHarness(1);
    final Log log;
    final List<EntryFacts> places = new ArrayList<>();

    OneWrite() throws IOException {
      harness.open();
      log = harness.steps.newLog();
      harness.store.writeOnce();
      for (int i = 0; i < 5; i++) {
        harness.steps.append(log, 300);
      }
      harness.store.writeOnce();
      harness.steps.append(log, 300);
      harness.store.close();
      JournalInspection.entries(harness.disk, log.id(), places::add);
    }

    List<JournalVerification.Lost> lostAfterFlipAt(long offset) throws IOException {
      SimulatedDisk damaged = harness.disk.copy();
      damaged.flipBit(places.getFirst().file(), offset, 2);
      JournalVerification found = StoreToolsTest.verify(damaged);
      assertThat(found.isWhole()).isFalse();
      long left = StoreHarness.read(StoreToolsTest.salvaged(found)).liveEntries();
      assertThat(left).isEqualTo(6 - found.lostEntries());
      return found.lost();
    }
  }

  @Test
  void oneDamagedRecordTakesNoOtherWithIt() throws Exception {
    OneWrite store = new OneWrite();
    for (int i = 0; i < 5; i++) {
      long record = store.places.get(i).offset();
      JournalVerification.Lost only = new JournalVerification.Lost(store.log.id(), i, i);
      for (long at : new long[] {0, 1, 4, 8, 100}) {
        assertThat(store.lostAfterFlipAt(record + at)).containsExactly(only);
      }
    }
  }

  @Test
  void aDamagedHeaderOfAWriteTakesNoRecordWithIt() throws Exception {
    OneWrite store = new OneWrite();
    long write = store.places.getFirst().offset() - 64;
    for (long at : new long[] {0, 4, 20, 24, 28, 60}) {
      assertThat(store.lostAfterFlipAt(write + at)).isEmpty();
    }
  }

  @Test
  void namesTheEntryOfWhichAPartIsDamaged() throws Exception {
    StoreHarness harness = new StoreHarness(1);
    harness.open();
    Log log = harness.steps.newLog();
    byte[] large = new byte[30_000];
    harness.dice.nextBytes(large);
    LargeBody body = harness.store.beginLarge(large);
    while (!harness.store.writePart(body)) {
      harness.store.writeOnce();
    }
    Batch batch = new Batch();
    batch.append(new Log[] {log}, new boolean[] {false}, 1, new ByteWriter(8), body);
    harness.store.write(batch, true);
    harness.store.endLarge(body);
    harness.steps.append(harness.steps.newLog(), 100);
    harness.store.close();
    byte[] content = harness.disk.content("journal-0000000000000001.seg");
    int at = 0;
    byte[] middle = Arrays.copyOfRange(large, 6_000, 6_200);
    while (!Arrays.equals(content, at, at + 200, middle, 0, 200)) {
      at++;
    }
    harness.disk.flipBit("journal-0000000000000001.seg", at, 1);
    JournalVerification found = StoreToolsTest.verify(harness.disk);
    assertThat(found.lost()).containsExactly(new JournalVerification.Lost(log.id(), 0, 0));
    assertThat(StoreHarness.read(StoreToolsTest.salvaged(found)).liveEntries()).isEqualTo(1);
  }
}
