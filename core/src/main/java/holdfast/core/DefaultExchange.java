package holdfast.core;

/// The exchange without a name: a routing key is the name of a queue, or the address of somebody
/// who waits for replies. Nothing is bound to it.
final class DefaultExchange extends Exchange {
  DefaultExchange(VirtualHost host) {
    super(host, new Declaration("", "direct", true, false, false, Arguments.NONE), PREDECLARED);
  }

  @Override
  boolean asksForKey() {
    return true;
  }

  @Override
  void route(String key, Message message, Routes routes) {
    Queue queue = host().queue(key);
    if (queue != null) {
      routes.add(queue);
      return;
    }
    DirectReplies.Taker taker = host().replies().taker(key);
    if (taker != null) {
      routes.add(taker);
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
