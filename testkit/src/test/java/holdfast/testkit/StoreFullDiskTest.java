package holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.store.Batch;
import holdfast.store.ByteWriter;
import holdfast.store.Log;
import holdfast.store.Store;
import holdfast.store.StoreFailedException;
import holdfast.store.StoreOptions;
import holdfast.store.SyncPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// A store on a disk that fills up: publishers are told to wait before anything fails, what is
/// there can be drained to the end, stopped, started and killed, and it goes on by itself when
/// there is space again. The model is compared at every start.
class StoreFullDiskTest {
  private static final int KIB = 1024;

  /// One life after the other on one disk, with a clock that is the test's.
  private static final class Life {
    final StoreHarness harness;
    final List<String> shortages = new ArrayList<>();

    Life(long seed) throws IOException {
      harness = new StoreHarness(seed);
      harness.model.recovered(harness.open());
      for (int i = 0; i < 3; i++) {
        harness.steps.newLog();
      }
      second();
    }

    Store store() {
      return harness.store;
    }

    /// What happens in a second without work.
    void second() {
      store().wantsTending();
      for (int i = 0; i < 12; i++) {
        turn();
      }
    }

    /// Some rounds of the owner's, and the background's work; one write at most.
    void turn() {
      if (!store().hasRoom() || harness.dice.nextInt(3) > 0) {
        store().writeOnce();
      }
      for (int i = 0; i < 4; i++) {
        store().tend();
        while (harness.dice.nextInt(6) > 0 && harness.runBackground()) {
          // one task after the other, and now and then not all of them
        }
      }
    }

    /// Publishes and settles until publishers must wait. Returns how many were published.
    int publishUntilShort(int keep) {
      int published = 0;
      while (store().shortage() == null && published < 20_000) {
        List<Log> logs = new ArrayList<>(store().logs());
        Log log = logs.get(harness.dice.nextInt(logs.size()));
        harness.steps.append(log, harness.dice.nextInt(1200));
        if (harness.dice.nextInt(100) >= keep) {
          settleAny();
        }
        if (published++ % 4 == 0) {
          turn();
        }
        if (published % 200 == 0) {
          second();
        }
        healthy();
      }
      shortages.add(String.valueOf(store().shortage()));
      return published;
    }

    boolean settleAny() {
      List<Log> logs = new ArrayList<>(store().logs());
      Log log = logs.get(harness.dice.nextInt(logs.size()));
      TreeMap<Long, ?> entries = new TreeMap<>(harness.model.current().log(log.id()).entries());
      if (entries.isEmpty()) {
        return false;
      }
      long sequence = entries.firstKey();
      if (harness.dice.nextInt(8) == 0) {
        sequence =
            entries.ceilingKey(sequence + harness.dice.nextLong(entries.lastKey() - sequence + 1));
      }
      harness.steps.settle(log, sequence, 1);
      return true;
    }

    long waiting() {
      return harness.model.current().liveEntries();
    }

    /// Settles one by one until so many are left.
    void drain(long left) {
      for (int i = 0; waiting() > left; i++) {
        settleAny();
        if (i % 3 == 0) {
          turn();
        }
        if (i % 100 == 0) {
          second();
        }
        healthy();
      }
    }

    void healthy() {
      if (harness.failure != null) {
        throw new AssertionError(
            "the store has failed: " + files() + "; " + harness.warnings, harness.failure);
      }
    }

    String files() {
      StringBuilder text = new StringBuilder(waiting() + " entries wait, ");
      for (String name : harness.disk.names()) {
        text.append(name.replace("0000000", "")).append(' ').append(size(name)).append(", ");
      }
      return text.append(harness.disk.usableBytes()).append(" bytes free").toString();
    }

    private long size(String name) {
      try {
        return harness.disk.content(name).length;
      } catch (IOException e) {
        return -1;
      }
    }

    /// Somebody else takes everything but so much.
    void leaveFree(long bytes) {
      harness.disk.faults().capacityBytes(harness.disk.usedBytes() + bytes).stayFull(true);
    }

    void crash() throws IOException {
      harness.crashAndRecover(harness.anyMode());
    }
  }

  private static Life fullLife(long seed, long capacityBytes) throws IOException {
    Life life = new Life(seed);
    life.harness.disk.faults().capacityBytes(capacityBytes).stayFull(true);
    int published = life.publishUntilShort(80);
    assertThat(published).isBetween(50, 19_999);
    return life;
  }

  @Test
  void drainsStopsStartsAndGoesOnByItself() {
    Seeds.forEach(
        25,
        seed -> {
          Life life = fullLife(seed, (1200 + seed % 7 * 250) * KIB);
          life.leaveFree(0);
          life.drain(life.waiting() / 2);
          life.harness.restart();
          life.leaveFree(0);
          life.store().wantsTending();
          assertThat(life.store().shortage()).contains("low on disk");
          life.drain(0);
          life.harness.restart();
          life.second();
          life.harness.disk.faults().heal();
          for (int i = 0; i < 4; i++) {
            life.second();
          }
          assertThat(life.store().shortage()).isNull();
          life.harness.disk.faults().capacityBytes(3000 * KIB);
          assertThat(life.publishUntilShort(80)).isGreaterThan(100);
          life.healthy();
          life.harness.restart();
        });
  }

  @Test
  void keepsWhatIsConfirmedWhenItCrashesOnAFullDisk() {
    Seeds.forEach(
        40,
        seed -> {
          Life life = fullLife(seed, (1200 + seed % 7 * 250) * KIB);
          for (int round = 0; round < 6; round++) {
            if (life.store().shortage() == null) {
              // Somebody else takes the rest; not what a crash gave back of the reserve.
              life.leaveFree(life.harness.dice.nextInt(3) == 0 ? 20 * KIB : 0);
            }
            SimulatedDisk disk = life.harness.disk;
            disk.crashAt(disk.operations() + 100 + life.harness.dice.nextInt(200));
            try {
              life.drain(life.waiting() * 3 / 4);
              disk.crashAt(Long.MAX_VALUE);
            } catch (SimulatedCrash crash) {
              // as planned
            }
            life.crash();
            life.second();
          }
          life.drain(0);
          life.harness.restart();
        });
  }

  @Test
  void usesNoMoreDiskAfterAHundredKillsOnAFullDisk() {
    Seeds.forEach(
        4,
        seed -> {
          Life life = fullLife(seed, 1800 * KIB);
          life.leaveFree(0);
          long used = life.harness.disk.usedBytes();
          for (int kill = 0; kill < 100; kill++) {
            life.settleAny();
            life.second();
            life.second();
            life.harness.crashAndRecover(CrashMode.EVERYTHING);
            life.healthy();
            assertThat(life.harness.disk.usedBytes()).isLessThanOrEqualTo(used);
          }
          life.drain(0);
          life.harness.restart();
        });
  }

  @Test
  void usesNoMoreDiskAfterAHundredKillsWithSpace() throws IOException {
    Life life = new Life(5);
    life.second();
    long afterTen = 0;
    for (int kill = 1; kill <= 100; kill++) {
      life.harness.steps.append(life.store().logs().iterator().next(), 300);
      life.drain(2);
      life.second();
      life.second();
      life.harness.crashAndRecover(CrashMode.EVERYTHING);
      life.second();
      life.second();
      afterTen = kill == 10 ? life.harness.disk.usedBytes() : afterTen;
      assertThat(life.store().shortage()).isNull();
    }
    assertThat(life.harness.disk.usedBytes()).isLessThanOrEqualTo(afterTen + 128 * KIB);
  }

  @Test
  void losesNothingWhenSomebodyElseFillsTheDiskAtOnce() {
    Seeds.forEach(
        25,
        seed -> {
          Life life = new Life(seed);
          for (int i = 0; i < 400; i++) {
            life.harness.steps.append(life.store().logs().iterator().next(), 500);
            life.turn();
          }
          life.second();
          life.second();
          assertThat(life.store().shortage()).isNull();
          life.leaveFree(0);
          life.store().wantsTending();
          assertThat(life.store().shortage()).contains("low on disk");
          // What publishers on their way still write before they are told.
          for (int i = 0; i < 100; i++) {
            life.harness.steps.append(life.store().logs().iterator().next(), 500);
            life.turn();
          }
          life.second();
          life.healthy();
          life.drain(0);
          life.harness.restart();
        });
  }

  @Test
  void saysWhyPublishersWaitAndTakesItBackWithAMargin() throws IOException {
    Life life = new Life(3);
    life.second();
    // And as much as the entries of a segment take when they move.
    long limit = StoreOptions.tiny().diskFreeBytesMin() + StoreOptions.tiny().segmentBytesMax();
    assertThat(life.store().shortage()).isNull();
    life.leaveFree(limit);
    life.second();
    assertThat(life.store().shortage()).isNull();
    life.leaveFree(limit - 512);
    life.second();
    assertThat(life.store().shortage())
        .isEqualTo(
            "low on disk: "
                + (limit - 512)
                + " bytes are free in simulated disk, the limit is 196608");
    life.leaveFree(limit);
    life.second();
    assertThat(life.store().shortage()).isNotNull();
    life.leaveFree(limit * 2);
    life.second();
    assertThat(life.store().shortage()).isNull();
  }

  @Test
  void warnsOnceOfWhatGoesOnFailing() throws IOException {
    Life life = fullLife(9, 1500 * KIB);
    life.leaveFree(0);
    for (int i = 0; i < 300; i++) {
      life.second();
    }
    assertThat(life.harness.warnings.size()).isLessThanOrEqualTo(3);
    life.healthy();
  }

  @Test
  void keepsAnIdleNewBrokerSmall() throws IOException {
    SimulatedDisk disk = new SimulatedDisk(1);
    Drain drain = new Drain(disk, StoreOptions.standard());
    for (int i = 0; i < 20; i++) {
      drain.second();
    }
    assertThat(drain.store.shortage()).isNull();
    assertThat(disk.names()).anyMatch(name -> name.startsWith("reserve-"));
    assertThat(disk.usedBytes()).isBetween(32L * KIB * KIB, 64L * KIB * KIB);
    drain.store.close();
  }

  @Test
  void drainsAMillionWithSingleSettlements() throws IOException {
    int count = Integer.getInteger("holdfast.full.messages", 1_000_000);
    SimulatedDisk disk = new SimulatedDisk(1);
    int mib = KIB * KIB;
    StoreOptions options =
        new StoreOptions(
            mib, 4L * mib, 512 * KIB, 64 * KIB, 75, 1, 16L * mib, 32 * KIB, SyncPolicy.SYNC, mib);
    Drain drain = new Drain(disk, options);
    drain.publish(count);
    disk.faults().capacityBytes(disk.usedBytes()).stayFull(true);
    long used = disk.usedBytes();
    drain.settleAll(count);
    assertThat(disk.usedBytes()).isLessThanOrEqualTo(used);
    drain.store.close();
    Drain next = new Drain(disk, options);
    assertThat(next.store.log(drain.log.id()).live()).isZero();
    next.second();
    next.store.close();
    System.out.println(
        count + " drained on a full disk of " + used / KIB + " KiB; " + drain.warnings);
  }

  /// A store without a model, for many entries.
  private static final class Drain implements Store.Listener {
    final Store store;
    final SimulatedExecutor tasks = new SimulatedExecutor();
    final Batch batch = new Batch();
    final List<String> warnings = new ArrayList<>();
    Log log;

    Drain(SimulatedDisk disk, StoreOptions options) throws IOException {
      store = Store.open(disk, options, this, tasks, Runnable::run);
    }

    void second() {
      store.wantsTending();
      for (int i = 0; i < 12; i++) {
        turn();
      }
    }

    void turn() {
      if (!store.hasRoom()) {
        store.writeOnce();
      }
      store.tend();
      store.writeOnce();
      tasks.runAll();
    }

    void publish(int count) {
      log = store.newLog();
      store.write(batch.createLog(log), true);
      ByteWriter header = new ByteWriter(8);
      for (int i = 0; i < count; i++) {
        header.clear().varint(i);
        makeRoom();
        store.write(
            batch.clear().append(new Log[] {log}, new boolean[1], 1, header, new byte[20]), true);
        if (i % 2_000 == 0) {
          second();
        }
      }
      second();
    }

    void settleAll(int count) {
      for (int i = 0; i < count; i++) {
        makeRoom();
        store.write(batch.clear().settle(log, i, 1), false);
        if (i % 2_000 == 0) {
          second();
        }
      }
    }

    private void makeRoom() {
      while (!store.hasRoom()) {
        assertThat(store.writeOnce()).isTrue();
      }
    }

    @Override
    public void durable(long position) {}

    @Override
    public void room() {}

    @Override
    public void fetched() {}

    @Override
    public void failed(StoreFailedException failure) {
      throw new AssertionError(failure);
    }

    @Override
    public void warned(String what, Exception cause) {
      warnings.add(what + ": " + cause);
    }
  }
}
