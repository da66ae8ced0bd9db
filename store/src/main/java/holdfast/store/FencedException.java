package holdfast.store;

import java.io.IOException;

/// A later epoch has begun: what this one writes does not count any more.
public final class FencedException extends IOException {
  private static final long serialVersionUID = 1;

  /// @param epoch the one that is over
  public FencedException(long epoch) {
    super("epoch " + epoch + " is over: another owner has taken over");
  }
}
