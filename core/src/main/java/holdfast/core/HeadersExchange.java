package holdfast.core;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Goes to what is bound with arguments that the message's headers match: all of them or any,
/// without or with the names that begin with `x-`. A null value asks only that the header be there.
final class HeadersExchange extends Exchange {
  static final String MATCH = "x-match";

  /// How a binding's arguments are compared.
  private record Matcher(boolean any, Map<String, @Nullable Object> wanted) {
    static Matcher of(Arguments arguments) {
      String mode = arguments.get(MATCH) instanceof String s ? s : "all";
      boolean withX = mode.endsWith("-with-x");
      Map<String, @Nullable Object> wanted = new LinkedHashMap<>();
      arguments
          .asMap()
          .forEach((name, value) -> {
            if (!name.equals(MATCH) && (withX || !name.startsWith("x-"))) {
              wanted.put(name, value);
            }
          });
      return new Matcher(mode.startsWith("any"), wanted);
    }

    boolean matches(Arguments headers) {
      for (Map.Entry<String, @Nullable Object> entry : wanted.entrySet()) {
        boolean there = headers.asMap().containsKey(entry.getKey());
        Object value = entry.getValue();
        boolean same =
            there && (value == null || Arguments.same(value, headers.get(entry.getKey())));
        if (same == any) {
          return any;
        }
      }
      return !any;
    }
  }

  private final Map<Binding, Matcher> matchers = new LinkedHashMap<>();

  HeadersExchange(VirtualHost host, Declaration declaration, long id) {
    super(host, declaration, id);
  }

  @Override
  @Nullable String invalid(Destination destination, String key, Arguments arguments) {
    Object mode = arguments.get(MATCH);
    return switch (mode) {
      case null -> null;
      case String s when s.matches("(all|any)(-with-x)?") -> null;
      case String s ->
          "Invalid x-match field value '" + s + "'; expected all, any, all-with-x, or any-with-x";
      default -> "Invalid x-match field type (value " + mode + "); expected longstr";
    };
  }

  @Override
  void route(String key, Message message, Routes routes) {
    if (matchers.isEmpty()) {
      return;
    }
    Arguments headers = message.headers();
    matchers.forEach((binding, matcher) -> {
      if (matcher.matches(headers)) {
        binding.destination().collect(message, key, routes);
      }
    });
  }

  @Override
  void bound(Binding binding) {
    matchers.put(binding, Matcher.of(binding.arguments()));
  }

  @Override
  void unbound(Binding binding) {
    matchers.remove(binding);
  }
}
