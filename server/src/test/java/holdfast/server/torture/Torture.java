package holdfast.server.torture;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import holdfast.server.e2e.BrokerProcess;
import holdfast.server.e2e.Directories;
import holdfast.server.torture.Verdict.Breach;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Rounds of load, kill -9, restart and a message-by-message look. The data directory lives through
/// all of them.
///
/// One thread runs the rounds; the clients of a round write into the models from theirs.
final class Torture {
  /// How it is run; each has a system property `holdfast.torture.` + its name.
  record Settings(
      int rounds,
      long seed,
      int messagesMax,
      long ackDurableMs,
      long diskMaxMiB,
      boolean transactions) {
    static Settings fromProperties() {
      return new Settings(
          Integer.getInteger("holdfast.torture.rounds", 20),
          Long.getLong("holdfast.torture.seed", System.nanoTime()),
          Integer.getInteger("holdfast.torture.messagesMax", 4000),
          Long.getLong("holdfast.torture.ackDurableMs", 1000),
          Long.getLong("holdfast.torture.diskMaxMiB", 1024),
          Boolean.getBoolean("holdfast.torture.transactions"));
    }
  }

  private static final Duration LOAD_MIN = Duration.ofMillis(100);
  private static final Duration LOAD_MAX = Duration.ofMillis(900);
  private static final Duration START_KILL_MAX = Duration.ofMillis(500);
  private static final int START_KILL_PERCENT = 15;
  private static final int KEEP_PERCENT = 25;
  private static final int LEAVE_BACKLOG_PERCENT = 40;
  private static final long MIB = 1 << 20;

  private final Settings settings;
  private final Path directory;
  private final Consumer<String> report;
  private final Verdict verdict = new Verdict();
  private final Definitions definitions = new Definitions(verdict);
  private final Map<String, QueueModel> models;
  private final SplittableRandom random;
  private Counts counts = new Counts();

  Torture(Settings settings, Path directory, Consumer<String> report) {
    this.settings = settings;
    this.directory = directory;
    this.report = report;
    this.random = new SplittableRandom(settings.seed());
    this.models = Topology.models(verdict, Duration.ofMillis(settings.ackDurableMs()).toNanos());
  }

  Settings settings() {
    return settings;
  }

  Verdict verdict() {
    return verdict;
  }

  Definitions definitions() {
    return definitions;
  }

  Map<String, QueueModel> models() {
    return models;
  }

  Counts counts() {
    return counts;
  }

  /// Runs until the rounds are done or a promise is broken; what was broken is in the verdict.
  void run() throws Exception {
    long began = System.nanoTime();
    BrokerProcess broker = BrokerProcess.start(directory);
    try {
      try (Load setup = new Load(broker.port(), 0);
          Channel channel = setup.connect().createChannel()) {
        Topology.declare(channel);
      }
      int round = 1;
      while (round <= settings.rounds() && verdict.clean()) {
        broker = round(round, broker);
        round++;
      }
      report.accept(
          "%d rounds in %.1f s, seed %d: %s"
              .formatted(round - 1, seconds(began), settings.seed(), verdict.summary()));
    } finally {
      broker.kill();
    }
  }

  private BrokerProcess round(int round, BrokerProcess broker) throws Exception {
    long began = System.nanoTime();
    counts = new Counts();
    Duration loaded = randomBetween(LOAD_MIN, LOAD_MAX);
    long killed;
    try (Load load = new Load(broker.port(), random.nextLong())) {
      load.start(round, this);
      pause(loaded);
      if (!broker.alive()) {
        throw new AssertionError("the broker ended by itself:\n" + broker.logTail());
      }
      killed = System.nanoTime();
      broker.kill();
    }
    models.values().forEach(model -> model.killed(killed));
    int startKills = killWhileStarting();
    BrokerProcess next = BrokerProcess.start(directory);
    try {
      String looked = inspect(next, round == settings.rounds());
      long diskMiB = Directories.bytes(directory.resolve("data")) / MIB;
      report.accept(
          "round %d: killed after %d ms%s, ready in %d ms; %s; %s; %s; disk %,d MiB; %.1f s"
              .formatted(
                  round,
                  loaded.toMillis(),
                  startKills == 0 ? "" : " and " + startKills + " times while starting",
                  next.readyMs(),
                  counts,
                  looked,
                  verdict.summary(),
                  diskMiB,
                  seconds(began)));
      if (diskMiB > settings.diskMaxMiB()) {
        throw new AssertionError("the data directory has grown to " + diskMiB + " MiB");
      }
      return next;
    } catch (Exception | AssertionError failed) {
      failed.addSuppressed(new AssertionError(verdict.summary() + "\n" + verdict.details()));
      next.kill();
      throw failed;
    }
  }

  // A recovery that is killed must leave what it found as good as it was.
  private int killWhileStarting() throws Exception {
    int kills = 0;
    while (random.nextInt(100) < START_KILL_PERCENT) {
      BrokerProcess starting = BrokerProcess.spawn(directory);
      pause(randomBetween(Duration.ZERO, START_KILL_MAX));
      starting.kill();
      kills++;
    }
    return kills;
  }

  private String inspect(BrokerProcess broker, boolean everything) throws Exception {
    int looked = 0;
    int messages = 0;
    int returned = 0;
    int checked;
    try (Load clients = new Load(broker.port(), 0)) {
      Connection connection = clients.connect();
      if (Definitions.exists(connection, ask -> ask.queueDeclarePassive(Topology.VOLATILE))) {
        verdict.add(Breach.PHANTOM, "the queue that is not durable is still there");
      }
      checked = definitions.check(connection, random);
      Inspection inspection = new Inspection(connection, verdict, random.split());
      for (QueueModel model : models.values()) {
        boolean left =
            model.name().equals(Topology.BACKLOG) && random.nextInt(100) < LEAVE_BACKLOG_PERCENT;
        if (left && !everything) {
          continue;
        }
        boolean keepSome = !everything && random.nextInt(100) < KEEP_PERCENT;
        Inspection.Found found = inspection.look(model, keepSome);
        looked++;
        messages += found.messages();
        returned += found.returnedAfterAck();
      }
      connection.close();
    }
    return "found %,d in %d queues (%,d of them acked before), checked %d definitions"
        .formatted(messages, looked, returned, checked);
  }

  private Duration randomBetween(Duration from, Duration to) {
    return Duration.ofNanos(random.nextLong(from.toNanos(), to.toNanos()));
  }

  // The moment of a kill is random on purpose; nothing waits for anything here.
  private static void pause(Duration duration) {
    long end = System.nanoTime() + duration.toNanos();
    for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }
}
