package holdfast.testkit;

import holdfast.store.Engine;
import holdfast.store.Epoch;
import holdfast.store.Journal;
import holdfast.store.JournalId;
import holdfast.store.Room;
import holdfast.store.SegmentInput;
import holdfast.store.SegmentOutput;
import holdfast.store.Segments;
import holdfast.store.WriteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// Puts everything that may go wrong between an owner and an engine in front of one: another owner
/// takes over before or after an append, an append's answer is lost whether it landed or not,
/// completions come late, segments cannot be written. Everything random comes from the seed.
///
/// For one thread, which lets late completions come by [#step].
public final class UnsteadyEngine implements Engine {
  private final Engine inner;
  private final SplittableRandom dice;
  private boolean calm;
  private @Nullable Late late;

  // What has happened.
  private long fenced;
  private long unknownLanded;
  private long unknownLost;
  private long delayed;
  private long segmentFailures;

  /// A write that completes later.
  private record Late(Link link, WriteBuffer write, Journal.Completion completion) {}

  public UnsteadyEngine(Engine inner, long seed) {
    this.inner = inner;
    this.dice = new SplittableRandom(seed);
  }

  /// Whether nothing goes wrong for now, and nothing comes late.
  public void calm(boolean calm) {
    this.calm = calm;
  }

  /// Lets a write that is under way complete, or fail, now and then.
  public void step() {
    if (late != null && dice.nextInt(3) == 0) {
      settle();
    }
  }

  /// Lets it complete, or fail, now.
  public void settle() {
    Late waiting = late;
    if (waiting != null) {
      late = null;
      waiting.link.complete(waiting);
    }
  }

  /// Epochs that another owner ended.
  public long fenced() {
    return fenced;
  }

  /// Appends that landed and whose answer was lost.
  public long unknownLanded() {
    return unknownLanded;
  }

  /// Appends that did not land, which nobody was told.
  public long unknownLost() {
    return unknownLost;
  }

  public long delayed() {
    return delayed;
  }

  public long segmentFailures() {
    return segmentFailures;
  }

  @Override
  public Epoch acquire(long above) throws IOException {
    late = null;
    return new Tenure(inner.acquire(above));
  }

  @Override
  public String description() {
    return inner.description();
  }

  @Override
  public void close() throws IOException {
    inner.close();
  }

  private final class Tenure implements Epoch {
    private final Epoch epoch;
    private final Link journal;
    private final Files segments;

    Tenure(Epoch epoch) {
      this.epoch = epoch;
      journal = new Link(epoch.journal());
      segments = new Files(epoch.segments());
    }

    @Override
    public long number() {
      return epoch.number();
    }

    @Override
    public JournalId journalId() {
      return epoch.journalId();
    }

    @Override
    public Journal journal() {
      return journal;
    }

    @Override
    public Segments segments() {
      return segments;
    }

    @Override
    public Room room() {
      return epoch.room();
    }

    @Override
    public void recovered() throws IOException {
      epoch.recovered();
    }
  }

  /// The way to the journal.
  private final class Link implements Journal {
    private final Journal journal;

    /// An append has failed: the epoch is over.
    private boolean over;

    Link(Journal journal) {
      this.journal = journal;
    }

    @Override
    public long append(WriteBuffer write, Completion completion) throws IOException {
      if (over) {
        throw new IOException("an append of this epoch has failed before");
      }
      if (late != null) {
        throw new IllegalStateException("two writes are under way");
      }
      int roll = calm ? 99 : dice.nextInt(100);
      if (roll < 25) {
        delayed++;
        late = new Late(this, write, completion);
        return PENDING;
      }
      return send(write, completion, roll);
    }

    void complete(Late waiting) {
      try {
        long nanos = send(waiting.write, waiting.completion, calm ? 99 : 25 + dice.nextInt(75));
        waiting.completion.completed(nanos);
      } catch (IOException e) {
        waiting.completion.failed(e);
      }
    }

    private long send(WriteBuffer write, Completion completion, int roll) throws IOException {
      try {
        switch (roll) {
          case 25 -> {
            fenced++;
            inner.acquire(0);
          }
          case 26 -> {
            unknownLost++;
            throw new IOException("no answer");
          }
          case 27 -> {
            unknownLanded++;
            journal.append(write, completion);
            throw new IOException("no answer");
          }
          case 28 -> {
            fenced++;
            unknownLanded++;
            journal.append(write, completion);
            inner.acquire(0);
            throw new IOException("no answer");
          }
          default -> {
            // All goes well.
          }
        }
        return journal.append(write, completion);
      } catch (IOException e) {
        over = true;
        throw e;
      }
    }

    @Override
    public boolean has(long segment, JournalId journalId) throws IOException {
      return journal.has(segment, journalId);
    }

    @Override
    public void replay(long fromSegment, Replayed to) throws IOException {
      journal.replay(fromSegment, to);
    }

    @Override
    public Begin begin() throws IOException {
      return journal.begin();
    }

    @Override
    public long plan(long segment) {
      return journal.plan(segment);
    }

    @Override
    public boolean isBuffered() {
      return journal.isBuffered();
    }

    @Override
    public void force() throws IOException {
      journal.force();
    }

    @Override
    public long forced() {
      return journal.forced();
    }

    @Override
    public SegmentInput open(long segment) throws IOException {
      return journal.open(segment);
    }

    @Override
    public String where() {
      return journal.where();
    }

    @Override
    public void free(long before, LongPredicate isRead) throws IOException {
      mayFail();
      journal.free(before, isRead);
    }

    @Override
    public long bytes(long segment) {
      return journal.bytes(segment);
    }

    @Override
    public long bytesFrom(long segment) {
      return journal.bytesFrom(segment);
    }

    @Override
    public int segmentCount() {
      return journal.segmentCount();
    }

    @Override
    public long diskBytes() {
      return journal.diskBytes();
    }

    @Override
    public void close(boolean forces) throws IOException {
      journal.close(forces);
    }
  }

  private void mayFail() throws IOException {
    if (!calm && dice.nextInt(40) == 0) {
      segmentFailures++;
      throw new IOException("no answer");
    }
  }

  /// The way to the segments: what fails may have been done.
  private final class Files implements Segments {
    private final Segments segments;

    Files(Segments segments) {
      this.segments = segments;
    }

    @Override
    public List<Long> numbers(Kind kind) throws IOException {
      return segments.numbers(kind);
    }

    @Override
    public SegmentInput open(Kind kind, long number) throws IOException {
      return segments.open(kind, number);
    }

    @Override
    public SegmentOutput create(Kind kind, long number) throws IOException {
      mayFail();
      SegmentOutput output = segments.create(kind, number);
      return new SegmentOutput() {
        @Override
        public void write(ByteBuffer blocks) throws IOException {
          mayFail();
          output.write(blocks);
        }

        @Override
        public long room() {
          return output.room();
        }

        @Override
        public void finish() throws IOException {
          output.finish();
          mayFail();
        }

        @Override
        public void close() throws IOException {
          output.close();
        }
      };
    }

    @Override
    public @Nullable SegmentOutput createInKept(Kind kind, long number) throws IOException {
      return segments.createInKept(kind, number);
    }

    @Override
    public void write(Kind kind, long number, ByteBuffer bytes, long nextBytesMax)
        throws IOException {
      mayFail();
      segments.write(kind, number, bytes, nextBytesMax);
      mayFail();
    }

    @Override
    public void force() throws IOException {
      mayFail();
      segments.force();
    }

    @Override
    public void delete(Kind kind, long number) throws IOException {
      segments.delete(kind, number);
    }

    @Override
    public String description() {
      return segments.description();
    }
  }
}
