package holdfast.server.cycle.one;

import holdfast.server.cycle.two.Two;

/// One half of a cycle of two packages, for a test to find.
public interface One {
  Two other();
}
