package holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.store.CorruptionException;
import holdfast.store.Log;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/// Files that were changed at rest: damage to confirmed data is named and nothing is served, damage
/// to what was never confirmed is cut off, damage to dead space changes nothing.
class StoreDamageTest {
  private static final String FIRST_SEGMENT = "journal-0000000000000001.seg";

  @Test
  void neverServesDamageAndNeverSkipsIt() {
    int[] refused = new int[1];
    int[] harmless = new int[1];
    Seeds.forEach(
        15,
        seed -> {
          StoreHarness harness = new StoreHarness(seed, StoreShape.of(seed));
          harness.lives(2, 300);
          harness.work(300);
          harness.store.close();
          harness.model.confirmed(Long.MAX_VALUE);
          List<String> names = harness.disk.names();
          for (int i = 0; i < 120; i++) {
            SimulatedDisk damaged = harness.disk.copy();
            String name = names.get(harness.dice.nextInt(names.size()));
            long offset = damage(damaged, name, harness);
            try {
              StoreState found = StoreHarness.read(damaged);
              harmless[0]++;
              assertThat(harness.model.current().differences(found))
                  .as("%s damaged at %d", name, offset)
                  .isEmpty();
            } catch (CorruptionException e) {
              refused[0]++;
              assertThat(e).hasMessageContaining(name);
            }
          }
        });
    assertThat(refused[0]).isPositive();
    assertThat(harmless[0]).isPositive();
  }

  private static long damage(SimulatedDisk disk, String name, StoreHarness harness)
      throws IOException {
    int size = disk.content(name).length;
    if (size == 0) {
      return 0;
    }
    long offset = harness.dice.nextInt(harness.dice.nextBoolean() ? size : Math.min(size, 20_000));
    if (harness.dice.nextInt(3) == 0) {
      disk.zeroSector(name, offset - offset % 512 + 512 <= size ? offset : 0);
    } else {
      disk.flipBit(name, offset, harness.dice.nextInt(8));
    }
    return offset;
  }

  /// A store with two confirmed entries, each in a write of its own.
  private static final class TwoEntries {
    final StoreHarness harness = new StoreHarness(1);
    final byte[] first;
    final byte[] second;

    TwoEntries() throws IOException {
      harness.open();
      Log log = harness.steps.newLog();
      first = harness.steps.append(log, 900);
      harness.store.writeOnce();
      second = harness.steps.append(log, 900);
      harness.store.writeOnce();
    }

    /// Flips a bit in the middle of a body.
    void damage(byte[] body) throws IOException {
      harness.disk.flipBit(FIRST_SEGMENT, find(harness.disk.content(FIRST_SEGMENT), body) + 450, 3);
    }

    StoreState read() throws IOException {
      return StoreHarness.read(harness.disk.copy());
    }
  }

  private static int find(byte[] content, byte[] part) {
    for (int at = 0; at + part.length <= content.length; at++) {
      if (Arrays.equals(content, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    throw new AssertionError("not there");
  }

  @Test
  void namesTheSegmentWhenAConfirmedEntryIsDamaged() throws Exception {
    TwoEntries store = new TwoEntries();
    store.damage(store.first);
    assertThatThrownBy(store::read)
        .isInstanceOf(CorruptionException.class)
        .hasMessageContaining(FIRST_SEGMENT)
        .hasMessageContaining("offset 4096")
        .hasMessageContaining("write 1")
        .hasMessageContaining("Nothing has been changed");
  }

  @Test
  void cutsATailThatNothingLaterCallsDurable() throws Exception {
    TwoEntries store = new TwoEntries();
    store.damage(store.second);
    StoreState found = store.read();
    assertThat(found.liveEntries()).isEqualTo(1);
    assertThat(found.logs().firstEntry().getValue().entries().firstEntry().getValue().body())
        .isEqualTo(store.first);
  }

  @Test
  void callsDamageToTheLastWriteCorruptionOnceTheIdleMarkIsThere() throws Exception {
    TwoEntries store = new TwoEntries();
    store.harness.store.writeOnce();
    store.damage(store.second);
    assertThatThrownBy(store::read)
        .isInstanceOf(CorruptionException.class)
        .hasMessageContaining(FIRST_SEGMENT)
        .hasMessageContaining("write 2");
  }

  @Test
  void refusesToStartWithoutASegmentItNeeds() {
    int[] refused = new int[1];
    Seeds.forEach(
        10,
        seed -> {
          StoreHarness harness = new StoreHarness(seed);
          harness.lives(2, 400);
          harness.work(400);
          harness.store.close();
          harness.model.confirmed(Long.MAX_VALUE);
          List<String> segments =
              harness.disk.names().stream().filter(name -> name.startsWith("journal-")).toList();
          for (String name : segments.subList(0, segments.size() - 1)) {
            SimulatedDisk without = harness.disk.copy();
            without.delete(name);
            without.forceDirectory();
            try {
              // One that only the older checkpoint or nobody needs may go.
              StoreState found = StoreHarness.read(without);
              assertThat(harness.model.current().differences(found)).as(name).isEmpty();
            } catch (CorruptionException e) {
              refused[0]++;
              assertThat(e).hasMessageContaining(name);
            }
          }
        });
    assertThat(refused[0]).isPositive();
  }

  @Test
  void fallsBackToTheCheckpointBeforeADamagedOne() {
    int[] fellBack = new int[1];
    Seeds.forEach(
        10,
        seed -> {
          StoreHarness harness = new StoreHarness(seed);
          harness.lives(3, 500);
          harness.work(500);
          // A start must not give away what only the older checkpoint still needs.
          harness.restart();
          harness.store.close();
          List<String> checkpoints =
              harness.disk.names().stream()
                  .filter(name -> name.startsWith("checkpoint-"))
                  .sorted()
                  .toList();
          if (checkpoints.size() >= 2) {
            fellBack[0]++;
            harness.disk.flipBit(checkpoints.getLast(), 30, 1);
            harness.model.recovered(harness.open());
            assertThat(harness.store.warnings()).isNotEmpty();
            harness.lives(1, 300);
          }
        });
    assertThat(fellBack[0]).isPositive();
  }

  /// Every byte of a log segment, one after the other: what is served is right, or nothing is.
  @Test
  void servesNothingFromAPageInWhichAnyByteIsDamaged() throws Exception {
    StoreHarness harness = new StoreHarness(1, StoreShape.BACKLOG);
    harness.open();
    Log log = harness.steps.newLog();
    for (int i = 0; harness.counts.logSegments == 0; i++) {
      harness.steps.append(log, 90);
      harness.store.writeOnce();
      harness.store.tend();
      harness.runAllBackground();
      assertThat(i).isLessThan(5_000);
    }
    harness.idle();
    harness.restart();
    harness.store.close();
    String name =
        harness.disk.names().stream().filter(n -> n.startsWith("log-")).findFirst().orElseThrow();
    int size = harness.disk.content(name).length;
    int refused = 0;
    for (int at = 4096; at < Math.min(size, 4096 + 700); at++) {
      SimulatedDisk damaged = harness.disk.copy();
      damaged.flipBit(name, at, at % 8);
      try {
        assertThat(harness.model.current().differences(StoreHarness.read(damaged)))
            .as("%s damaged at %d", name, at)
            .isEmpty();
      } catch (CorruptionException e) {
        refused++;
        assertThat(e).hasMessageContaining(name);
      }
    }
    assertThat(refused).isGreaterThan(600);
  }

  @Test
  void refusesAnotherFormatVersionAndSaysWhatToDo() throws Exception {
    TwoEntries store = new TwoEntries();
    byte[] block = Arrays.copyOf(store.harness.disk.content(FIRST_SEGMENT), 4096);
    ByteBuffer header = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(8, 1);
    CRC32C head = new CRC32C();
    head.update(block, 0, 12);
    CRC32C crc = new CRC32C();
    byte[] seed = new byte[8];
    ByteBuffer.wrap(seed).order(ByteOrder.LITTLE_ENDIAN).putLong((int) head.getValue() | 1L << 32);
    crc.update(seed);
    crc.update(block, 16, 4080);
    header.putInt(12, (int) crc.getValue());
    store.harness.disk.overwrite(FIRST_SEGMENT, 0, block);
    assertThatThrownBy(store::read)
        .isInstanceOf(CorruptionException.class)
        .hasMessageContaining("format 1")
        .hasMessageContaining("reads format 2")
        .hasMessageContaining("open the directory with the version that wrote it");
  }
}
