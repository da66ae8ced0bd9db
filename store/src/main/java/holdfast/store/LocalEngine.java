package holdfast.store;

import java.io.IOException;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The engine of one machine: files in one directory. Against another process the lock of
/// [LocalDisk] keeps that directory; in this one an epoch ends when the next begins.
public final class LocalEngine implements Engine {
  private final Disk disk;
  private final StoreOptions options;
  private @Nullable LocalEpoch newest;

  public LocalEngine(Disk disk, StoreOptions options) {
    this.disk = disk;
    this.options = options;
  }

  /// Reads only: the number is on disk with the first segment of the epoch, before anything else
  /// is.
  @Override
  public synchronized Epoch acquire(long above) throws IOException {
    LocalEpoch before = newest;
    if (before != null) {
      before.fence();
    }
    TreeMap<Long, SegmentLayout.Header> segments = new TreeMap<>();
    for (String name : disk.names()) {
      if (SegmentFiles.isSegment(name)) {
        long generation = SegmentFiles.generation(name);
        try (SegmentReader reader = new SegmentReader(disk, generation)) {
          segments.put(generation, reader.header());
        }
      }
    }
    long last = segments.isEmpty() ? 0 : segments.lastEntry().getValue().epoch();
    long number = Math.max(last, Math.max(above, before == null ? 0 : before.number())) + 1;
    LocalEpoch epoch = new LocalEpoch(disk, options, number, segments);
    newest = epoch;
    return epoch;
  }

  @Override
  public String description() {
    return disk.description();
  }

  @Override
  public void close() throws IOException {
    disk.close();
  }
}
