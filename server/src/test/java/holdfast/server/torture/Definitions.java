package holdfast.server.torture;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import holdfast.server.torture.Verdict.Breach;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/// Queues, exchanges and bindings declared and deleted without pause, and what each answer
/// promised. One thread changes them during a life, another checks them after the restart; never
/// both at once.
final class Definitions {
  private static final int ALIVE_MAX = 40;
  private static final int OPERATIONS_MAX = 600;
  private static final int CHECKED_MAX = 60;
  private static final String QUEUE_PREFIX = "torture.d.q.";
  private static final String EXCHANGE_PREFIX = "torture.d.x.";

  private enum State {
    PRESENT,
    ABSENT,
    /// Asked for, no answer before the kill.
    DOUBTFUL
  }

  private static final class Definition {
    State declared = State.DOUBTFUL;
    State bound = State.ABSENT;
    boolean touched = true;
  }

  private final Map<String, Definition> byName = new LinkedHashMap<>();
  private final Verdict verdict;
  private int named;

  Definitions(Verdict verdict) {
    this.verdict = verdict;
  }

  /// Declares, binds, unbinds and deletes until the broker is killed.
  void churn(Channel channel, RandomGenerator random, Counts counts) {
    try {
      for (int done = 0; done < OPERATIONS_MAX; done++) {
        List<String> alive = names(State.PRESENT);
        if (alive.size() < ALIVE_MAX / 4 || alive.size() < ALIVE_MAX && random.nextBoolean()) {
          create(channel, random.nextInt(5) == 0);
        } else {
          change(channel, alive.get(random.nextInt(alive.size())), random.nextInt(3) > 0);
        }
        counts.definitions.increment();
      }
    } catch (IOException | AlreadyClosedException killed) {
      // The kill: the operation under way stays in doubt.
      return;
    }
  }

  private List<String> names(State state) {
    List<String> found = new ArrayList<>();
    byName.forEach((name, definition) -> {
      if (definition.declared == state) {
        found.add(name);
      }
    });
    return found;
  }

  private void create(Channel channel, boolean exchange) throws IOException {
    String name = (exchange ? EXCHANGE_PREFIX : QUEUE_PREFIX) + named++;
    Definition made = new Definition();
    byName.put(name, made);
    if (exchange) {
      channel.exchangeDeclare(name, BuiltinExchangeType.FANOUT, true);
      made.declared = State.PRESENT;
      return;
    }
    channel.queueDeclare(name, true, false, false, null);
    made.declared = State.PRESENT;
    made.bound = State.DOUBTFUL;
    channel.queueBind(name, Topology.DEFINITIONS, name);
    made.bound = State.PRESENT;
  }

  private void change(Channel channel, String name, boolean delete) throws IOException {
    Definition changed = byName.get(name);
    changed.touched = true;
    boolean exchange = name.startsWith(EXCHANGE_PREFIX);
    if (delete || exchange || changed.bound != State.PRESENT) {
      changed.declared = State.DOUBTFUL;
      changed.bound = changed.bound == State.PRESENT ? State.DOUBTFUL : changed.bound;
      if (exchange) {
        channel.exchangeDelete(name);
      } else {
        channel.queueDelete(name);
      }
      changed.declared = State.ABSENT;
      changed.bound = State.ABSENT;
      return;
    }
    changed.bound = State.DOUBTFUL;
    channel.queueUnbind(name, Topology.DEFINITIONS, name);
    changed.bound = State.ABSENT;
  }

  /// Checks what the last life touched and some of the rest, and learns what was in doubt.
  int check(Connection connection, RandomGenerator random) throws Exception {
    List<String> chosen = new ArrayList<>();
    for (Map.Entry<String, Definition> entry : byName.entrySet()) {
      Definition found = entry.getValue();
      // Deletes are checked by sample: each costs a channel, which the answer 404 closes.
      if (found.touched
          ? found.declared != State.ABSENT || random.nextInt(4) == 0
          : chosen.isEmpty()) {
        chosen.add(entry.getKey());
      }
    }
    while (chosen.size() > CHECKED_MAX) {
      String spared = chosen.remove(random.nextInt(chosen.size()));
      if (byName.get(spared).declared == State.DOUBTFUL) {
        chosen.addFirst(spared);
      }
    }
    for (String name : chosen) {
      checkDeclared(connection, name, byName.get(name));
    }
    checkBindings(connection, chosen);
    byName.values().forEach(definition -> definition.touched = false);
    byName.values().removeIf(definition -> definition.declared == State.ABSENT);
    return chosen.size();
  }

  private void checkDeclared(Connection connection, String name, Definition definition)
      throws Exception {
    boolean exchange = name.startsWith(EXCHANGE_PREFIX);
    boolean there =
        exists(
            connection,
            channel -> {
              if (exchange) {
                channel.exchangeDeclarePassive(name);
              } else {
                channel.queueDeclarePassive(name);
              }
            });
    if (definition.declared == State.PRESENT && !there) {
      verdict.add(Breach.DEFINITION, name + " was declared and is lost");
    } else if (definition.declared == State.ABSENT && there) {
      verdict.add(Breach.DEFINITION, name + " was deleted and is back");
    }
    definition.declared = there ? State.PRESENT : State.ABSENT;
    definition.bound = there ? definition.bound : State.ABSENT;
  }

  /// A message with each queue's key: it must arrive there, or come back when nothing is bound.
  private void checkBindings(Connection connection, List<String> chosen) throws Exception {
    if (!exists(connection, ask -> ask.exchangeDeclarePassive(Topology.DEFINITIONS))) {
      verdict.add(Breach.DEFINITION, "the durable exchange " + Topology.DEFINITIONS + " is lost");
      return;
    }
    List<String> queues = chosen.stream().filter(name -> name.startsWith(QUEUE_PREFIX)).toList();
    Set<String> returned = ConcurrentHashMap.newKeySet();
    try (Channel channel = connection.createChannel()) {
      channel.confirmSelect();
      channel.addReturnListener(message -> returned.add(message.getRoutingKey()));
      for (String queue : queues) {
        channel.basicPublish(
            Topology.DEFINITIONS, queue, true, MessageProperties.MINIMAL_BASIC, new byte[] {1});
      }
      // A return comes before its confirm and on the same thread: all are in when this returns.
      channel.waitForConfirmsOrDie(10_000);
      for (String queue : queues) {
        Definition definition = byName.get(queue);
        boolean arrived = !returned.contains(queue);
        if (definition.bound != State.DOUBTFUL && arrived != (definition.bound == State.PRESENT)) {
          verdict.add(
              Breach.DEFINITION,
              "the binding of " + queue + (arrived ? " was removed and is back" : " is lost"));
        }
        definition.bound = arrived ? State.PRESENT : State.ABSENT;
        if (arrived && definition.declared == State.PRESENT) {
          AMQP.Queue.PurgeOk purged = channel.queuePurge(queue);
          if (purged.getMessageCount() != 1) {
            verdict.add(
                Breach.MISROUTED, queue + " held " + purged.getMessageCount() + " messages, not 1");
          }
        }
      }
    }
  }

  interface Question {
    void ask(Channel channel) throws IOException;
  }

  /// Asks on a channel of its own, which the answer "no" closes.
  static boolean exists(Connection connection, Question question) throws Exception {
    Channel channel = connection.createChannel();
    try {
      question.ask(channel);
      channel.close();
      return true;
    } catch (IOException refused) {
      if (refused.getCause() instanceof ShutdownSignalException closed
          && closed.getReason() instanceof AMQP.Channel.Close reason
          && reason.getReplyCode() == AMQP.NOT_FOUND) {
        return false;
      }
      throw refused;
    }
  }
}
