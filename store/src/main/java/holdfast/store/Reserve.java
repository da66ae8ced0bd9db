package holdfast.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Files that hold room on the disk for the worst: what it takes to find the way out when nothing
/// can be allocated any more. Two as large as a journal segment (one for the journal, one for
/// entries that must leave it), two for checkpoints. What they contain means nothing; who takes one
/// writes over it and gives it the name it needs.
///
/// A file that is not needed any more is *offered* before it is deleted, so that on a full disk the
/// same files go round. Taken by the journal's writer and the background; all else is the
/// background's. The list is guarded by this object's lock, under which there is no device work.
final class Reserve {
  private static final String PREFIX = "reserve-";
  private static final String UNFINISHED = "reserve.tmp";

  private final Disk disk;
  private final Space space;
  private final List<Held> held = new ArrayList<>();

  /// Offered, under a name that is not on stable storage yet. Owned by the background.
  private final List<Held> offered = new ArrayList<>();

  private long segmentBytes;
  private long checkpointBytes;
  private long number;

  /// A file with so much room, a multiple of [Disk#BLOCK_BYTES].
  record Held(String name, long bytes) {}

  /// @param segmentBytes size of a journal segment to begin with
  Reserve(Disk disk, Space space, long segmentBytes) {
    this.disk = disk;
    this.space = space;
    this.segmentBytes = segmentBytes;
    this.checkpointBytes = Math.max(Disk.BLOCK_BYTES, segmentBytes / 16);
  }

  /// Takes stock at open.
  void adopt() throws IOException {
    disk.delete(UNFINISHED);
    for (String name : disk.names()) {
      if (name.startsWith(PREFIX)) {
        add(name);
      }
    }
  }

  private static long blocks(long bytes) {
    return bytes - bytes % Disk.BLOCK_BYTES;
  }

  /// Segments have this size now.
  synchronized void segmentsAre(long bytes) {
    segmentBytes = bytes;
    space.segmentsAre(bytes);
  }

  /// The newest checkpoint has this size. Twice as much is kept: the next one may be larger.
  synchronized void checkpointIs(long bytes) {
    long twice = (2 * bytes + Disk.BLOCK_BYTES - 1) / Disk.BLOCK_BYTES * Disk.BLOCK_BYTES;
    checkpointBytes = Math.max(checkpointBytes, twice);
  }

  /// What should be there, largest first.
  private long[] targets() {
    long[] targets = {checkpointBytes, checkpointBytes, segmentBytes, segmentBytes};
    Arrays.sort(targets);
    return new long[] {targets[3], targets[2], targets[1], targets[0]};
  }

  /// The first place in the row that is empty or holds too small a file; -1 if there is none.
  private int gap(long[] targets) {
    held.sort((one, other) -> Long.compare(other.bytes(), one.bytes()));
    for (int i = 0; i < targets.length; i++) {
      if (i >= held.size() || held.get(i).bytes < targets[i]) {
        return i;
      }
    }
    return -1;
  }

  synchronized boolean isWhole() {
    return gap(targets()) < 0;
  }

  synchronized long bytes() {
    return held.stream().mapToLong(Held::bytes).sum();
  }

  /// Files of at least this size.
  synchronized int count(long bytesMin) {
    return (int) held.stream().filter(file -> file.bytes >= bytesMin).count();
  }

  /// The largest file; 0 if there is none.
  synchronized long largest() {
    return held.stream().mapToLong(Held::bytes).max().orElse(0);
  }

  /// The smallest file that has this much room; it is the caller's, to rename or to [#giveBack].
  /// Null if there is none.
  synchronized @Nullable Held take(long bytesMin) {
    Held best = remove(bytesMin);
    if (best != null) {
      space.reserveLacks("the disk is full: the space kept for the worst is in use");
    }
    return best;
  }

  /// The same while there is space to make up for it at once. The last that is large enough stays.
  synchronized @Nullable Held borrow(long bytesMin) {
    return count(bytesMin) > 1 ? remove(bytesMin) : null;
  }

  private @Nullable Held remove(long bytesMin) {
    Held best = null;
    for (Held file : held) {
      if (file.bytes >= bytesMin && (best == null || file.bytes < best.bytes)) {
        best = file;
      }
    }
    if (best != null) {
      held.remove(best);
    }
    return best;
  }

  /// A file that was taken and could not be used after all: what is left of it.
  void giveBack(Held taken) throws IOException {
    if (disk.names().contains(taken.name)) {
      add(taken.name);
    }
  }

  private void add(String name) throws IOException {
    try (DiskFile file = disk.open(name, Disk.Access.READ)) {
      long bytes = blocks(file.size());
      synchronized (this) {
        held.add(new Held(name, bytes));
      }
    }
  }

  /// Takes a file that would be deleted otherwise, if the reserve lacks one of its size: true. It
  /// counts after [#admitOffered].
  boolean offer(String name, long size) throws IOException {
    long bytes = blocks(size);
    synchronized (this) {
      int place = gap(targets());
      boolean wanted = false;
      long[] targets = targets();
      for (int i = Math.max(place, 0); place >= 0 && i < targets.length && !wanted; i++) {
        long have = i < held.size() ? held.get(i).bytes : 0;
        wanted = have < targets[i] && bytes > have;
      }
      if (!wanted || offered.size() == targets.length) {
        return false;
      }
    }
    String reserved = nextName();
    disk.rename(name, reserved);
    offered.add(new Held(reserved, bytes));
    return true;
  }

  /// The directory has been forced: what was offered can be written over. Should it be found under
  /// its old name after a loss of power, it must hold what that name promises.
  void admitOffered() throws IOException {
    List<Held> surplus = new ArrayList<>();
    synchronized (this) {
      held.addAll(offered);
      int gap = gap(targets());
      while (held.size() > targets().length) {
        surplus.add(held.removeLast());
      }
      if (gap < 0) {
        space.reserveLacks(null);
      }
    }
    offered.clear();
    for (Held file : surplus) {
      disk.delete(file.name);
    }
  }

  private String nextName() throws IOException {
    List<String> taken = disk.names();
    synchronized (this) {
      String name;
      do {
        name = PREFIX + number++;
      } while (taken.contains(name));
      return name;
    }
  }

  /// Makes whole what is missing, as far as the disk's limit allows. In the background.
  void fill() throws IOException {
    while (true) {
      Held small = null;
      long target;
      synchronized (this) {
        long[] targets = targets();
        int gap = gap(targets);
        if (gap < 0) {
          space.reserveLacks(null);
          return;
        }
        target = targets[gap];
        small = gap < held.size() ? held.get(gap) : null;
      }
      long more = target - (small == null ? 0 : small.bytes);
      if (!space.mayKeep(more)) {
        space.reserveLacks(
            "low on disk: " + more + " bytes to be kept for the worst cannot be had");
        return;
      }
      fillOne(small, target);
    }
  }

  /// Under a name that means nothing until it is whole: half a file would count as a whole one.
  private void fillOne(@Nullable Held small, long target) throws IOException {
    if (small != null) {
      synchronized (this) {
        if (!held.remove(small)) {
          return;
        }
      }
      disk.rename(small.name, UNFINISHED);
    } else {
      disk.delete(UNFINISHED);
      disk.create(UNFINISHED, Disk.Access.BUFFERED).close();
    }
    long bytes = small == null ? 0 : small.bytes;
    try (DiskFile file = disk.open(UNFINISHED, Disk.Access.BUFFERED)) {
      try {
        Zeros.fill(file, bytes, target, space::isHurried);
        bytes = target;
      } catch (IOException e) {
        space.reserveLacks("the space kept for the worst cannot be had: " + e.getMessage());
        file.resize(bytes);
        throw e;
      }
    } finally {
      if (bytes == 0) {
        disk.delete(UNFINISHED);
      } else {
        String name = nextName();
        disk.rename(UNFINISHED, name);
        add(name);
      }
    }
  }
}
