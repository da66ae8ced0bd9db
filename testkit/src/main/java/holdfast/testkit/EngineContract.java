package holdfast.testkit;

import holdfast.store.Disk;
import holdfast.store.Engine;
import holdfast.store.Epoch;
import holdfast.store.Journal;
import holdfast.store.SegmentInput;
import holdfast.store.SegmentOutput;
import holdfast.store.Segments;
import holdfast.store.WriteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// What a store rests on, asked of any [Engine] at its ports. A broken promise is an
/// [AssertionError].
public final class EngineContract {
  private static final int BLOCK = Disk.BLOCK_BYTES;
  private static final int PAYLOAD_BYTES_MAX = 6000;

  /// No write of this contract is larger.
  private static final int WRITE_BYTES_MAX = 3 * BLOCK;

  private static final Segments.Kind LOG = Segments.Kind.LOG;

  /// Where the engine comes from.
  public interface Site {
    Engine engine() throws IOException;

    /// What is there after the worst that the engine says its data survives.
    Engine reopened() throws IOException;
  }

  /// A write as it was handed over or replayed.
  private record Written(long segment, long position, long offset, byte[] records) {
    boolean isSame(Written other) {
      return segment == other.segment
          && position == other.position
          && offset == other.offset
          && Arrays.equals(records, other.records);
    }
  }

  private final Site site;
  private final SplittableRandom dice;

  /// Completed, and still to be replayed.
  private final List<Written> completed = new ArrayList<>();

  private Engine engine;
  private long epochs;

  public EngineContract(Site site, long seed) throws IOException {
    this.site = site;
    this.dice = new SplittableRandom(seed);
    this.engine = site.engine();
  }

  private static void require(boolean holds, String promise) {
    if (!holds) {
      throw new AssertionError("an engine must keep this: " + promise);
    }
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private static void requireRefused(Attempt attempt, String promise) {
    try {
      attempt.run();
    } catch (IOException refused) {
      return;
    }
    throw new AssertionError("an engine must keep this: " + promise);
  }

  /// One epoch from its beginning on: its number, what it replays, and what it appends.
  private final class Owner {
    final Epoch epoch;
    final Journal journal;
    private long segment;
    private long segmentBytes;
    private long position;
    private long end = BLOCK;
    private boolean answered = true;
    private @Nullable IOException failure;

    Owner() throws IOException {
      epoch = engine.acquire(0);
      require(epoch.number() > epochs, "epochs rise");
      epochs = epoch.number();
      journal = epoch.journal();
      replay();
      epoch.recovered();
      Journal.Begin begin = journal.begin();
      segment = begin.segment();
      segmentBytes = begin.segmentBytes();
      position = begin.position() - 1;
      if (!completed.isEmpty()) {
        require(begin.position() > completed.getLast().position, "positions rise over epochs");
        require(segment > completed.getLast().segment, "an epoch has segments of its own");
      }
    }

    /// Requires that all that completed is replayed, and nothing else.
    private void replay() throws IOException {
      List<Written> found = new ArrayList<>();
      long from = completed.isEmpty() ? 1 : completed.getFirst().segment;
      journal.replay(from, new Collector(found));
      for (int i = 0; i < completed.size(); i++) {
        require(i < found.size(), "what has completed is replayed");
        require(completed.get(i).isSame(found.get(i)), "it is replayed as it was, in its order");
      }
      require(found.size() == completed.size(), "nothing else is replayed");
    }

    /// Appends a write; what it brings is known on return.
    void append() throws IOException {
      byte[] payload = new byte[dice.nextInt(PAYLOAD_BYTES_MAX)];
      dice.nextBytes(payload);
      if (end + WRITE_BYTES_MAX > segmentBytes) {
        segment++;
        segmentBytes = journal.plan(segment);
        end = BLOCK;
      }
      WriteBuffer write = WriteBuffer.of(segment, position + 1, end, payload);
      ByteBuffer records = write.records();
      byte[] bytes = new byte[records.remaining()];
      records.get(bytes);
      Written written =
          new Written(write.segment(), write.position(), write.recordsOffset(), bytes);
      answered = false;
      long nanos = journal.append(write, new Answer());
      if (nanos == Journal.PENDING) {
        await();
      } else {
        answered = true;
      }
      position++;
      end = write.end();
      completed.add(written);
    }

    private synchronized void await() throws IOException {
      try {
        while (!answered) {
          wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
      if (failure != null) {
        throw failure;
      }
    }

    private final class Answer implements Journal.Completion {
      @Override
      public void completed(long nanos) {
        synchronized (Owner.this) {
          answered = true;
          Owner.this.notifyAll();
        }
      }

      @Override
      public void failed(Throwable cause) {
        synchronized (Owner.this) {
          answered = true;
          failure = new IOException(cause);
          Owner.this.notifyAll();
        }
      }
    }
  }

  private static final class Collector implements Journal.Replayed {
    private final List<Written> found;

    Collector(List<Written> found) {
      this.found = found;
    }

    @Override
    public void newEpoch() {}

    @Override
    public void write(long segment, long position, long offset, ByteBuffer records) {
      byte[] bytes = new byte[records.remaining()];
      records.duplicate().get(bytes);
      found.add(new Written(segment, position, offset, bytes));
    }

    @Override
    public boolean isCounted(long position) {
      return false;
    }
  }

  /// What has completed survives, in its order, through owners that follow each other, and each has
  /// a higher epoch.
  public void keepsWhatHasCompleted() throws IOException {
    for (int life = 0; life < 6; life++) {
      Owner owner = new Owner();
      for (int n = dice.nextInt(40); n > 0; n--) {
        owner.append();
      }
      require(
          completed.isEmpty() || owner.journal.forced() >= completed.getLast().position,
          "what has completed is forced");
      if (dice.nextBoolean()) {
        owner.journal.close(true);
      }
      engine = site.reopened();
    }
    new Owner();
  }

  /// An owner whose epoch is over can change nothing any more.
  public void fencesWhoeverWasOwner() throws IOException {
    Owner first = new Owner();
    first.append();
    first.epoch.segments().write(Segments.Kind.CHECKPOINT, 1, ByteBuffer.allocateDirect(10), 0);
    SegmentOutput open = first.epoch.segments().create(LOG, 7);
    Owner second = new Owner();
    requireRefused(first::append, "an epoch that is over completes no append");
    requireRefused(first::append, "not at the second try either");
    Segments old = first.epoch.segments();
    requireRefused(() -> old.create(LOG, 8), "nor does it begin a segment");
    requireRefused(open::finish, "nor finish one");
    requireRefused(
        () -> old.write(Segments.Kind.CHECKPOINT, 2, ByteBuffer.allocateDirect(10), 0),
        "nor write a checkpoint");
    requireRefused(() -> old.delete(Segments.Kind.CHECKPOINT, 1), "nor delete one");
    requireRefused(
        () -> first.journal.free(second.segment, segment -> false), "nor give back the journal");
    second.append();
    second.epoch.segments().delete(LOG, 7);
    second.epoch.segments().force();
    engine = site.reopened();
    Owner third = new Owner();
    require(
        third.epoch.segments().numbers(Segments.Kind.CHECKPOINT).equals(List.of(1L)),
        "checkpoints are as the owners left them");
    require(third.epoch.segments().numbers(LOG).isEmpty(), "and so are log segments");
  }

  /// Records are read back where they were put, also while more are appended.
  public void readsBackWhatHasCompleted() throws IOException {
    Owner owner = new Owner();
    for (int i = 0; i < 60; i++) {
      owner.append();
      Written some = completed.get(dice.nextInt(completed.size()));
      try (SegmentInput input = owner.journal.open(some.segment)) {
        byte[] bytes = read(input, some.offset, some.records.length);
        require(Arrays.equals(bytes, some.records), "what is read is what was appended");
        require(input.size() >= some.offset + some.records.length, "a segment tells its size");
      }
    }
  }

  private static byte[] read(SegmentInput input, long offset, int count) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(count);
    int read = input.read(target, offset);
    return Arrays.copyOf(target.array(), read);
  }

  /// Segments are given back from the front, but for those that somebody reads.
  public void givesBackFromTheFront() throws IOException {
    Owner owner = new Owner();
    while (owner.segment < 5) {
      owner.append();
    }
    require(owner.journal.segmentCount() >= 4, "segments are counted");
    long all = owner.journal.bytesFrom(1);
    owner.journal.free(4, segment -> segment == 2);
    require(!owner.journal.has(1, owner.epoch.journalId()) || owner.journal.bytes(1) == 0, "gone");
    require(owner.journal.bytes(2) > 0, "what is read stays");
    owner.journal.free(4, segment -> false);
    require(owner.journal.bytes(2) == 0 && owner.journal.bytes(3) == 0, "until it is not read");
    require(owner.journal.bytesFrom(1) < all, "and is counted no more");
    completed.removeIf(written -> written.segment < 4);
    engine = site.reopened();
    Owner next = new Owner();
    require(next.journal.has(4, next.epoch.journalId()), "the rest is there");
    require(!next.journal.has(1, next.epoch.journalId()), "and what was given back is not");
  }

  /// A segment is there whole or not at all.
  public void keepsSegmentsWhole() throws IOException {
    Owner owner = new Owner();
    Segments segments = owner.epoch.segments();
    ByteBuffer blocks =
        ByteBuffer.allocateDirect(4 * BLOCK).alignedSlice(BLOCK).slice(0, 2 * BLOCK);
    for (int i = 0; i < 2 * BLOCK; i++) {
      blocks.put(i, (byte) dice.nextInt());
    }
    try (SegmentOutput output = segments.create(LOG, 3)) {
      output.write(blocks.duplicate());
      output.write(blocks.duplicate());
      output.finish();
    }
    segments.force();
    ByteBuffer checkpoint = ByteBuffer.allocateDirect(5000);
    for (long number = 1; number <= 3; number++) {
      checkpoint.put(0, (byte) number);
      segments.write(Segments.Kind.CHECKPOINT, number, checkpoint.duplicate(), 5000);
    }
    segments.delete(Segments.Kind.CHECKPOINT, 2);
    segments.force();
    owner.append();
    engine = site.reopened();
    Segments after = new Owner().epoch.segments();
    require(after.numbers(LOG).equals(List.of(3L)), "a finished segment is there");
    require(
        after.numbers(Segments.Kind.CHECKPOINT).equals(List.of(3L, 1L)),
        "checkpoints are there, newest first, and one that was deleted is not");
    try (SegmentInput input = after.open(LOG, 3)) {
      require(input.size() == 4 * BLOCK, "a segment has its bytes");
      byte[] half = read(input, BLOCK, BLOCK);
      byte[] expected = new byte[BLOCK];
      blocks.get(BLOCK, expected);
      require(Arrays.equals(half, expected), "they are those that were written");
      require(read(input, 4 * BLOCK, 10).length == 0, "and end there");
    }
    try (SegmentInput input = after.open(Segments.Kind.CHECKPOINT, 1)) {
      require(read(input, 0, 1)[0] == 1, "a checkpoint has its own bytes");
    }
    try {
      after.open(LOG, 4).close();
      throw new AssertionError("a segment that never was can be opened");
    } catch (NoSuchFileException expected) {
      // As it must be.
    }
  }
}
