package holdfast.broker;

import holdfast.core.Limits;
import holdfast.core.PropertyFormat;
import holdfast.core.User;
import holdfast.store.StoreOptions;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a broker is opened.
///
/// @param directory its data; created if need be
/// @param store sizes of the journal
/// @param limits what clients may make it hold
/// @param formats the property formats of its front ends
/// @param hosts virtual hosts that are to exist
/// @param firstUser made if there is no user yet, with every right in these hosts; null for none
public record BrokerOptions(
    Path directory,
    StoreOptions store,
    Limits limits,
    List<PropertyFormat> formats,
    List<String> hosts,
    @Nullable User firstUser) {

  private static final double MEMORY_SHARE = 0.4;

  /// Without a first user: for those who let nobody log in.
  public BrokerOptions(
      Path directory,
      StoreOptions store,
      Limits limits,
      List<PropertyFormat> formats,
      List<String> hosts) {
    this(directory, store, limits, formats, hosts, null);
  }

  /// The usual sizes for a directory: publishers block at 40% of the heap.
  public static BrokerOptions of(Path directory) {
    long high = (long) (Runtime.getRuntime().maxMemory() * MEMORY_SHARE);
    return new BrokerOptions(
        directory, StoreOptions.standard(), Limits.standard(high), List.of(), List.of("/"));
  }
}
