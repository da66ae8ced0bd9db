package holdfast.server;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a running broker tells about itself over the control socket. Values are strings, numbers,
/// booleans, null, lists and maps of these; the order of a map's keys is the order of the columns
/// shown.
///
/// Called on the control socket's thread, never on an event loop: it may wait for the gate.
interface Inspection {
  Map<String, Object> status();

  List<? extends Map<String, ? extends @Nullable Object>> queues();

  List<? extends Map<String, ? extends @Nullable Object>> connections();

  /// Does an operation of [Administration].
  default @Nullable Object run(String operation, Asked asked) throws OperationRefused {
    throw OperationRefused.bad("unknown operation '" + operation + "'");
  }
}
