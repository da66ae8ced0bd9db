package holdfast.store;

import java.io.Closeable;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// Reads the live entries of a [SurveyedLog] in order of sequence, each once, from whichever place
/// gives it back: where one place turns out to be damaged, the next that has the entry is tried.
/// For one thread.
final class SurveyedEntries implements Closeable {
  private final Disk disk;
  private final JournalEntries journal;

  /// A reader that waits for its next page, which is mostly one of the same segment.
  private @Nullable LogSegmentReader idle;

  private long idleSegment;

  /// Takes one entry.
  interface Sink {
    /// @param file where it was found, and at what offset its page or record begins
    void entry(long sequence, byte[] header, byte[] body, String file, long offset)
        throws IOException;
  }

  /// A page whose entries are being read.
  private record OpenPage(LogSegmentReader reader, long segment, long at) {}

  SurveyedEntries(Disk disk) {
    this.disk = disk;
    journal = new JournalEntries(disk);
  }

  /// Hands over all that can be read; afterwards [SurveyedLog#nextLost] tells what could not.
  void read(SurveyedLog log, Sink sink) throws IOException {
    log.sortJournal();
    log.forgetFound();
    List<SurveyedLog.PageAt> pages = log.pagesInOrder();
    PriorityQueue<OpenPage> open =
        new PriorityQueue<>(Comparator.comparingLong(page -> page.reader.sequence));
    int nextPage = 0;
    int nextRecord = 0;
    long last = -1;
    while (true) {
      OpenPage page = open.peek();
      long inPage = page == null ? Long.MAX_VALUE : page.reader.sequence;
      boolean anyRecord = nextRecord < log.inJournal();
      long inJournal = anyRecord ? log.sequence(nextRecord) : Long.MAX_VALUE;
      if (nextPage < pages.size() && pages.get(nextPage).first() <= Math.min(inPage, inJournal)) {
        open(log, pages.get(nextPage++), open);
      } else if (anyRecord && inJournal <= inPage) {
        if (inJournal > last && fromJournal(log, nextRecord, sink)) {
          last = inJournal;
        }
        nextRecord++;
      } else if (page != null) {
        open.poll();
        if (inPage > last && fromPage(log, page, sink)) {
          last = inPage;
        }
        advance(log, page, open);
      } else {
        return;
      }
    }
  }

  private void open(SurveyedLog log, SurveyedLog.PageAt place, PriorityQueue<OpenPage> open)
      throws IOException {
    LogSegmentReader reader = idle;
    if (reader == null || idleSegment != place.segment()) {
      reader = new LogSegmentReader(disk, place.segment());
    } else {
      idle = null;
    }
    OpenPage page = new OpenPage(reader, place.segment(), place.at());
    LogSegmentLayout.Page found = reader.pageAt(place.at());
    if (found != null && found.kind() == LogSegmentLayout.ENTRIES && found.log() == log.id) {
      advance(log, page, open);
    } else {
      close(page);
    }
  }

  private void advance(SurveyedLog log, OpenPage page, PriorityQueue<OpenPage> open)
      throws IOException {
    try {
      while (page.reader.nextOfPage()) {
        if (log.isLive(page.reader.sequence)) {
          open.add(page);
          return;
        }
      }
    } catch (CorruptionException e) {
      close(page); // told by the survey; the page ends here
      return;
    }
    close(page);
  }

  private void close(OpenPage page) throws IOException {
    LogSegmentReader before = idle;
    idle = page.reader;
    idleSegment = page.segment;
    if (before != null) {
      before.close();
    }
  }

  private boolean fromJournal(SurveyedLog log, int index, Sink sink) throws IOException {
    long sequence = log.sequence(index);
    long address = log.address(index);
    if (!log.isLive(sequence)) {
      return false;
    }
    byte[] header;
    byte[] body;
    try {
      journal.read(log.id, sequence, address, log.parts.get(sequence));
      header = journal.header.toBytes();
      body = journal.body.toBytes();
    } catch (CorruptionException e) {
      return false; // stays lost unless another place has it
    }
    log.found(sequence);
    String file = SegmentFiles.name(Address.generation(address));
    sink.entry(sequence, header, body, file, Address.offset(address));
    return true;
  }

  private static boolean fromPage(SurveyedLog log, OpenPage page, Sink sink) throws IOException {
    LogSegmentReader reader = page.reader;
    byte[] header = reader.header.toBytes();
    byte[] body;
    try {
      body = reader.bodyPage == 0 ? reader.body.toBytes() : reader.loadBody();
    } catch (CorruptionException e) {
      return false; // stays lost unless another place has it
    }
    log.found(reader.sequence);
    sink.entry(reader.sequence, header, body, LogSegmentFiles.name(page.segment), page.at);
    return true;
  }

  @Override
  public void close() throws IOException {
    try (journal) {
      LogSegmentReader reader = idle;
      if (reader != null) {
        reader.close();
      }
    }
  }
}
