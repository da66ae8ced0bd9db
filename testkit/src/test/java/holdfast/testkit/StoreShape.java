package holdfast.testkit;

import holdfast.store.StoreOptions;
import holdfast.store.SyncPolicy;

/// What a random run is like: the sizes of its store, and of what is put into it. Each makes
/// something else happen all the time.
///
/// @param logsMax logs that are there at once
/// @param liveMax live entries above which most steps settle
/// @param fanOutMax logs that one entry goes to
/// @param keys definitions there may be
/// @param definitionBytesMax bytes of one
/// @param noteBytesMax bytes of an entry's note
/// @param bodyBytesMax bytes of a body that goes in one piece; those of large ones follow the part
/// @param settleMax neighbours that are settled at once
record StoreShape(
    String name,
    StoreOptions options,
    int logsMax,
    int liveMax,
    int fanOutMax,
    int keys,
    int definitionBytesMax,
    int noteBytesMax,
    int bodyBytesMax,
    int settleMax) {

  private static final int KIB = 1024;

  /// Few entries that live for a short time: most die in the journal.
  static final StoreShape SHORT_LIVES =
      new StoreShape("short lives", StoreOptions.tiny(), 7, 150, 5, 12, 120, 30, 900, 12);

  /// A journal of a few small segments: live entries move, and move again, and pages are small.
  static final StoreShape BACKLOG =
      new StoreShape(
          "backlog",
          new StoreOptions(
              16 * KIB, 32 * KIB, 8 * KIB, KIB, 75, 1, 96 * KIB, 256, SyncPolicy.SYNC, 16 * KIB),
          6,
          500,
          4,
          12,
          120,
          30,
          400,
          150);

  /// One entry goes to many logs, and its body is written once.
  static final StoreShape FAN_OUT =
      new StoreShape(
          "fan-out",
          new StoreOptions(
              32 * KIB,
              64 * KIB,
              16 * KIB,
              2 * KIB,
              75,
              1,
              128 * KIB,
              512,
              SyncPolicy.SYNC,
              16 * KIB),
          50,
          600,
          40,
          12,
          120,
          30,
          1000,
          20);

  /// So many definitions that a checkpoint's first slice ends among the logs.
  static final StoreShape LONG_CHECKPOINTS =
      new StoreShape(
          "long checkpoints",
          new StoreOptions(
              32 * KIB,
              64 * KIB,
              16 * KIB,
              2 * KIB,
              75,
              1,
              160 * KIB,
              512,
              SyncPolicy.SYNC,
              16 * KIB),
          50,
          400,
          5,
          1040,
          20,
          256,
          300,
          30);

  /// A thousand logs: room for a batch that names them all.
  static final StoreShape MANY =
      new StoreShape(
          "many logs",
          new StoreOptions(
              128 * KIB,
              256 * KIB,
              64 * KIB,
              8 * KIB,
              75,
              1,
              256 * KIB,
              KIB,
              SyncPolicy.SYNC,
              16 * KIB),
          1100,
          3000,
          1000,
          12,
          120,
          30,
          1000,
          12);

  /// Definitions that are there from the start.
  int definitionsFirst() {
    return keys > 1000 ? 1018 : 0;
  }

  private static final StoreShape[] ALL = {
    SHORT_LIVES, BACKLOG, FAN_OUT, BACKLOG, LONG_CHECKPOINTS
  };

  static StoreShape of(long seed) {
    String only = System.getProperty("holdfast.shape");
    if (only != null) {
      return ALL[Integer.parseInt(only)];
    }
    return ALL[(int) Math.floorMod(seed, (long) ALL.length)];
  }

  /// The most a large body has: some parts.
  int largeBytesMax() {
    return 5 * partBytes();
  }

  /// What one operation of a large batch takes at most: an entry of many logs, or a definition.
  int largeStepBytesMax() {
    return 200 + 8 * fanOutMax + Math.max(definitionBytesMax, noteBytesMax);
  }

  int partBytes() {
    return options.partBytesMax();
  }
}
