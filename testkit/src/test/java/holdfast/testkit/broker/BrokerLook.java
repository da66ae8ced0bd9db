package holdfast.testkit.broker;

import holdfast.core.Arguments;
import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Message;
import holdfast.core.Outbox;
import holdfast.core.Session;
import holdfast.store.Engine;
import holdfast.testkit.CrashMode;
import holdfast.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Everything that clients could find out about a broker: queues and what is in them, in order and
/// with flags; exchanges; and where messages go. Taken from a copy of the disk, which is emptied by
/// looking.
final class BrokerLook implements Outbox {
  /// A message as it came out of a queue.
  record Found(byte[] body, boolean redelivered) {
    String text() {
      return new String(body, StandardCharsets.UTF_8) + (redelivered ? " redelivered" : "");
    }
  }

  final Map<String, List<Found>> queues = new LinkedHashMap<>();
  final Set<String> exchanges = new TreeSet<>();
  private final Set<String> reached = new HashSet<>();
  private boolean lastFailed;

  /// Looks at what a broker recovers from this disk, which is not used for anything else.
  static BrokerLook at(SimulatedDisk disk, List<String> exchangeNames) throws IOException {
    BrokerLook look = new BrokerLook();
    look.take(new ShardDriver(disk), exchangeNames);
    return look;
  }

  /// The same for any engine.
  static BrokerLook at(Engine engine, List<String> exchangeNames) throws IOException {
    BrokerLook look = new BrokerLook();
    look.take(new ShardDriver(engine, ShardDriver.LIMITS), exchangeNames);
    return look;
  }

  /// The same after the recovered broker has taken a checkpoint and lost its power again.
  static BrokerLook behindACheckpoint(SimulatedDisk disk, List<String> exchangeNames)
      throws IOException {
    ShardDriver driver = new ShardDriver(disk);
    for (int i = 0; i < 3; i++) {
      driver.finish();
      while (driver.background()) {
        // All of it: the checkpoint is written there.
      }
    }
    return at(disk.crash(CrashMode.NOTHING_UNFORCED), exchangeNames);
  }

  boolean reached(String exchange, String key, String queue) {
    return reached.contains(exchange + " " + key + " " + queue);
  }

  private void take(ShardDriver driver, List<String> exchangeNames) {
    driver.finish();
    Client client = driver.shard.newClient("look", driver.host, this);
    Session session = client.newSession(1);
    for (String name : exchangeNames) {
      lastFailed = false;
      driver.submit(
          new Command.DeclareExchange(
              session, name, "", true, true, false, false, Arguments.NONE, false));
      driver.finish();
      if (!lastFailed) {
        exchanges.add(name);
      }
    }
    for (Event.QueueInfo info : driver.inspect().queues()) {
      queues.put(info.name(), new ArrayList<>());
      driver.submit(
          new Command.Consume(
              session, info.name(), info.name(), "", true, false, Arguments.NONE, true));
    }
    driver.finish();
    for (String exchange : exchanges) {
      for (String key : BrokerTopology.KEYS) {
        driver.submit(new Command.Publish(session, probe(exchange, key), false));
        driver.memory.add(0);
      }
    }
    driver.finish();
    for (String queue : List.copyOf(queues.keySet())) {
      driver.submit(new Command.DeleteQueue(session, queue, false, false, true));
    }
    driver.finish();
    if (driver.memory.used() != 0) {
      throw new AssertionError(
          "with every queue deleted, " + driver.memory.used() + " bytes are still counted");
    }
  }

  private static Message probe(String exchange, String key) {
    byte[] body = ("probe " + exchange + " " + key).getBytes(StandardCharsets.UTF_8);
    return new Message(exchange, key, TextHeaders.FORMAT, new byte[0], body, false, 1);
  }

  @Override
  public void add(Event event) {
    switch (event) {
      case Event.Failed failed -> lastFailed = true;
      case Event.Delivered d -> {
        String text = EventText.body(d.message());
        if (text.startsWith("probe ")) {
          reached.add(text.substring(6) + " " + d.consumerTag());
        } else {
          queues.get(d.consumerTag()).add(new Found(d.message().body(), d.redelivered()));
        }
      }
      default -> {
        // Answers to what was asked; nothing follows.
      }
    }
  }

  @Override
  public boolean hasRoom() {
    return true;
  }

  /// All of it as text, for a comparison.
  String text() {
    StringBuilder text = new StringBuilder();
    new java.util.TreeMap<>(queues)
        .forEach((name, found) -> {
          text.append(name).append(':');
          found.forEach(f -> text.append(' ').append(head(f)));
          text.append('\n');
        });
    return text.append(exchanges).append(new TreeSet<>(reached)).toString();
  }

  private static String head(Found found) {
    int id = BrokerModel.idOf(found.body());
    return id + "/" + found.body().length + (found.redelivered() ? "r" : "");
  }
}
