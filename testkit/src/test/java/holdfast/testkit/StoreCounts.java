package holdfast.testkit;

import holdfast.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What has happened in random runs: a run in which nothing moved says nothing about moves.
final class StoreCounts {
  private static final int SLICE_COUNT = 1024;
  private static final int BODY = 2;
  private static final int INDEX = 3;
  private static final int FOOTER = 4;

  /// Crashes, those of recoveries included.
  long crashes;

  long movedEntries;
  long rewrittenEntries;

  /// Moves that wrote more than one file.
  long movesToSeveralFiles;

  long logSegments;
  long pieces;

  /// Pieces of more than one page.
  long piecesOfSeveralPages;

  /// Bodies that several entries of a log segment share.
  long sharedBodies;

  long checkpoints;

  /// Checkpoints that cannot have been taken in one slice.
  long checkpointsInSlices;

  long filesGivenBack;
  long reads;

  /// Reads between whose planning and end a file was given back.
  long readsAcrossFrees;

  /// Batches of more than twice what a small one may hold.
  long largeBatches;

  /// Those among them and the smaller that name several large bodies.
  long largeBatchesWithBodies;

  /// Entries that the batch which appended them has settled.
  long settledInTheirBatch;

  long faults;
  long failures;
  long warnings;

  void ended(Store store) {
    movedEntries += store.movedEntries();
    rewrittenEntries += store.rewrittenEntries();
  }

  /// Takes over what a task of upkeep has done to the disk.
  void ranBackground(List<String> before, SimulatedDisk disk, Store store) {
    List<String> after;
    try {
      after = disk.names();
    } catch (SimulatedCrash dead) {
      return;
    }
    Set<String> old = new HashSet<>(before);
    int files = 0;
    for (String name : after) {
      if (old.remove(name)) {
        continue;
      }
      if (name.startsWith("log-")) {
        files++;
        look(content(disk, name));
      } else if (name.startsWith("checkpoint-")) {
        checkpoints++;
        int items = store.definitions().size() + store.logs().size();
        checkpointsInSlices += items > SLICE_COUNT ? 1 : 0;
      }
    }
    old.removeIf(name -> name.startsWith("checkpoint") || name.startsWith("spare"));
    filesGivenBack += old.size();
    logSegments += files;
    movesToSeveralFiles += files > 1 ? 1 : 0;
  }

  private static byte[] content(SimulatedDisk disk, String name) {
    try {
      return disk.content(name);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// Counts the pages of a log segment, which stand one behind the other on multiples of 8.
  private void look(byte[] content) {
    ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 4096; at + 32 <= content.length && bytes.getInt(at) >= 32; ) {
      int kind = bytes.getInt(at + 8);
      if (kind == FOOTER) {
        return;
      }
      sharedBodies += kind == BODY ? 1 : 0;
      pieces += kind == INDEX ? 1 : 0;
      piecesOfSeveralPages += kind == INDEX && bytes.getInt(at + 12) > 1 ? 1 : 0;
      at += bytes.getInt(at) + 7 & -8;
    }
  }

  void add(StoreCounts other) {
    crashes += other.crashes;
    movedEntries += other.movedEntries;
    rewrittenEntries += other.rewrittenEntries;
    movesToSeveralFiles += other.movesToSeveralFiles;
    logSegments += other.logSegments;
    pieces += other.pieces;
    piecesOfSeveralPages += other.piecesOfSeveralPages;
    sharedBodies += other.sharedBodies;
    checkpoints += other.checkpoints;
    checkpointsInSlices += other.checkpointsInSlices;
    filesGivenBack += other.filesGivenBack;
    reads += other.reads;
    readsAcrossFrees += other.readsAcrossFrees;
    largeBatches += other.largeBatches;
    largeBatchesWithBodies += other.largeBatchesWithBodies;
    settledInTheirBatch += other.settledInTheirBatch;
    faults += other.faults;
    failures += other.failures;
    warnings += other.warnings;
  }

  @Override
  public String toString() {
    return "crashes "
        + crashes
        + ", entries moved "
        + movedEntries
        + ", rewritten "
        + rewrittenEntries
        + ", log segments "
        + logSegments
        + ", moves to several files "
        + movesToSeveralFiles
        + ", pieces "
        + pieces
        + ", of several pages "
        + piecesOfSeveralPages
        + ", shared bodies "
        + sharedBodies
        + ", checkpoints "
        + checkpoints
        + ", in slices "
        + checkpointsInSlices
        + ", files given back "
        + filesGivenBack
        + ", reads "
        + reads
        + ", across frees "
        + readsAcrossFrees
        + ", large batches "
        + largeBatches
        + ", with several large bodies "
        + largeBatchesWithBodies
        + ", entries settled in their batch "
        + settledInTheirBatch
        + ", faults "
        + faults
        + ", failures "
        + failures
        + ", warnings "
        + warnings;
  }
}
