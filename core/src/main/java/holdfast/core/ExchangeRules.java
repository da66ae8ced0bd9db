package holdfast.core;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What an exchange may be declared with, and when a second declaration means the same exchange.
final class ExchangeRules {
  static final String ALTERNATE = "alternate-exchange";

  /// Not a type of this version, but one that people know.
  private static final String DELAYED = "x-delayed-message";

  /// Arguments beside those that begin with `x-` that a second declaration must repeat.
  private static final Set<String> COMPARED =
      Set.of(ALTERNATE, ConsistentHashExchange.HEADER, ConsistentHashExchange.PROPERTY);

  private ExchangeRules() {}

  /// What is wrong with the type, or null.
  static @Nullable CoreError unknownType(String type) {
    return switch (type) {
      case "direct",
          "fanout",
          "topic",
          "headers",
          ConsistentHashExchange.TYPE,
          ModulusHashExchange.TYPE,
          RandomExchange.TYPE,
          RandomExchange.LOCAL_TYPE,
          RecentHistoryExchange.TYPE ->
          null;
      case DELAYED ->
          new CoreError(
              CoreError.Kind.COMMAND_INVALID,
              "unknown exchange type '" + type + "': not supported by this version");
      default ->
          new CoreError(CoreError.Kind.COMMAND_INVALID, "unknown exchange type '" + type + "'");
    };
  }

  /// What is wrong with the arguments of a new exchange, or null.
  static @Nullable CoreError invalid(Exchange.Declaration declaration, VirtualHost host) {
    Arguments arguments = declaration.arguments();
    String where = where(declaration.name(), host);
    Object alternate = arguments.get(ALTERNATE);
    if (alternate != null && !(alternate instanceof String)) {
      return CoreError.precondition("invalid type for arg '" + ALTERNATE + "' " + where);
    }
    boolean history = declaration.type().equals(RecentHistoryExchange.TYPE);
    for (Map.Entry<String, @Nullable Object> argument : arguments.asMap().entrySet()) {
      String name = argument.getKey();
      if (name.startsWith("x-") && !(history && name.equals(RecentHistoryExchange.LENGTH))) {
        return CoreError.precondition(
            "invalid arg '" + name + "' " + where + ": not supported by this version");
      }
    }
    String wrong =
        switch (declaration.type()) {
          case ConsistentHashExchange.TYPE -> ConsistentHashExchange.invalid(arguments);
          case RecentHistoryExchange.TYPE -> RecentHistoryExchange.invalid(arguments);
          default -> null;
        };
    return wrong == null ? null : CoreError.precondition(wrong);
  }

  /// How a declaration differs from the exchange that is there, or null.
  static @Nullable CoreError differs(Exchange.Declaration asked, Exchange is) {
    String where = where(is.name(), is.host());
    CoreError error = QueueRules.differs("type", where, asked.type(), is.type());
    if (error == null) {
      error = QueueRules.differs("durable", where, asked.durable(), is.durable());
    }
    if (error == null) {
      error = QueueRules.differs("auto_delete", where, asked.autoDelete(), is.autoDelete());
    }
    if (error == null) {
      error = QueueRules.differs("internal", where, asked.internal(), is.internal());
    }
    return error != null ? error : differs(where, asked.arguments(), is.arguments());
  }

  private static @Nullable CoreError differs(String where, Arguments asked, Arguments is) {
    Set<String> names = new TreeSet<>(asked.asMap().keySet());
    names.addAll(is.asMap().keySet());
    for (String name : names) {
      Object a = asked.get(name);
      Object b = is.get(name);
      if ((COMPARED.contains(name) || name.startsWith("x-")) && !Arguments.same(a, b)) {
        return CoreError.precondition(
            "inequivalent arg '"
                + name
                + "' "
                + where
                + ": received "
                + shown(a)
                + " but current is "
                + shown(b));
      }
    }
    return null;
  }

  private static String shown(@Nullable Object value) {
    return value == null ? "none" : "the value '" + value + "'";
  }

  private static String where(String name, VirtualHost host) {
    return "for exchange '" + name + "' in vhost '" + host.name() + "'";
  }
}
