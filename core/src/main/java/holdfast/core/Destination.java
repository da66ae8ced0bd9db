package holdfast.core;

/// What a binding leads to: a queue, or another exchange.
sealed interface Destination permits Queue, Exchange {
  String name();

  /// Tells it from everything else that had or will have its name, where it is durable.
  long id();

  boolean durable();

  /// Adds itself to where a message goes.
  void collect(Message message, String routingKey, Routes routes);
}
