import org.jspecify.annotations.NullMarked;

/// Simulated disk and clock, generator and model. For tests.
@NullMarked
module holdfast.testkit {
  requires transitive holdfast.broker;
  requires transitive holdfast.core;
  requires transitive holdfast.store;
  requires static transitive org.jspecify;

  exports holdfast.testkit;
}
