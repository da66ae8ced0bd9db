package holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.store.CorruptionException;
import holdfast.store.Damage;
import holdfast.store.JournalInspection;
import holdfast.store.JournalInspection.EntryFacts;
import holdfast.store.JournalVerification;
import holdfast.store.NoJournalException;
import holdfast.store.ReadProgress;
import holdfast.store.Salvage;
import holdfast.store.StoreOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The tools that look at a data directory: on whole ones they agree with the model, and of damaged
/// ones they bring back everything that was not hit, and nothing that never was.
class StoreToolsTest {
  static final ReadProgress SILENT = (bytes, total) -> {};

  /// What damage in the journal can reach: the largest write, and the sector that was hit.
  private static final long REACH_BYTES = 34 * 1024;

  static StoreHarness lived(long seed) throws IOException {
    StoreHarness harness = new StoreHarness(seed);
    harness.lives(2, 300);
    harness.work(300);
    if (harness.dice.nextInt(3) == 0) {
      harness.tendToTheEnd();
    }
    harness.store.close();
    harness.model.confirmed(Long.MAX_VALUE);
    return harness;
  }

  static JournalVerification verify(SimulatedDisk disk) throws IOException {
    return JournalVerification.run(disk, SILENT);
  }

  static SimulatedDisk salvaged(JournalVerification verification) throws IOException {
    SimulatedDisk target = new SimulatedDisk(1);
    Salvage.run(verification, target, StoreOptions.tiny(), SILENT);
    return target;
  }

  // --- whole directories ---

  @Test
  void callsWholeWhateverACrashLeft() {
    int[] torn = new int[1];
    Seeds.forEach(
        30,
        seed -> {
          StoreHarness harness = new StoreHarness(seed);
          harness.model.recovered(harness.open());
          for (int life = 0; life < 8; life++) {
            harness.disk.crashAt(harness.disk.operations() + 1 + harness.dice.nextInt(120));
            harness.work(400);
            harness.disk = harness.disk.crash(harness.anyMode());
            JournalVerification found = verify(harness.disk);
            torn[0] += found.tornTail() == null ? 0 : 1;
            StoreState recovered = harness.open();
            harness.model.recovered(recovered);
            assertThat(found.damages()).allMatch(Damage::harmless);
            assertThat(found.refusal()).isNull();
            assertThat(found.lostEntries()).isZero();
            assertThat(found.liveEntries()).isEqualTo(recovered.liveEntries());
          }
        });
    assertThat(torn[0]).isPositive();
  }

  @Test
  void inspectionCountsWhatTheModelHolds() {
    int[] inLogSegments = new int[1];
    Seeds.forEach(
        40,
        seed -> {
          StoreHarness harness = lived(seed);
          StoreState model = harness.model.current();
          JournalInspection found = JournalInspection.run(harness.disk);
          assertThat(found.definitions().stream().map(JournalInspection.Definition::key))
              .containsExactlyElementsOf(model.definitions().keySet());
          assertThat(found.logs().stream().map(JournalInspection.LogFacts::id))
              .containsExactlyElementsOf(model.logs().keySet());
          long inSegments = 0;
          for (JournalInspection.LogFacts log : found.logs()) {
            StoreState.LogState expected = model.logs().get(log.id());
            assertThat(log.live()).isEqualTo(expected.entries().size());
            assertThat(log.next()).isEqualTo(expected.next());
            assertThat(log.dispatchMark()).isEqualTo(expected.dispatchMark());
            List<Long> sequences = new ArrayList<>();
            JournalInspection.entries(harness.disk, log.id(), e -> sequences.add(e.sequence()));
            assertThat(sequences).containsExactlyElementsOf(expected.entries().keySet());
            inSegments += log.live() - log.inJournal();
          }
          inLogSegments[0] += (int) inSegments;
          assertThat(found.segments().stream().mapToLong(s -> s.live()).sum())
              .isEqualTo(model.liveEntries() - inSegments);
          assertThat(found.logSegments().stream().mapToLong(s -> s.live()).sum())
              .isEqualTo(inSegments);
          assertThat(verify(harness.disk).liveEntries()).isEqualTo(model.liveEntries());
        });
    assertThat(inLogSegments[0]).isPositive();
  }

  @Test
  void salvagesEverythingFromAWholeDirectory() {
    Seeds.forEach(
        20,
        seed -> {
          StoreHarness harness = lived(seed);
          List<String> before = harness.disk.names();
          long operations = harness.disk.operations();
          StoreState found = StoreHarness.read(salvaged(verify(harness.disk)));
          assertThat(harness.disk.operations()).isEqualTo(operations);
          assertThat(harness.disk.names()).isEqualTo(before);
          StoreState model = harness.model.current();
          assertThat(found.definitions().keySet()).isEqualTo(model.definitions().keySet());
          found
              .definitions()
              .forEach((key, value) -> assertThat(value).isEqualTo(model.definitions().get(key)));
          assertThat(found.logs().keySet()).isEqualTo(model.logs().keySet());
          model.logs().forEach((id, log) -> assertThat(hashes(found, id)).isEqualTo(hashes(log)));
        });
  }

  private static List<Long> hashes(StoreState state, long id) {
    return hashes(state.logs().get(id));
  }

  private static List<Long> hashes(StoreState.LogState log) {
    return log.entries().values().stream().map(StoreState.Entry::hash).toList();
  }

  // --- damaged ones ---

  /// Without the newest segment a journal looks like one that ended sooner: nobody can tell.
  private static boolean isNewestSegment(String name, List<String> names) {
    return name.startsWith("journal-")
        && names.stream()
            .filter(n -> n.startsWith("journal-"))
            .allMatch(n -> n.compareTo(name) <= 0);
  }

  /// One place that was changed at rest.
  private record Hit(String file, long offset, boolean wholeFile) {}

  private static Hit hit(SimulatedDisk disk, String name, StoreHarness harness) throws IOException {
    int size = disk.content(name).length;
    if (size == 0 || harness.dice.nextInt(15) == 0) {
      disk.delete(name);
      disk.forceDirectory();
      return new Hit(name, 0, true);
    }
    long offset = harness.dice.nextInt(harness.dice.nextBoolean() ? size : Math.min(size, 20_000));
    if (harness.dice.nextInt(2) == 0) {
      disk.zeroSector(name, offset - offset % 512 + 512 <= size ? offset : 0);
    } else {
      disk.flipBit(name, offset, harness.dice.nextInt(8));
    }
    return new Hit(name, offset, false);
  }

  @Test
  void verificationNamesEveryFileWhoseDamageChangesAnything() {
    int[] refused = new int[1];
    int[] unseen = new int[1];
    Seeds.forEach(
        12,
        seed -> {
          StoreHarness harness = lived(seed);
          List<String> names = harness.disk.names();
          for (int i = 0; i < 100; i++) {
            SimulatedDisk damaged = harness.disk.copy();
            Hit hit = hit(damaged, names.get(harness.dice.nextInt(names.size())), harness);
            if (hit.wholeFile && isNewestSegment(hit.file, names)) {
              continue;
            }
            JournalVerification found = verify(damaged.copy());
            List<String> named = new ArrayList<>();
            found.damages().forEach(damage -> named.add(damage.file() + damage.what()));
            try {
              StoreState read = StoreHarness.read(damaged);
              assertThat(harness.model.current().differences(read)).isEmpty();
              assertThat(found.refusal()).as("%s", hit).isNull();
              unseen[0] += found.isWhole() ? 1 : 0;
            } catch (CorruptionException e) {
              refused[0]++;
              assertThat(found.isWhole()).as("%s: %s", hit, e.getMessage()).isFalse();
              assertThat(named).as("%s", hit).anyMatch(each -> each.contains(hit.file));
            }
          }
        });
    assertThat(refused[0]).isPositive();
    assertThat(unseen[0]).isPositive();
  }

  @Test
  void salvageLosesOnlyWhatWasHitAndInventsNothing() {
    int[] counts = new int[4];
    Seeds.forEach(
        25,
        seed -> {
          StoreHarness harness = lived(seed);
          Map<Long, TreeMap<Long, EntryFacts>> places = places(harness);
          List<String> names =
              harness.disk.names().stream()
                  .filter(name -> !name.startsWith("spare") && !name.equals("lock"))
                  .toList();
          for (int i = 0; i < 16; i++) {
            SimulatedDisk damaged = harness.disk.copy();
            List<Hit> hits = new ArrayList<>();
            for (int n = 1 + harness.dice.nextInt(3); n > 0; n--) {
              String name = names.get(harness.dice.nextInt(names.size()));
              if (damaged.names().contains(name)) {
                hits.add(hit(damaged, name, harness));
              }
            }
            salvageAndCompare(harness, places, damaged, hits, counts);
          }
        });
    assertThat(counts[0]).isGreaterThan(100);
    assertThat(counts[2]).isPositive();
  }

  private static Map<Long, TreeMap<Long, EntryFacts>> places(StoreHarness harness)
      throws IOException {
    Map<Long, TreeMap<Long, EntryFacts>> places = new HashMap<>();
    for (long id : harness.model.current().logs().keySet()) {
      TreeMap<Long, EntryFacts> log = new TreeMap<>();
      JournalInspection.entries(harness.disk, id, entry -> log.put(entry.sequence(), entry));
      places.put(id, log);
    }
    return places;
  }

  private static void salvageAndCompare(
      StoreHarness harness,
      Map<Long, TreeMap<Long, EntryFacts>> places,
      SimulatedDisk damaged,
      List<Hit> hits,
      int[] counts)
      throws IOException {
    JournalVerification verification = verify(damaged);
    SimulatedDisk target = new SimulatedDisk(1);
    Salvage salvage = Salvage.run(verification, target, StoreOptions.tiny(), SILENT);
    assertThat(verify(target.copy()).damages()).as("%s", hits).isEmpty();
    StoreState found = StoreHarness.read(target.copy());
    counts[0]++;
    boolean anyLost = false;
    for (Map.Entry<Long, StoreState.LogState> each : found.logs().entrySet()) {
      Set<Long> ever = harness.appended.getOrDefault(each.getKey(), Set.of());
      for (StoreState.Entry entry : each.getValue().entries().values()) {
        assertThat(ever).as("%s: a phantom in log %d", hits, each.getKey()).contains(entry.hash());
        assertThat(entry.flagged()).isTrue();
      }
    }
    for (Map.Entry<Long, StoreState.LogState> each : harness.model.current().logs().entrySet()) {
      long id = each.getKey();
      StoreState.LogState log = found.logs().get(id);
      List<Long> left = new ArrayList<>(log == null ? List.of() : hashes(log));
      List<Long> order = new ArrayList<>();
      for (Map.Entry<Long, StoreState.Entry> entry : each.getValue().entries().entrySet()) {
        long hash = entry.getValue().hash();
        if (left.remove(hash)) {
          order.add(hash);
          continue;
        }
        anyLost = true;
        counts[2]++;
        EntryFacts place = places.get(id).get(entry.getKey());
        boolean wasHit = hits.stream().anyMatch(hit -> reaches(hit, place));
        assertThat(wasHit)
            .as("%s took entry %d of log %d: %s", hits, entry.getKey(), id, place)
            .isTrue();
      }
      counts[3] += left.size();
      if (log != null) {
        List<Long> kept = new ArrayList<>(hashes(log));
        kept.retainAll(order);
        assertThat(kept.stream().distinct().toList()).isEqualTo(order.stream().distinct().toList());
      }
    }
    counts[1] += anyLost ? 1 : 0;
    String report = new String(target.content(Salvage.REPORT_NAME), StandardCharsets.UTF_8);
    assertThat(report).isEqualTo(salvage.report()).contains("Damaged places");
  }

  /// Parts of a large body lie before the record that names them, in the same segment or the one
  /// before: those count as reached by any damage to the journal.
  private static boolean reaches(Hit hit, EntryFacts place) {
    if (place.bodyBytes() > 2_000 && hit.file.startsWith("journal-")) {
      return true;
    }
    if (!hit.file.equals(place.file())) {
      return false;
    }
    long distance = hit.offset - place.offset();
    boolean apart = place.bodyBytes() > 512;
    boolean inPage = distance > -512 && distance < 1_600 + place.headerBytes();
    return hit.wholeFile
        || (hit.file.startsWith("log-") ? apart || inPage : Math.abs(distance) <= REACH_BYTES);
  }

  @Test
  void salvageRefusesATargetThatHoldsSomething() throws Exception {
    StoreHarness harness = lived(1);
    JournalVerification verification = verify(harness.disk);
    assertThatThrownBy(
            () -> Salvage.run(verification, harness.disk.copy(), StoreOptions.tiny(), SILENT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not empty");
  }

  @Test
  void refusesADirectoryWithoutAJournal() {
    assertThatThrownBy(() -> verify(new SimulatedDisk(1)))
        .isInstanceOf(NoJournalException.class)
        .hasMessageContaining("holds no journal");
  }

  @Test
  void givesNoIdTwiceInWhatWasSalvaged() {
    Seeds.forEach(
        10,
        seed -> {
          StoreHarness harness = lived(seed);
          long epoch = harness.store.epoch();
          SimulatedDisk target = salvaged(verify(harness.disk));
          StoreHarness next = new StoreHarness(seed);
          next.disk = target;
          next.open();
          assertThat(next.store.epoch()).isGreaterThan(epoch);
          assertThat(harness.knownIds).doesNotContain(next.store.newLog().id());
        });
  }
}
