package holdfast.core;

/// That messages of an exchange go to a destination, under a key and arguments. Two bindings with
/// equal parts are the same binding.
record Binding(Exchange source, Destination destination, String key, Arguments arguments) {
  /// A binding outlives a restart if both its ends do.
  boolean durable() {
    return source.durable() && destination.durable();
  }
}
