package holdfast.server;

import holdfast.broker.Broker;
import holdfast.broker.EventOutbox;
import holdfast.core.Arguments;
import holdfast.core.Client;
import holdfast.core.CoreError;
import holdfast.core.Event;
import holdfast.core.Session;
import holdfast.core.VirtualHost;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Has commands done in a virtual host for an administrator, by a client that nobody sees and that
/// goes with them.
final class Errands {
  private final Broker broker;

  Errands(Broker broker) {
    this.broker = broker;
  }

  /// How commands ended, each known by itself.
  ///
  /// @param errors of those that could not be done
  /// @param removed how many messages went with those that remove some
  record Ends(
      Map<holdfast.core.Command, CoreError> errors, Map<holdfast.core.Command, Long> removed) {}

  /// Has one command done.
  ///
  /// @return how many messages went with it
  long run(String host, Function<Session, holdfast.core.Command> command) throws OperationRefused {
    Ends ends = runAll(host, session -> List.of(command.apply(session)));
    for (CoreError error : ends.errors().values()) {
      throw refusal(error);
    }
    return ends.removed().values().stream().mapToLong(n -> n).sum();
  }

  /// Has commands done, one after the other, and waits until all of them are durable. They may be
  /// quiet: what could not be done is told all the same.
  Ends runAll(String host, Function<Session, List<holdfast.core.Command>> wishes)
      throws OperationRefused {
    VirtualHost in = requireHost(host);
    Run run = new Run();
    Client client = broker.newClient("administrator", in, run::take, Long.MAX_VALUE);
    client.hide();
    run.outbox = broker.outboxOf(client);
    List<holdfast.core.Command> commands = new ArrayList<>(wishes.apply(client.control()));
    // Answered after everything before it, and once every definition before it is durable.
    holdfast.core.Command last = last(client.control());
    run.last = last;
    commands.add(last);
    commands.add(new holdfast.core.Command.CloseClient(client.control()));
    broker.submit(commands);
    return Waiting.on(run.done);
  }

  private static holdfast.core.Command last(Session session) {
    return new holdfast.core.Command.DeclareExchange(
        session, "amq.direct", "direct", true, true, false, false, Arguments.NONE, false);
  }

  VirtualHost requireHost(String host) throws OperationRefused {
    VirtualHost in = broker.host(host);
    if (in == null) {
      throw OperationRefused.notFound(
          "no vhost '" + host + "'; 'holdfast vhosts' lists those there are");
    }
    return in;
  }

  static OperationRefused refusal(CoreError error) {
    return switch (error.kind()) {
      case NOT_FOUND -> OperationRefused.notFound(error.text());
      case COMMAND_INVALID, NOT_IMPLEMENTED -> OperationRefused.bad(error.text());
      case ACCESS_REFUSED, PRECONDITION_FAILED, RESOURCE_LOCKED, NOT_ALLOWED, RESOURCE_ERROR ->
          OperationRefused.conflict(error.text());
    };
  }

  /// Takes the answers; called by the gate's owner.
  private static final class Run {
    final CompletableFuture<Ends> done = new CompletableFuture<>();
    private final Ends ends = new Ends(new IdentityHashMap<>(), new IdentityHashMap<>());
    private @Nullable EventOutbox outbox;
    private holdfast.core.@Nullable Command last;

    void take(List<Event> events) {
      long bytes = 0;
      for (Event event : events) {
        bytes += EventOutbox.bytes(event);
        if (event instanceof Event.Failed failed) {
          ends.errors().put(failed.cause(), failed.error());
          endIf(failed.cause());
        } else if (event instanceof Event.Removed removed) {
          ends.removed().put(removed.cause(), removed.messages());
        } else if (event instanceof Event.Done finished) {
          endIf(finished.cause());
        }
      }
      EventOutbox known = outbox;
      if (known != null) {
        known.sent(bytes);
      }
    }

    private void endIf(holdfast.core.Command cause) {
      if (cause == last) {
        done.complete(ends);
      }
    }
  }
}
