package holdfast.server.cycle.two;

import holdfast.server.cycle.one.One;

/// One half of a cycle of two packages, for a test to find.
public interface Two {
  One other();
}
