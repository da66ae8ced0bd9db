package holdfast.store;

import java.io.Closeable;
import java.io.IOException;

/// What keeps a store's bytes: files in a directory ([LocalEngine]), or anything else that keeps
/// the same promises. A store reaches durability through nothing but the two ports of the [Epoch]
/// that an engine grants, [Journal] and [Segments].
public interface Engine extends Closeable {
  /// Makes the caller the owner. On return no epoch before this one can complete an append any
  /// more, or change anything else; whatever it completed is there to be replayed.
  ///
  /// @param above the epoch is above this number, and above all whose journal was begun
  /// @throws CorruptionException when what is there cannot be read
  Epoch acquire(long above) throws IOException;

  /// What this is called in messages to a person.
  String description();
}
