import org.jspecify.annotations.NullMarked;

/// A shard put together from store and core, and the API of the embedded broker.
@NullMarked
module holdfast.broker {
  requires transitive holdfast.core;
  requires transitive holdfast.store;
  requires static transitive org.jspecify;

  exports holdfast.broker;
}
