package holdfast.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/// Looks at what there is, for a person. Guarded by the gate.
///
/// What is to be seen is gathered at once, as references only; its figures are read a slice a turn,
/// so that a look at a hundred thousand queues keeps nobody waiting. What has gone meanwhile is
/// left out, and figures of one answer may be some turns apart.
final class Inspecting {
  private final Shard shard;
  private final Set<Client> clients;

  /// @param clients all there are; the shard's
  Inspecting(Shard shard, Set<Client> clients) {
    this.shard = shard;
    this.clients = clients;
  }

  void inspect(Command.Inspect command) {
    new Look(command).run();
  }

  /// One look, as far as it has come.
  private final class Look implements Session.Step {
    private final Command.Inspect command;
    private final List<Object> seen = new ArrayList<>();
    private final Event.Inspection answer =
        new Event.Inspection(
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    private int at;

    Look(Command.Inspect command) {
      this.command = command;
      command.sights().forEach(this::gather);
    }

    @Override
    public void run() {
      int end = Math.min(seen.size(), at + Limits.SLICE);
      while (at < end) {
        read(seen.get(at++));
      }
      if (at < seen.size()) {
        shard.later(command.session(), this);
      } else {
        command.answer().accept(answer);
      }
    }

    private void gather(Event.Sight sight) {
      switch (sight) {
        case QUEUES -> shard.hosts().values().forEach(host -> seen.addAll(host.queues()));
        case EXCHANGES -> shard.hosts().values().forEach(host -> seen.addAll(host.exchanges()));
        case BINDINGS -> {
          for (VirtualHost host : shard.hosts().values()) {
            host.exchanges().forEach(exchange -> seen.addAll(exchange.bindings()));
          }
        }
        case CLIENTS -> seen.addAll(visible());
        case SESSIONS -> visible().forEach(client -> seen.addAll(client.sessions()));
        case CONSUMERS -> {
          for (Client client : visible()) {
            client.sessions().forEach(session -> seen.addAll(session.consumers().values()));
          }
        }
      }
    }

    /// The one who looks is not what there is to see.
    private Collection<Client> visible() {
      Client looks = command.session().client();
      return clients.stream().filter(client -> client != looks && !client.hidden()).toList();
    }

    private void read(Object one) {
      switch (one) {
        case Queue queue when !queue.deleted() -> answer.queues().add(info(queue));
        case Exchange exchange -> answer.exchanges().add(info(exchange));
        case Binding binding -> answer.bindings().add(info(binding));
        case Client client when !client.closed() -> answer.clients().add(info(client));
        case Session session when !session.closed() -> answer.sessions().add(info(session));
        case Consumer consumer when !consumer.session.closed() ->
            answer.consumers().add(info(consumer));
        default -> {
          // It has gone since it was gathered.
        }
      }
    }
  }

  private static Event.QueueInfo info(Queue queue) {
    Client owner = queue.owner();
    return new Event.QueueInfo(
        queue.host().name(),
        queue.name(),
        queue.declaration().durable(),
        queue.declaration().autoDelete(),
        queue.declaration().exclusive(),
        queue.type(),
        queue.readyCount(),
        queue.unsettledCount(),
        queue.consumers().size(),
        queue.declaration().arguments(),
        owner == null ? null : owner.name());
  }

  private static Event.ExchangeInfo info(Exchange exchange) {
    return new Event.ExchangeInfo(
        exchange.host().name(),
        exchange.name(),
        exchange.type(),
        exchange.durable(),
        exchange.autoDelete(),
        exchange.internal(),
        exchange.id() == Exchange.PREDECLARED,
        exchange.arguments());
  }

  private static Event.BindingInfo info(Binding binding) {
    return new Event.BindingInfo(
        binding.source().host().name(),
        binding.source().name(),
        binding.destination() instanceof Queue,
        binding.destination().name(),
        binding.key(),
        binding.arguments(),
        binding.durable());
  }

  private static Event.ClientInfo info(Client client) {
    int consumers = 0;
    long unsettled = 0;
    for (Session session : client.sessions()) {
      consumers += session.consumers().size();
      unsettled += session.unsettled().count();
    }
    return new Event.ClientInfo(
        client.name(),
        client.host().name(),
        client.sessions().size(),
        consumers,
        unsettled,
        client.toldBlocked(),
        client.behind(),
        client.facts());
  }

  private static Event.SessionInfo info(Session session) {
    return new Event.SessionInfo(
        session.client().name(),
        session.client().facts().user(),
        session.host().name(),
        session.id(),
        session.prefetchOfConsumers(),
        session.prefetchOfSession(),
        session.unsettled().count(),
        session.unconfirmedCount(),
        session.consumers().size(),
        session.hasConfirms(),
        session.transaction() != null);
  }

  private static Event.ConsumerInfo info(Consumer consumer) {
    return new Event.ConsumerInfo(
        consumer.queue.host().name(),
        consumer.queue.name(),
        consumer.tag,
        consumer.session.client().name(),
        consumer.session.id(),
        consumer.autoSettle,
        consumer.prefetch,
        consumer.unsettled,
        consumer.exclusive,
        consumer.queue.consumers().isActive(consumer),
        consumer.priority);
  }
}
