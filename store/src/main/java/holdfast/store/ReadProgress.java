package holdfast.store;

/// Hears how far the reading of a directory has come. Called by the reading thread, often.
public interface ReadProgress {
  /// @param bytes bytes read so far
  /// @param total bytes that will be read, as far as it is known by now
  void read(long bytes, long total);
}
