import org.jspecify.annotations.NullMarked;

/// The broker embedded in a program.
@NullMarked
module holdfast.examples {
  requires holdfast.broker;
  requires holdfast.store;
  requires static transitive org.jspecify;

  exports holdfast.examples;
}
