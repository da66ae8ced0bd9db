package holdfast.store;

import java.io.IOException;

/// There is nothing in a directory that could be read as a journal.
public final class NoJournalException extends IOException {
  private static final long serialVersionUID = 1;

  NoJournalException(String message) {
    super(message);
  }
}
