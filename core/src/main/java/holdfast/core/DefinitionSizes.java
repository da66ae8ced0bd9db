package holdfast.core;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// How large the parts of a definition may be. A definition stands in the journal as one record, so
/// none may be larger than one; and a name must come back from there as it went.
///
/// @param batchBytesMax the most that a batch of the store may hold
record DefinitionSizes(int batchBytesMax) {
  /// What is wrong with a name, or a key, and its arguments; or null.
  @Nullable CoreError check(String what, String name, Arguments arguments) {
    if (name.length() > Limits.NAME_BYTES_MAX
        || name.getBytes(StandardCharsets.UTF_8).length > Limits.NAME_BYTES_MAX) {
      return CoreError.precondition(
          what + " is longer than " + Limits.NAME_BYTES_MAX + " bytes of UTF-8");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
      return CoreError.precondition(what + " holds half a character");
    }
    if (arguments.isEmpty()) {
      return null;
    }
    int bytes = arguments.canonical().length;
    int bytesMax = batchBytesMax / 2;
    return bytes <= bytesMax
        ? null
        : CoreError.precondition(
            "arguments of " + bytes + " bytes; the limit is " + bytesMax + " bytes");
  }
}
