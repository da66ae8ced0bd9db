package holdfast.core;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Goes to any one of what is bound, all with the same chance. The local kind is for queues alone,
/// those of the node that the publisher is connected to; of one node all are.
final class RandomExchange extends Exchange {
  static final String TYPE = "x-random";
  static final String LOCAL_TYPE = "x-local-random";

  private final Bound bound = new Bound();

  /// Spreads load and keeps no secret: its seed is its exchange's name, so that a test can replay
  /// it.
  private final SplittableRandom dice;

  RandomExchange(VirtualHost host, Declaration declaration, long id) {
    super(host, declaration, id);
    dice = new SplittableRandom(Hash.of(declaration.name()));
  }

  @Override
  @Nullable String invalid(Destination destination, String key, Arguments arguments) {
    if (type().equals(TYPE)) {
      return null;
    }
    if (!key.isEmpty()) {
      return "Non empty binding '" + key + "' key not permitted";
    }
    return switch (destination) {
      case Queue queue ->
          queue.type().equals("classic")
              ? null
              : "Queue type " + queue.type() + " not valid for this exchange type";
      case Exchange exchange -> "only queues can be bound to an exchange of type x-local-random";
    };
  }

  @Override
  void route(String key, Message message, Routes routes) {
    Destination[] all = bound.all();
    if (all.length > 0) {
      all[dice.nextInt(all.length)].collect(message, key, routes);
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
