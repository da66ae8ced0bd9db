package holdfast.store;

/// A place in a data directory where the bytes are not those that were written.
///
/// @param file name of the file
/// @param offset where in it
/// @param what what is wrong there, for a person
/// @param harmless whether nothing that is live needs these bytes
public record Damage(String file, long offset, String what, boolean harmless) {
  @Override
  public String toString() {
    return file + ", offset " + offset + ": " + what;
  }
}
