package holdfast.testkit;

/// The power went away in the middle of a disk operation. An error, so that no handler of failed
/// writes takes it for one.
public final class SimulatedCrash extends Error {
  private static final long serialVersionUID = 1;

  SimulatedCrash(String where) {
    super("power lost " + where, null, false, false);
  }
}
