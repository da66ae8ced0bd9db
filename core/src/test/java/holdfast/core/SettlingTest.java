package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.store.Batch;
import holdfast.store.ByteWriter;
import holdfast.store.LocalDisk;
import holdfast.store.Log;
import holdfast.store.Store;
import holdfast.store.StoreFailedException;
import holdfast.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Settled entries gathered into runs, and what a store makes of them.
class SettlingTest {
  @TempDir Path directory;

  private static final class Silence implements Store.Listener {
    @Override
    public void durable(long position) {}

    @Override
    public void room() {}

    @Override
    public void fetched() {}

    @Override
    public void failed(StoreFailedException failure) {
      throw failure;
    }

    @Override
    public void warned(String what, Exception cause) {}
  }

  private Store open() throws IOException {
    return Store.open(
        LocalDisk.open(directory), StoreOptions.tiny(), new Silence(), task -> {}, Runnable::run);
  }

  private static Queue queue(Store store, String name) {
    Log log = store.newLog();
    store.write(new Batch().createLog(log), true);
    VirtualHost host = new VirtualHost("/");
    Limits limits = Limits.standard(1_000_000);
    MemoryBudget memory = new MemoryBudget(limits.memoryBytesHigh(), limits.cacheBytesHigh());
    Shard shard = new Shard(store, limits, memory, new Formats(List.of()));
    return new Queue(
        shard,
        host,
        new Queue.Declaration(name, true, false, false, Arguments.NONE),
        log,
        null,
        false);
  }

  private static List<Entry> append(Store store, Queue queue, int count) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      while (!store.hasRoom()) {
        store.writeOnce();
      }
      Log log = queue.usual().log();
      entries.add(new Entry(queue.usual(), null, log.next(), true));
      store.write(
          new Batch()
              .append(new Log[] {log}, new boolean[] {true}, 1, new ByteWriter(8), new byte[1]),
          true);
    }
    return entries;
  }

  @Test
  void whatIsSettledIsGoneAndNothingElse() throws IOException {
    SplittableRandom dice = new SplittableRandom(7);
    List<List<Long>> left = new ArrayList<>();
    try (Store store = open()) {
      List<Queue> queues = List.of(queue(store, "a"), queue(store, "b"));
      List<Entry> entries = new ArrayList<>();
      for (Queue queue : queues) {
        entries.addAll(append(store, queue, 500));
        left.add(new ArrayList<>());
      }
      // Out of order, a little: some are neighbours, some are not, some are of the other queue.
      for (int i = 0; i < 300; i++) {
        Collections.swap(entries, dice.nextInt(1000), dice.nextInt(1000));
      }
      Settling settling = new Settling(store);
      for (Entry entry : entries) {
        if (dice.nextInt(3) == 0) {
          left.get(queues.indexOf(entry.queue())).add(entry.sequence);
          continue;
        }
        settling.add(entry);
        if (dice.nextInt(40) == 0) {
          settling.finish(false);
          while (!store.hasRoom()) {
            store.writeOnce();
          }
        }
      }
      settling.finish(true);
    }
    try (Store store = open()) {
      List<List<Long>> found = new ArrayList<>();
      for (Log log : store.logs()) {
        List<Long> sequences = new ArrayList<>();
        for (long s = log.nextLive(0); s < log.next(); s = log.nextLive(s + 1)) {
          sequences.add(s);
        }
        found.add(sequences);
      }
      left.forEach(Collections::sort);
      assertThat(found).containsExactlyInAnyOrderElementsOf(left);
    }
  }

  @Test
  void neighboursTakeOneRecord() throws IOException {
    try (Store store = open()) {
      List<Entry> entries = append(store, queue(store, "a"), 1000);
      while (store.durable() == 0 || !store.hasRoom()) {
        store.writeOnce();
      }
      store.writeOnce();
      store.writeOnce();
      long before = store.writtenBytes();
      Settling settling = new Settling(store);
      entries.forEach(settling::add);
      assertThat(settling.finish(true)).isPositive();
      store.writeOnce();
      assertThat(store.writtenBytes() - before).as("one block").isEqualTo(4096);
    }
  }

  @Test
  void theEndOfNothingIsNowhere() throws IOException {
    try (Store store = open()) {
      Settling settling = new Settling(store);
      assertThat(settling.finish(true)).isZero();
      Queue memory = queue(store, "a");
      settling.add(new Entry(memory.usual(), null, Entry.NOT_LOGGED, true));
      assertThat(settling.finish(true)).as("not in the journal").isZero();
      List<Entry> entries = append(store, memory, 1);
      memory.delete();
      settling.add(entries.getFirst());
      assertThat(settling.finish(true)).as("of a queue that is gone").isZero();
    }
  }

  /// A step may settle so many that no batch holds their runs: the last position is the answer.
  @Test
  void moreRunsThanABatchHoldsTakeSeveral() throws IOException {
    try (Store store = open()) {
      List<Entry> entries = append(store, queue(store, "a"), 2200);
      while (!store.hasRoom()) {
        store.writeOnce();
      }
      store.writeOnce();
      Settling settling = new Settling(store);
      for (int i = 0; i < entries.size(); i += 2) {
        settling.add(entries.get(i));
      }
      long position = settling.finish(true);
      store.writeOnce();
      assertThat(store.durable()).isEqualTo(position);
    }
  }
}
