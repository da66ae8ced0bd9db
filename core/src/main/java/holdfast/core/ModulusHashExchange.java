package holdfast.core;

/// Goes to one of what is bound: the hash of the routing key, modulo how many there are. When one
/// comes or goes, most keys go elsewhere.
final class ModulusHashExchange extends Exchange {
  static final String TYPE = "x-modulus-hash";

  private final Bound bound = new Bound();

  ModulusHashExchange(VirtualHost host, Declaration declaration, long id) {
    super(host, declaration, id);
  }

  @Override
  void route(String key, Message message, Routes routes) {
    Destination[] all = bound.all();
    if (all.length > 0) {
      int index = (int) Long.remainderUnsigned(Hash.of(key), all.length);
      all[index].collect(message, key, routes);
    }
  }

  @Override
  void bound(Binding binding) {
    bound.add(binding.destination());
  }

  @Override
  void unbound(Binding binding) {
    bound.remove(binding.destination());
  }
}
