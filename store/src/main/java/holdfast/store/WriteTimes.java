package holdfast.store;

/// Takes note of how long the journal's writes take; called by whoever writes, one at a time,
/// outside every lock.
interface WriteTimes {
  /// For a journal whose times nobody wants to know.
  WriteTimes IGNORED = (bytes, nanos) -> {};

  /// One write of the journal has returned.
  ///
  /// @param bytes its length, padding included
  void record(long bytes, long nanos);
}
