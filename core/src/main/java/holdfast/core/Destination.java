package holdfast.core;

/// What a binding leads to: a queue, or another exchange.
sealed interface Destination permits Queue, Exchange {
  String name();

  boolean durable();

  /// Adds the queues that a message for this destination reaches.
  void collect(Message message, String routingKey, Routes routes);
}
