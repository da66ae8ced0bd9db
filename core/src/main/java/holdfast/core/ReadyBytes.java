package holdfast.core;

/// How many bytes of body are ready in one queue, and on their way to it: what a limit in bytes
/// counts. Of what waited before the start nothing is known until it was measured, and it is left
/// out till then. Guarded by the gate.
final class ReadyBytes {
  private long ready;
  private long arriving;

  void arrives(Entry entry) {
    arriving += entry.bodyBytes;
  }

  /// It does not become ready: its queue is gone.
  void hasCome(Entry entry) {
    arriving -= entry.bodyBytes;
  }

  void enters(Entry entry) {
    ready += entry.lane.isUnsized(entry) ? 0 : entry.bodyBytes;
  }

  void leaves(Entry entry) {
    Message message = entry.message;
    if (message != null) {
      entry.bodyBytes = message.bodyBytes();
    }
    ready -= entry.lane.isUnsized(entry) ? 0 : entry.bodyBytes;
  }

  /// So many bytes were found that wait since before the start.
  void measured(long bytes) {
    ready += bytes;
  }

  /// Nothing is ready, whatever was not known of it.
  void none() {
    ready = 0;
  }

  long ready() {
    return ready;
  }

  /// With what is on its way.
  long coming() {
    return ready + arriving;
  }
}
