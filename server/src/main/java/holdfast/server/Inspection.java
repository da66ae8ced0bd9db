package holdfast.server;

import java.util.List;
import java.util.Map;

/// What a running broker tells about itself over the control socket. Values are strings, numbers,
/// booleans, null, lists and maps of these; the order of a map's keys is the order of the columns
/// shown.
///
/// Called on the control socket's thread, never on an event loop: it may wait for the gate.
interface Inspection {
  Map<String, Object> status();

  List<Map<String, Object>> queues();

  List<Map<String, Object>> connections();
}
