package holdfast.core;

/// The exchange without a name: a routing key is the name of a queue. Nothing is bound to it.
final class DefaultExchange extends Exchange {
  DefaultExchange(VirtualHost host) {
    super(host, new Declaration("", "direct", true, false, false, Arguments.NONE), PREDECLARED);
  }

  @Override
  void route(String key, Message message, Routes routes) {
    Queue queue = host().queue(key);
    if (queue != null) {
      routes.add(queue);
    }
  }

  @Override
  void bound(Binding binding) {
    throw new AssertionError("the default exchange was bound");
  }

  @Override
  void unbound(Binding binding) {
    throw new AssertionError("the default exchange was bound");
  }
}
