package holdfast.core;

/// Goes to everything that is bound.
final class FanoutExchange extends Exchange {
  FanoutExchange(VirtualHost host, Declaration declaration, long id) {
    super(host, declaration, id);
  }

  @Override
  void route(String key, Message message, Routes routes) {
    for (Binding binding : bindings()) {
      binding.destination().collect(message, key, routes);
    }
  }

  @Override
  void bound(Binding binding) {}

  @Override
  void unbound(Binding binding) {}
}
