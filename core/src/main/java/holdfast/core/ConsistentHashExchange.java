package holdfast.core;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Goes to one of what is bound, and for the same value always to the same: by the hash of the
/// routing key, or of a header or property named when it was declared. A binding's key is its
/// weight: a destination of weight 2 gets about twice as much as one of weight 1.
///
/// Every destination bids for every value, and the highest bid wins (weighted rendezvous hashing:
/// Schindelhauer and Schomaker, "Weighted Distributed Hash Tables", 2005). So a destination that
/// comes takes values only for itself, and one that goes gives up only its own. A destination with
/// several bindings bids with the greatest weight.
final class ConsistentHashExchange extends Exchange {
  static final String TYPE = "x-consistent-hash";
  static final String HEADER = "hash-header";
  static final String PROPERTY = "hash-property";

  private static final Set<String> PROPERTIES = Set.of("message_id", "correlation_id", "timestamp");

  /// Turns the upper 53 bits of a hash into a number between 0 and 1.
  private static final double UNIT = 0x1.0p-53;

  /// Who bids, and for how much.
  private record Bidder(Destination destination, long hash, long weight) {
    double bid(long value) {
      double chance = ((Hash.mixed(hash ^ value) >>> 11) + 0.5) * UNIT;
      return weight / -StrictMath.log(chance);
    }
  }

  private final Map<Binding, Bidder> bidders = new LinkedHashMap<>();
  private final @Nullable String header;
  private final @Nullable String property;

  ConsistentHashExchange(VirtualHost host, Declaration declaration, long id) {
    super(host, declaration, id);
    header = declaration.arguments().get(HEADER) instanceof String s ? s : null;
    property = declaration.arguments().get(PROPERTY) instanceof String s ? s : null;
  }

  /// What is wrong with the arguments of a new one, or null.
  static @Nullable String invalid(Arguments arguments) {
    Object header = arguments.get(HEADER);
    Object property = arguments.get(PROPERTY);
    if (header != null && property != null) {
      return "hash-header and hash-property are mutually exclusive";
    }
    if (header != null && !(header instanceof String)) {
      return "hash-header must be the name of a header";
    }
    if (property != null && !PROPERTIES.contains(property)) {
      return "Unsupported property: " + property;
    }
    return null;
  }

  @Override
  @Nullable String invalid(Destination destination, String key, Arguments arguments) {
    try {
      return Long.parseLong(key) < 1 ? "The binding key must be greater than 0" : null;
    } catch (NumberFormatException e) {
      return "The binding key must be an integer: '" + key + "'";
    }
  }

  @Override
  void route(String key, Message message, Routes routes) {
    if (bidders.isEmpty()) {
      return;
    }
    long value = Hash.of(hashed(key, message));
    double highest = -1;
    Destination chosen = null;
    for (Bidder bidder : bidders.values()) {
      double bid = bidder.bid(value);
      if (bid > highest) {
        highest = bid;
        chosen = bidder.destination;
      }
    }
    if (chosen != null) {
      chosen.collect(message, key, routes);
    }
  }

  /// What is hashed; all messages without the header or property go the same way.
  private String hashed(String key, Message message) {
    if (header != null) {
      Object value = message.headers().get(header);
      return switch (value) {
        case null -> "";
        case byte[] octets -> new String(octets, StandardCharsets.ISO_8859_1);
        default -> value.toString();
      };
    }
    if (property != null) {
      String value = message.format().property(message.properties(), property);
      return value == null ? "" : value;
    }
    return key;
  }

  @Override
  void bound(Binding binding) {
    Destination destination = binding.destination();
    bidders.put(
        binding,
        new Bidder(destination, Hash.of(Bound.id(destination)), Long.parseLong(binding.key())));
  }

  @Override
  void unbound(Binding binding) {
    bidders.remove(binding);
  }
}
