package holdfast.store;

import java.io.IOException;
import java.nio.file.Path;

/// Another broker works on this data directory.
public final class DirectoryLockedException extends IOException {
  private static final long serialVersionUID = 1;

  DirectoryLockedException(Path directory) {
    this(directory, "another broker");
  }

  DirectoryLockedException(Path directory, String holder) {
    super(
        "data directory "
            + directory
            + " is in use by "
            + holder
            + "; stop that one or choose another directory");
  }
}
