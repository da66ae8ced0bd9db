package holdfast.server;

import holdfast.store.Calibration;
import holdfast.store.StoreOptions;
import holdfast.store.SyncPolicy;
import holdfast.store.TimeModel;
import java.util.List;
import java.util.function.Function;

/// A way of the journal to write, as the bench tries it.
///
/// @param name the policy's name in the configuration
/// @param promise what a confirm means under it
/// @param options the store that is measured
/// @param model which of the disk's models predicts it
record DiskPolicy(
    String name,
    String promise,
    StoreOptions options,
    Function<Calibration.Found, TimeModel> model) {

  private static final int MIB = 1 << 20;
  static final int BUFFER_BYTES = 2 * MIB;

  /// Every policy, the one that promises most first.
  static List<DiskPolicy> all() {
    return List.of(
        new DiskPolicy("sync", "it is on stable storage", sizes(), Calibration.Found::durable),
        new DiskPolicy(
            "interval:100ms",
            "the operating system has it, and forces it within 100 ms",
            sizes().withSync(new SyncPolicy.Interval(100)),
            Calibration.Found::cached),
        new DiskPolicy(
            "written",
            "the operating system has it",
            sizes().withSync(new SyncPolicy.Written()),
            Calibration.Found::cached));
  }

  /// A broker's sizes but for the segments: they have to be recycled within seconds.
  private static StoreOptions sizes() {
    StoreOptions broker = StoreOptions.standard();
    return new StoreOptions(
        64L * MIB,
        64L * MIB,
        BUFFER_BYTES,
        broker.partBytesMax(),
        broker.idleMarkMs(),
        broker.spareSegments());
  }
}
