package holdfast.core;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Exchanges and bindings: made, found, bound and deleted. What must outlive a restart is
/// journaled, and its ok waits until it is durable; so does an ok that rests on somebody else's
/// declare. Guarded by the gate.
final class DeclaringExchanges {
  private final Shard shard;
  private final DefinitionSizes sizes;
  private final Publishing publishing;

  DeclaringExchanges(Shard shard, DefinitionSizes sizes, Publishing publishing) {
    this.shard = shard;
    this.sizes = sizes;
    this.publishing = publishing;
  }

  // --- exchanges ---

  void declare(Command.DeclareExchange c) {
    VirtualHost host = c.session().host();
    Exchange existing = host.exchange(c.name());
    CoreError error = declareError(c, host, existing);
    if (error != null) {
      shard.fail(c, error);
      return;
    }
    if (existing == null) {
      create(c, host);
    }
    answer(c, c.quiet(), existing == null ? c.durable() : existing.durable());
  }

  private @Nullable CoreError declareError(
      Command.DeclareExchange c, VirtualHost host, @Nullable Exchange existing) {
    if (c.name().isEmpty()) {
      return onDefaultExchange();
    }
    if (c.passive()) {
      return existing == null ? CoreError.notFound("exchange", c.name(), host) : null;
    }
    CoreError unknown = ExchangeRules.unknownType(c.type());
    if (unknown != null) {
      return unknown;
    }
    return existing == null ? invalid(c, host) : ExchangeRules.differs(declaration(c), existing);
  }

  private @Nullable CoreError invalid(Command.DeclareExchange c, VirtualHost host) {
    if (c.name().startsWith(Declaring.RESERVED)) {
      return Declaring.reserved("exchange", c.name());
    }
    CoreError error = sizes.check("the name of an exchange", c.name(), c.arguments());
    return error != null ? error : ExchangeRules.invalid(declaration(c), host);
  }

  private static Exchange.Declaration declaration(Command.DeclareExchange c) {
    return new Exchange.Declaration(
        c.name(), c.type(), c.durable(), c.autoDelete(), c.internal(), c.arguments());
  }

  private void create(Command.DeclareExchange c, VirtualHost host) {
    Exchange created = Exchange.create(host, declaration(c), shard.store().newId());
    if (created == null) {
      throw new AssertionError("type " + c.type() + " was checked before");
    }
    host.add(created);
    shard.policies().apply(created);
    if (created.durable()) {
      shard.writeDefinition(
          shard.newBatch().put(Definitions.key(created), Definitions.value(created)));
    }
  }

  void delete(Command.DeleteExchange c) {
    VirtualHost host = c.session().host();
    Exchange exchange = host.exchange(c.name());
    String what = "exchange '" + c.name() + "' in vhost '" + host.name() + "'";
    CoreError error = null;
    if (c.name().isEmpty()) {
      error = onDefaultExchange();
    } else if (c.name().startsWith(Declaring.RESERVED)) {
      error = CoreError.refused("deletion of system " + what + " not allowed");
    } else if (exchange != null && c.ifUnused() && !exchange.bindings().isEmpty()) {
      error = CoreError.precondition(what + " in use");
    }
    if (error != null) {
      shard.fail(c, error);
      return;
    }
    if (exchange != null) {
      delete(exchange, c.session().client());
    }
    answer(c, c.quiet(), exchange != null && exchange.durable());
  }

  void delete(Exchange exchange, Client by) {
    exchange.host().remove(exchange);
    exchange.gone(shard.memory());
    Removals removals = new Removals(shard);
    if (exchange.durable()) {
      removals.remove(Definitions.key(exchange));
    }
    for (Binding binding : List.copyOf(exchange.bindings())) {
      removals.unlink(binding);
    }
    for (Binding binding : List.copyOf(exchange.incoming())) {
      removals.unlink(binding);
    }
    removals.write(by);
  }

  // --- bindings ---

  void bind(Command.Bind c) {
    VirtualHost host = c.session().host();
    Exchange source = host.exchange(c.source());
    Destination destination =
        c.toQueue() ? host.queue(c.destination()) : host.exchange(c.destination());
    CoreError error = bindError(c, host, source, destination);
    if (error != null || source == null || destination == null) {
      if (error != null) {
        shard.fail(c, error);
      } else {
        answer(c, c.quiet(), false);
      }
      return;
    }
    Binding binding = new Binding(source, destination, c.key(), c.arguments());
    if (c.unbind()) {
      Removals removals = new Removals(shard);
      Binding there = source.bindingLike(binding);
      if (there != null) {
        removals.unbind(there);
      }
      removals.write(c.session().client());
    } else if (link(binding)) {
      if (binding.durable()) {
        shard.writeDefinition(
            shard.newBatch().put(Definitions.key(binding), Definitions.value(binding)));
      }
      if (source instanceof RecentHistoryExchange history) {
        ArrayDeque<Message> kept = new ArrayDeque<>(history.kept());
        shard.later(c.session(), () -> replay(c, binding, kept));
        return;
      }
    }
    answer(c, c.quiet(), binding.durable());
  }

  private @Nullable CoreError bindError(
      Command.Bind c,
      VirtualHost host,
      @Nullable Exchange source,
      @Nullable Destination destination) {
    if (c.source().isEmpty() || !c.toQueue() && c.destination().isEmpty()) {
      return onDefaultExchange();
    }
    if (c.unbind() && (source == null || destination == null)) {
      return null; // what is not there is not bound
    }
    if (destination == null) {
      return CoreError.notFound(c.toQueue() ? "queue" : "exchange", c.destination(), host);
    }
    if (source == null) {
      return CoreError.notFound("exchange", c.source(), host);
    }
    if (destination instanceof Queue queue) {
      CoreError locked = Declaring.lockedFor(queue, c.session());
      if (locked != null) {
        return locked;
      }
    }
    String wrong = c.unbind() ? null : source.invalid(destination, c.key(), c.arguments());
    return wrong != null
        ? CoreError.precondition(wrong)
        : sizes.check("the key of a binding", c.key(), c.arguments());
  }

  /// Makes a binding count; false if it did already.
  static boolean link(Binding binding) {
    if (!binding.source().bind(binding)) {
      return false;
    }
    switch (binding.destination()) {
      case Queue queue -> queue.bindings().add(binding);
      case Exchange exchange -> exchange.incoming().add(binding);
    }
    return true;
  }

  /// Sends what an exchange has kept to a new destination, a message a turn, and then answers. A
  /// message that goes in parts has a session of its own and may come after the answer.
  private void replay(Command.Bind c, Binding binding, ArrayDeque<Message> kept) {
    Message next = kept.poll();
    if (next == null) {
      answer(c, c.quiet(), binding.durable());
      return;
    }
    Session broom = new Session(c.session().client(), 0);
    publishing.replay(broom, next, binding.destination());
    shard.later(c.session(), () -> replay(c, binding, kept));
  }

  // --- answers ---

  private static CoreError onDefaultExchange() {
    return CoreError.refused("operation not permitted on the default exchange");
  }

  private void answer(Command c, boolean quiet, boolean durable) {
    if (!quiet) {
      shard.await(
          c.session(),
          durable ? shard.lastDefinition() : 0,
          () -> shard.done(c.session(), c, false));
    }
  }
}
