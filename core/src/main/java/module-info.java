import org.jspecify.annotations.NullMarked;

/// Messages, exchanges, queues, transactions: decides, and touches nothing.
@NullMarked
module holdfast.core {
  requires transitive holdfast.store;
  requires static transitive org.jspecify;

  exports holdfast.core;
}
