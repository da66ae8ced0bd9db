package holdfast.testkit.broker;

import holdfast.core.Client;
import holdfast.core.Event;
import holdfast.core.Limits;
import holdfast.core.Outbox;
import holdfast.core.Session;
import holdfast.store.StoreFailedException;
import holdfast.testkit.CrashMode;
import holdfast.testkit.DiskFaults;
import holdfast.testkit.SimulatedDisk;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Plays one scenario: a script of lines, each something that a client asks, something that happens
/// to the broker, or something that must have come of it. `scenarios/README.md` has the words.
///
/// The disk writes only when the script says so; everything else happens at once.
final class ScenarioPlayer {
  private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|\\S+");

  /// One connection of the script.
  static final class Peer implements Outbox {
    final String name;
    Client client;
    final Map<Integer, Session> sessions = new HashMap<>();

    /// What it was told and the script has not asked about, by session.
    final Map<Integer, ArrayDeque<String>> told = new LinkedHashMap<>();

    /// Session and body -> tag of the newest delivery.
    final Map<String, Long> tags = new HashMap<>();

    boolean reads = true;

    Peer(String name) {
      this.name = name;
    }

    @Override
    public void add(Event event) {
      int session = Math.max(1, EventText.session(event));
      told.computeIfAbsent(session, id -> new ArrayDeque<>()).add(EventText.of(event));
      if (event instanceof Event.Delivered d) {
        tags.put(session + EventText.body(d.message()), d.deliveryTag());
      } else if (event instanceof Event.Got g) {
        tags.put(session + EventText.body(g.message()), g.deliveryTag());
      }
    }

    @Override
    public boolean hasRoom() {
      return reads;
    }

    Session session(int id) {
      return sessions.computeIfAbsent(id, client::newSession);
    }
  }

  private final Map<String, Peer> peers = new LinkedHashMap<>();
  private SimulatedDisk disk = new SimulatedDisk(1);
  private Limits limits = ShardDriver.LIMITS;
  private ShardDriver driver;
  private boolean readsWait;

  ScenarioPlayer() throws IOException {
    driver = new ShardDriver(disk, limits);
    driver.finish();
  }

  void play(List<String> lines) throws IOException {
    for (String line : lines) {
      String text = line.strip();
      if (!text.isEmpty() && !text.startsWith("#")) {
        try {
          one(text);
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError("at \"" + text + "\": " + e.getMessage(), e);
        }
      }
    }
    nothingIsLeft();
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }

  private void one(String line) throws IOException {
    if (line.startsWith("client ")) {
      int colon = line.indexOf(':');
      command(line.substring(7, colon), words(line.substring(colon + 1)));
    } else if (line.startsWith("expect ")) {
      expect(line.substring(7));
    } else {
      event(line);
    }
  }

  /// What happens to the broker.
  private void event(String line) throws IOException {
    switch (line) {
      case "disk writes" -> {
        driver.write();
        run();
      }
      case "reads wait" -> readsWait = true;
      case "reads go on" -> {
        readsWait = false;
        run();
      }
      case "everything is written" -> driver.finish();
      case "crash" -> reopen(disk.crash(CrashMode.NOTHING_UNFORCED));
      case "the disk fails" -> disk.faults().failAt(DiskFaults.Operation.WRITE, 1);
      case "clean restart" -> {
        driver.store.close();
        reopen(disk.copy());
      }
      default -> {
        if (line.startsWith("time passes ")) {
          driver.nowMs += Long.parseLong(line.substring(12));
          run();
        } else if (line.startsWith("memory limit ")) {
          long bytes = Long.parseLong(line.substring(13));
          limits = ShardDriver.limits(bytes, Limits.usualCacheBytes(bytes), limits.paging());
          reopen(disk);
        } else if (line.startsWith("cache limit ")) {
          long bytes = Long.parseLong(line.substring(12));
          limits = ShardDriver.limits(limits.memoryBytesHigh(), bytes, ShardDriver.PAGING_TINY);
          reopen(disk);
        } else if (line.startsWith("declare ")) {
          command("setup", words(line));
          driver.finish();
          String answer = poll("setup");
          require(!answer.startsWith("error"), answer);
        } else {
          throw new IllegalArgumentException("these words mean nothing here");
        }
      }
    }
  }

  private void reopen(SimulatedDisk next) throws IOException {
    disk = next;
    peers.clear();
    driver = new ShardDriver(disk, limits, driver.nowMs);
    driver.finish();
  }

  private void command(String who, List<String> words) {
    int dot = who.indexOf('.');
    Peer peer = peer(dot < 0 ? who : who.substring(0, dot));
    int id = dot < 0 ? 1 : Integer.parseInt(who.substring(dot + 1));
    try {
      new ScenarioCommand(peer, id, words).submitTo(driver);
      run();
    } catch (StoreFailedException failed) {
      // The gate ends here; what had been said stands.
    }
  }

  /// Works until nothing is left but what waits for a write, or for a read if the script wants
  /// that.
  private void run() {
    driver.run();
    while (!readsWait && driver.background()) {
      driver.run();
    }
  }

  private Peer peer(String name) {
    return peers.computeIfAbsent(
        name,
        n -> {
          Peer peer = new Peer(n);
          peer.client = driver.shard.newClient(n, driver.host, peer);
          return peer;
        });
  }

  // --- what must have come of it ---

  private void expect(String what) {
    if (what.equals("nothing")) {
      nothingIsLeft();
    } else if (what.equals("the store has failed")) {
      require(driver.failure != null, "the store works");
    } else if (what.startsWith("memory ")) {
      long bytes = Long.parseLong(what.substring(7));
      require(driver.memory.used() == bytes, "memory is " + driver.memory.used());
    } else if (what.startsWith("queue ")) {
      queueIs(what);
    } else if (what.startsWith("no queue ")) {
      String name = what.substring(9);
      require(
          driver.inspect().queues().stream().noneMatch(q -> q.name().equals(name)),
          "there is a queue " + name);
    } else {
      int colon = what.indexOf(": ");
      told(what.substring(0, colon), what.substring(colon + 2));
    }
  }

  private void queueIs(String what) {
    String name = what.substring(6, what.indexOf(':'));
    String is =
        driver.inspect().queues().stream()
            .filter(q -> q.name().equals(name))
            .map(q ->
                "queue %s: %d ready, %d unsettled, %d consumers"
                    .formatted(name, q.ready(), q.unsettled(), q.consumers()))
            .findFirst()
            .orElse("no queue " + name);
    require(is.equals(what), "it is: " + is);
  }

  private void told(String who, String what) {
    Matcher many = Pattern.compile("(\\d+) deliveries").matcher(what);
    if (many.matches()) {
      for (int i = Integer.parseInt(many.group(1)); i > 0; i--) {
        String next = poll(who);
        require(next.startsWith("deliver "), i + " deliveries are missing; next is: " + next);
      }
      return;
    }
    String next = poll(who);
    boolean same =
        what.endsWith("...")
            ? next.startsWith(what.substring(0, what.length() - 3))
            : next.equals(what);
    require(same, "instead came: " + next);
  }

  private String poll(String who) {
    int dot = who.indexOf('.');
    Peer peer = peers.get(dot < 0 ? who : who.substring(0, dot));
    int id = dot < 0 ? 1 : Integer.parseInt(who.substring(dot + 1));
    ArrayDeque<String> told = peer == null ? null : peer.told.get(id);
    return told == null || told.isEmpty() ? "nothing" : told.poll();
  }

  private void nothingIsLeft() {
    for (Peer peer : peers.values()) {
      peer.told.forEach((id, told) ->
          require(told.isEmpty(), peer.name + "." + id + " was told: " + String.join("; ", told)));
    }
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise);
    }
  }
}
