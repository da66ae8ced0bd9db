package holdfast.bench.journal;

import java.io.File;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.TestRollCycles;
import org.HdrHistogram.Histogram;

/// Chronicle Queue: one thread appends to memory-mapped files. Nothing is ever synced, an
/// acknowledgement says that the record is in the page cache, so there is no waiting and nothing
/// outstanding. It stands in the table for what a journal costs without a disk.
///
/// It begins a file every second and the one before is deleted, or the disk would fill up.
public final class ChronicleLoad {
  private ChronicleLoad() {}

  private static volatile long appended;

  public static void main(String[] arguments) {
    Meter.run(arguments, ChronicleLoad::load);
  }

  private static void load(Meter meter) throws Exception {
    Histogram histogram = meter.newHistogram();
    Bytes<?> body = Bytes.allocateDirect(meter.body());
    meter.remark("not synced");
    try (ChronicleQueue queue =
            SingleChronicleQueueBuilder.binary(meter.directory())
                .rollCycle(TestRollCycles.TEST_SECONDLY)
                .storeFileListener((cycle, file) -> delete(file))
                .build();
        ExcerptAppender appender = queue.createAppender()) {
      meter.start(() -> appended);
      long count = 0;
      while (!meter.isOver()) {
        // Every 16th: an append takes little longer than reading the clock.
        boolean sampled = (count & 15) == 0;
        long began = sampled ? System.nanoTime() : 0;
        appender.writeBytes(body);
        if (sampled) {
          meter.record(histogram, System.nanoTime() - began, 1);
        }
        appended = ++count;
      }
    }
  }

  private static void delete(File file) {
    if (!file.delete()) {
      System.err.println("could not delete " + file);
    }
  }
}
