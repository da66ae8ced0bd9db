package holdfast.store;

import holdfast.store.JournalVerification.Lost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Takes what can still be read out of a damaged data directory into a new one. Nothing is changed
/// in the old one.
///
/// Each entry keeps its log, its place in the order and its note, and logs keep their ids, because
/// definitions name them. Sequences begin at 0 again, every entry counts as perhaps delivered, and
/// an entry whose settlement was lost is back. A body that several logs shared is written once for
/// each of them.
///
/// The definitions are written last and the report after them: a directory whose salvage was
/// interrupted has no report, and no queue that would pass for complete.
public final class Salvage {
  /// The report's file in the new directory; no store looks at it.
  public static final String REPORT_NAME = "salvage-report.txt";

  private final JournalVerification verification;
  private final Store store;
  private final Target listener;
  private final Batch batch = new Batch();
  private final ByteWriter headerBytes = new ByteWriter(256);
  private final boolean[] offered = {true};
  private final List<Lost> lost = new ArrayList<>();
  private long lostEntries;
  private long entries;
  private long logs;
  private long batched;
  private long position;
  private String report = "";

  /// Hears of the new store.
  private static final class Target implements Store.Listener {
    private @Nullable StoreFailedException failure;

    @Override
    public void durable(long position) {}

    @Override
    public void room() {}

    @Override
    public void fetched() {}

    @Override
    public void failed(StoreFailedException failure) {
      this.failure = failure;
    }

    @Override
    public void warned(String what, Exception cause) {}
  }

  private Salvage(JournalVerification verification, Store store, Target listener) {
    this.verification = verification;
    this.store = store;
    this.listener = listener;
  }

  /// Writes what can be read of a directory into a new one, and closes that.
  ///
  /// @param verification of the damaged directory, whose disk is still open
  /// @param target an empty directory
  public static Salvage run(
      JournalVerification verification, Disk target, StoreOptions options, ReadProgress progress)
      throws IOException {
    for (String name : target.names()) {
      if (!name.equals("lock")) {
        throw new IOException(
            target.description() + " is not empty: it holds " + name + "; name a new directory");
      }
    }
    Target listener = new Target();
    long epoch = verification.survey().epoch();
    try (Store store = Store.openBehind(epoch, target, options, listener)) {
      Salvage salvage = new Salvage(verification, store, listener);
      salvage.copy(progress);
      salvage.writeReport(target);
      return salvage;
    }
  }

  private void copy(ReadProgress progress) throws IOException {
    Survey survey = verification.survey();
    SurveyedRecords found = survey.records();
    long total = verification.liveEntries() - verification.lostEntries();
    try (SurveyedEntries reader = new SurveyedEntries(survey.disk())) {
      for (SurveyedLog old : found.logs.values()) {
        Log log = store.newLog(old.id);
        batch.createLog(log);
        reader.read(
            old,
            (sequence, header, body, file, offset) -> {
              append(log, header, body, old.notes.get(sequence));
              progress.read(entries, Math.max(entries, total));
            });
        flush();
        lostEntries += JournalVerification.addLost(old, lost);
        logs++;
      }
    }
    keepIds(found);
    for (Map.Entry<String, byte[]> each : found.definitions.entrySet()) {
      flushUnlessFits(each.getKey().length() * 3 + each.getValue().length);
      batch.put(each.getKey(), each.getValue());
    }
    flush();
    while (store.durable() < position) {
      writeOnce();
    }
  }

  private void append(Log log, byte[] header, byte[] body, byte @Nullable [] note)
      throws IOException {
    Log[] target = {log};
    headerBytes.clear().raw(header, 0, header.length);
    if (store.isLarge(body.length)) {
      flush();
      LargeBody large = store.beginLarge(body);
      boolean written = false;
      while (!written) {
        makeRoom();
        written = store.writePart(large);
      }
      batch.append(target, offered, 1, headerBytes, large);
      note(log, note);
      flush();
      store.endLarge(large);
    } else {
      flushUnlessFits(header.length + body.length);
      batch.append(target, offered, 1, headerBytes, body);
      note(log, note);
      batched++;
    }
    entries++;
  }

  private void note(Log log, byte @Nullable [] note) {
    if (note != null) {
      batch.note(log, log.next() + batched, note);
    }
  }

  private void flushUnlessFits(int bytes) throws IOException {
    if (batch.length() + bytes > store.batchBytesMax() / 2) {
      flush();
    }
  }

  private void flush() throws IOException {
    batched = 0;
    if (batch.isEmpty()) {
      return;
    }
    makeRoom();
    position = store.write(batch, true);
    batch.clear();
    store.tend();
  }

  private void makeRoom() throws IOException {
    while (!store.hasRoom()) {
      writeOnce();
    }
  }

  private void writeOnce() throws IOException {
    boolean goesOn = store.writeOnce();
    StoreFailedException failure = listener.failure;
    if (!goesOn || failure != null) {
      throw new IOException(
          "the new directory cannot be written; delete it, make room, and salvage again: "
              + (failure == null ? "its journal is closed" : failure.getMessage()),
          failure);
    }
  }

  /// Ids of logs are never given twice, not even those of logs that are gone.
  private void keepIds(SurveyedRecords found) throws IOException {
    long last = found.nextLogId - 1;
    if (last > 0 && !found.logs.containsKey(last)) {
      Log gone = store.newLog(last);
      batch.createLog(gone).deleteLog(gone);
      flush();
    }
  }

  private void writeReport(Disk target) throws IOException {
    report = new SalvageReport(verification, this).text();
    byte[] bytes = report.getBytes(StandardCharsets.UTF_8);
    try (DiskFile file = target.create(REPORT_NAME, Disk.Access.BUFFERED)) {
      file.write(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), 0);
      file.force();
    }
    target.forceDirectory();
  }

  /// What was brought over and what was given up, for a person; also in [#REPORT_NAME].
  public String report() {
    return report;
  }

  /// Entries brought over.
  public long entries() {
    return entries;
  }

  public long logs() {
    return logs;
  }

  public long definitions() {
    return verification.definitions();
  }

  /// Entries given up, by log and sequence in the old directory; at most
  /// [JournalVerification#RANGES_MAX] ranges.
  public List<Lost> lost() {
    return lost;
  }

  public long lostEntries() {
    return lostEntries;
  }
}
