package holdfast.testkit;

/// What a loss of power leaves of everything that was not forced.
public enum CrashMode {
  /// Nothing: only what the disk promised to keep.
  NOTHING_UNFORCED,
  /// Any subset of sectors, some of them torn, and of name changes, by the disk's dice.
  ANY_SUBSET,
  /// Everything: a killed process, whose page cache survives it.
  EVERYTHING
}
