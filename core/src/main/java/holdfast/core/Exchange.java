package holdfast.core;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where messages are published to, and from where bindings lead on. One class for each way of
/// choosing among the bindings. Guarded by the gate.
abstract sealed class Exchange implements Destination
    permits DirectExchange,
        FanoutExchange,
        TopicExchange,
        HeadersExchange,
        DefaultExchange,
        ConsistentHashExchange,
        ModulusHashExchange,
        RandomExchange,
        RecentHistoryExchange {
  /// Of exchanges that are always there.
  static final long PREDECLARED = 0;

  private final VirtualHost host;
  private final long id;
  private final String name;
  private final String type;
  private final boolean durable;
  private final boolean autoDelete;
  private final boolean internal;
  private final Arguments arguments;

  /// The bindings that lead here from other exchanges.
  private final Set<Binding> incoming = new LinkedHashSet<>();

  /// Each under itself: bindings can be equal and yet differ in how their arguments are written,
  /// and the journal knows the one that is here.
  private final Map<Binding, Binding> bindings = new LinkedHashMap<>();

  /// What policies say of it.
  private Policies.Effective effectivePolicy = Policies.Effective.NONE;

  long routeStamp = -1;

  /// The name of the exchange that a policy sends on to what this one has no binding for, or null;
  /// the argument of the declaration goes before it.
  @Nullable String policyAlternate;

  /// What an exchange is declared with.
  record Declaration(
      String name,
      String type,
      boolean durable,
      boolean autoDelete,
      boolean internal,
      Arguments arguments) {}

  Exchange(VirtualHost host, Declaration declaration, long id) {
    this.host = host;
    this.id = id;
    this.name = declaration.name;
    this.type = declaration.type;
    this.durable = declaration.durable;
    this.autoDelete = declaration.autoDelete;
    this.internal = declaration.internal;
    this.arguments = declaration.arguments;
  }

  /// Null for a type that does not exist.
  ///
  /// @param id tells it from every other exchange of the same name, before and after
  static @Nullable Exchange create(VirtualHost host, Declaration declaration, long id) {
    return switch (declaration.type) {
      case "direct" -> new DirectExchange(host, declaration, id);
      case "fanout" -> new FanoutExchange(host, declaration, id);
      case "topic" -> new TopicExchange(host, declaration, id);
      case "headers" -> new HeadersExchange(host, declaration, id);
      case ConsistentHashExchange.TYPE -> new ConsistentHashExchange(host, declaration, id);
      case ModulusHashExchange.TYPE -> new ModulusHashExchange(host, declaration, id);
      case RandomExchange.TYPE, RandomExchange.LOCAL_TYPE ->
          new RandomExchange(host, declaration, id);
      case RecentHistoryExchange.TYPE -> new RecentHistoryExchange(host, declaration, id);
      default -> null;
    };
  }

  /// Adds the destinations that a message is to go to.
  abstract void route(String key, Message message, Routes routes);

  /// Whether it chooses by the routing key, and so is asked for each of a message's keys.
  boolean asksForKey() {
    return false;
  }

  /// What is wrong with a binding from here, as a sentence, or null.
  @Nullable String invalid(Destination destination, String key, Arguments arguments) {
    return null;
  }

  /// It is no more: lets go of what it holds beside bindings.
  void gone(MemoryBudget memory) {}

  /// Where a message goes that no binding is for: an exchange that is there now, or null.
  final @Nullable Exchange alternate() {
    String alternate =
        arguments.get(ExchangeRules.ALTERNATE) instanceof String s ? s : policyAlternate;
    return alternate == null ? null : host.exchange(alternate);
  }

  /// A binding that was not there before.
  abstract void bound(Binding binding);

  /// A binding that was there until now.
  abstract void unbound(Binding binding);

  /// False if it was bound already.
  final boolean bind(Binding binding) {
    if (bindings.putIfAbsent(binding, binding) != null) {
      return false;
    }
    bound(binding);
    return true;
  }

  /// False if it was not bound.
  final boolean unbind(Binding binding) {
    if (bindings.remove(binding) == null) {
      return false;
    }
    unbound(binding);
    return true;
  }

  @Override
  public final void collect(Message message, String routingKey, Routes routes) {
    routes.add(this);
  }

  final Set<Binding> bindings() {
    return bindings.keySet();
  }

  /// The binding that is here and equals this one, or null.
  final @Nullable Binding bindingLike(Binding binding) {
    return bindings.get(binding);
  }

  /// Another policy applies to it, or one has changed.
  final void policyChanged(Policies.Effective effective) {
    effectivePolicy = effective;
    policyAlternate = effective.get(ExchangeRules.ALTERNATE) instanceof String name ? name : null;
  }

  final Policies.Effective effectivePolicy() {
    return effectivePolicy;
  }

  final Set<Binding> incoming() {
    return incoming;
  }

  final VirtualHost host() {
    return host;
  }

  @Override
  public final long id() {
    return id;
  }

  @Override
  public final String name() {
    return name;
  }

  final String type() {
    return type;
  }

  @Override
  public final boolean durable() {
    return durable;
  }

  final boolean autoDelete() {
    return autoDelete;
  }

  final boolean internal() {
    return internal;
  }

  final Arguments arguments() {
    return arguments;
  }
}
