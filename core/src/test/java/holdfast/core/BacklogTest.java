package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What queues have in memory and what only on disk, against a plain list of what is in them. Reads
/// come late, memory is short by turns, and queues are purged and deleted in the middle of it.
class BacklogTest {
  private static final int STEPS = 600;

  @TempDir Path directory;
  private int runs;

  /// A queue as its clients know it: one publisher, so numbers rise in it.
  private static final class Model {
    final String name;
    final TreeSet<Integer> ready = new TreeSet<>();
    final Set<Integer> wasOut = new HashSet<>();
    Session consumers;
    final List<Session> getters = new ArrayList<>();
    final List<String> tags = new ArrayList<>();

    Model(String name) {
      this.name = name;
    }
  }

  private record Out(Model queue, int id) {}

  private final class Run {
    final SplittableRandom dice;
    final PagingRig rig;
    final List<Model> queues = List.of(new Model("a"), new Model("b"));
    final Map<Session, Map<Long, Out>> unsettled = new HashMap<>();
    final Map<Session, Model> of = new HashMap<>();

    /// Gets without an answer. Their queue may have been deleted meanwhile.
    final Map<Session, ArrayDeque<Boolean>> asked = new HashMap<>();

    final Map<String, Boolean> autoSettles = new HashMap<>();
    long pressure;
    int lastId;
    int lastTag;
    int deletions;

    Run(SplittableRandom dice) throws IOException {
      this.dice = dice;
      long cache = dice.nextInt(3) == 0 ? 0 : dice.nextInt(12_000);
      rig = new PagingRig(directory.resolve("run" + ++runs), 1_000_000_000, cache, PagingRig.TINY);
      for (Model queue : queues) {
        declare(queue);
        queue.consumers = session(queue);
        queue.getters.addAll(List.of(session(queue), session(queue)));
      }
      rig.finish();
      rig.events.clear();
    }

    Session session(Model queue) {
      Session session = rig.newSession();
      of.put(session, queue);
      unsettled.put(session, new HashMap<>());
      asked.put(session, new ArrayDeque<>());
      return session;
    }

    void declare(Model queue) {
      rig.declare(queue.name, true);
      rig.bindToFanout(queue.name);
    }

    void play() {
      for (int i = 0; i < STEPS; i++) {
        any();
        hear();
      }
      if (pressure != 0) {
        rig.memory.add(-pressure);
      }
      atRest();
      for (Model queue : queues) {
        rig.submit(new Command.DeleteQueue(queue.consumers, queue.name, false, false, true));
      }
      rig.finish();
      for (Session session : of.keySet()) {
        rig.submit(new Command.Settle(session, 0, true, Command.Outcome.ACCEPTED));
      }
      rig.finish();
      assertThat(rig.memory.used()).as("with everything gone").isZero();
    }

    void any() {
      Model queue = queues.get(dice.nextInt(2));
      int roll = dice.nextInt(100);
      if (roll < 22) {
        publish(queue);
      } else if (roll < 32) {
        get(queue);
      } else if (roll < 37) {
        consume(queue);
      } else if (roll < 40) {
        cancel(queue);
      } else if (roll < 55) {
        settle(queue);
      } else if (roll < 59) {
        squeeze();
      } else if (roll < 61) {
        purge(queue);
      } else if (roll < 62) {
        delete(queue);
      } else if (roll < 80) {
        for (int i = dice.nextInt(5); i > 0; i--) {
          rig.step();
        }
      } else if (roll < 88) {
        rig.store.writeOnce();
      } else if (roll < 97) {
        rig.background();
      } else {
        atRest();
      }
    }

    void publish(Model queue) {
      boolean both = dice.nextInt(3) == 0;
      boolean persistent = dice.nextInt(5) > 0;
      for (int i = 1 + dice.nextInt(8); i > 0; i--) {
        int id = ++lastId;
        for (Model target : both ? queues : List.of(queue)) {
          target.ready.add(id);
        }
        rig.publish(
            both ? "amq.fanout" : "", both ? "" : queue.name, id, dice.nextInt(400), persistent);
      }
    }

    void get(Model queue) {
      Session session = queue.getters.get(dice.nextInt(2));
      boolean autoSettle = dice.nextInt(3) == 0;
      asked.get(session).add(autoSettle);
      rig.submit(new Command.Get(session, queue.name, autoSettle));
    }

    void consume(Model queue) {
      if (queue.tags.size() > 2) {
        return;
      }
      String tag = "c" + ++lastTag;
      boolean autoSettle = dice.nextInt(3) == 0;
      autoSettles.put(tag, autoSettle);
      queue.tags.add(tag);
      rig.submit(new Command.SetPrefetch(queue.consumers, dice.nextInt(12), false));
      rig.submit(
          new Command.Consume(
              queue.consumers, queue.name, tag, "", autoSettle, false, Arguments.NONE, true));
    }

    void cancel(Model queue) {
      if (!queue.tags.isEmpty() && !queue.consumers.isBusy()) {
        rig.submit(new Command.Cancel(queue.consumers, queue.tags.removeFirst(), true));
      }
    }

    void settle(Model queue) {
      hear();
      Session session = dice.nextBoolean() ? queue.consumers : queue.getters.get(dice.nextInt(2));
      Map<Long, Out> held = unsettled.get(session);
      if (held.isEmpty() || session.isBusy()) {
        return;
      }
      List<Long> tags = new ArrayList<>(held.keySet());
      long tag = tags.get(dice.nextInt(tags.size()));
      boolean multiple = dice.nextInt(3) == 0;
      boolean returned = dice.nextInt(2) == 0;
      for (long one : tags) {
        if (one == tag || multiple && one < tag) {
          Out out = held.remove(one);
          if (returned && out.queue.ready != null && !goneWith(out)) {
            out.queue.ready.add(out.id);
          }
        }
      }
      rig.submit(
          new Command.Settle(
              session,
              tag,
              multiple,
              returned ? Command.Outcome.RETURNED : Command.Outcome.ACCEPTED));
    }

    /// Numbers below this were in a queue that has been deleted.
    final Map<Model, Integer> deletedUpTo = new HashMap<>();

    boolean goneWith(Out out) {
      return out.id <= deletedUpTo.getOrDefault(out.queue, 0);
    }

    /// Somebody else takes memory, or gives it back.
    void squeeze() {
      long next = dice.nextBoolean() ? 0 : dice.nextInt(20_000);
      rig.memory.add(next - pressure);
      pressure = next;
    }

    void purge(Model queue) {
      if (dice.nextBoolean()) {
        atRest();
      } else {
        // A read may be under way, but what was published must be visible to be purged.
        rig.store.writeOnce();
        rig.run();
        rig.store.writeOnce();
        rig.run();
        hear();
      }
      if (rig.publisher.isBusy() || !asked.values().stream().allMatch(ArrayDeque::isEmpty)) {
        return;
      }
      long before = rig.queue(queue.name).readyCount();
      assertThat(before).isEqualTo(queue.ready.size());
      queue.ready.clear();
      int answers = (int) rig.events.stream().filter(e -> e instanceof Event.Removed).count();
      rig.submit(new Command.PurgeQueue(rig.publisher, queue.name, false));
      rig.run();
      rig.store.writeOnce();
      rig.run();
      rig.store.writeOnce();
      rig.run();
      List<Event> removed =
          rig.events.stream().filter(e -> e instanceof Event.Removed).skip(answers).toList();
      assertThat(removed).hasSize(1);
      assertThat(((Event.Removed) removed.getFirst()).messages()).isEqualTo(before);
      assertThat(rig.queue(queue.name).readyCount()).isZero();
    }

    void delete(Model queue) {
      hear();
      queue.ready.clear();
      queue.tags.clear();
      queue.wasOut.clear();
      deletedUpTo.put(queue, lastId);
      deletions++;
      rig.submit(new Command.DeleteQueue(rig.publisher, queue.name, false, false, true));
      declare(queue);
    }

    /// With everything written and read nobody waits for what is there.
    void atRest() {
      rig.finish();
      hear();
      asked.forEach((session, gets) -> assertThat(gets).as("gets without an answer").isEmpty());
      for (Model queue : queues) {
        Queue real = rig.queue(queue.name);
        assertThat(real.readyCount()).as("ready in " + queue.name).isEqualTo(queue.ready.size());
        if (!queue.ready.isEmpty()) {
          assertThat(real.consumers().all())
              .as("who might have more")
              .noneMatch(Consumer::hasCredit);
        }
      }
    }

    void hear() {
      for (Event event : List.copyOf(rig.events)) {
        switch (event) {
          case Event.Delivered d ->
              out(
                  d.session(),
                  d.deliveryTag(),
                  d.message(),
                  d.redelivered(),
                  autoSettles.get(d.consumerTag()));
          case Event.Got g ->
              out(
                  g.session(),
                  g.deliveryTag(),
                  g.message(),
                  g.redelivered(),
                  asked.get(g.session()).remove());
          case Event.GotNothing g -> {
            asked.get(g.session()).remove();
          }
          case Event.Failed f -> {
            assertThat(deletions).as(f.error().text()).isPositive();
            asked.get(f.session()).remove();
          }
          default -> {
            // Answers to what was asked.
          }
        }
      }
      rig.events.clear();
    }

    private void out(Session session, long tag, Message message, boolean flagged, boolean settled) {
      Model queue = of.get(session);
      int id = PagingRig.idOf(message);
      assertThat(queue.ready).as(queue.name + " hands out what is first").isNotEmpty();
      assertThat(id).as(queue.name + " hands out what is first").isEqualTo(queue.ready.first());
      assertThat(flagged).as("message " + id + " is flagged").isEqualTo(!queue.wasOut.add(id));
      queue.ready.remove(id);
      if (!settled) {
        unsettled.get(session).put(tag, new Out(queue, id));
      }
    }
  }

  @Test
  void handsOutInOrderWhateverIsInMemory() {
    Seeded.forEach(
        30,
        dice -> {
          try {
            Run run = new Run(dice);
            try (PagingRig rig = run.rig) {
              run.play();
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @Test
  void keepsNothingOfWhatIsOnDiskWhereThereIsNoRoom() throws IOException {
    try (PagingRig rig = new PagingRig(directory, 10_000_000, 0, Limits.Paging.STANDARD)) {
      rig.declare("q", true);
      for (int i = 1; i <= 3000; i++) {
        rig.publish("", "q", i, 100, true);
      }
      rig.finish();
      assertThat(rig.queue("q").readyCount()).isEqualTo(3000);
      assertThat(rig.memory.used()).isZero();
    }
  }

  @Test
  void aRestartReadsNoEntry() throws IOException {
    try (PagingRig rig = new PagingRig(directory, 1_000_000_000, 500_000_000, PagingRig.TINY)) {
      rig.declare("q", true);
      for (int i = 1; i <= 500; i++) {
        rig.publish("", "q", i, 10, true);
      }
      rig.finish();
      assertThat(rig.memory.used()).as("there is room").isPositive();
    }
    try (PagingRig rig = new PagingRig(directory, 1_000_000_000, 500_000_000, PagingRig.TINY)) {
      assertThat(rig.queue("q").readyCount()).isEqualTo(500);
      rig.finish();
      assertThat(rig.memory.used()).as("nobody has asked for anything").isZero();
      Session session = rig.newSession();
      rig.submit(new Command.Get(session, "q", false));
      rig.finish();
      assertThat(rig.events).singleElement().isInstanceOf(Event.Got.class);
      assertThat(((Event.Got) rig.events.getFirst()).remaining()).isEqualTo(499);
    }
  }

  @Test
  void aPurgeReadsNothing() throws IOException {
    try (PagingRig rig = new PagingRig(directory, 1_000_000, 0, PagingRig.TINY)) {
      rig.declare("q", true);
      for (int i = 1; i <= 2000; i++) {
        rig.publish("", "q", i, 10, i % 100 != 0);
      }
      rig.finish();
      rig.background.clear();
      rig.submit(new Command.PurgeQueue(rig.publisher, "q", false));
      rig.run();
      rig.store.writeOnce();
      rig.run();
      assertThat(rig.events).singleElement().isInstanceOf(Event.Removed.class);
      assertThat(((Event.Removed) rig.events.getFirst()).messages()).isEqualTo(2000);
      assertThat(rig.memory.used()).isZero();
    }
  }

  /// Before the limit on memory is reached, what is on disk has made room.
  @Test
  void persistentMessagesNeverBlockTheirPublisher() throws IOException {
    try (PagingRig rig = new PagingRig(directory, 100_000, 60_000, Limits.Paging.STANDARD)) {
      rig.declare("q", true);
      for (int i = 1; i <= 5000; i++) {
        rig.publish("", "q", i, 200, true);
        if (i % 50 == 0) {
          rig.finish();
          assertThat(rig.memory.used()).isLessThanOrEqualTo(61_000);
        }
      }
      assertThat(rig.queue("q").readyCount()).isEqualTo(5000);
      assertThat(rig.events).as("said to the publisher").isEmpty();
    }
  }

  @Test
  void theQueueThatIsUsedKeepsItsWindowAndTheOneThatIsNotLosesIt() throws IOException {
    try (PagingRig rig = new PagingRig(directory, 1_000_000, 40_000, Limits.Paging.STANDARD)) {
      rig.declare("idle", true);
      rig.declare("used", true);
      for (int i = 1; i <= 200; i++) {
        rig.publish("", "idle", i, 100, true);
      }
      rig.finish();
      Session session = rig.newSession();
      rig.submit(new Command.Consume(session, "used", "c", "", true, false, Arguments.NONE, true));
      for (int i = 1; i <= 200; i++) {
        rig.publish("", "used", i, 100, true);
        rig.run();
        rig.store.writeOnce();
        rig.run();
        assertThat(rig.background).as("reads of the queue that is used").isEmpty();
      }
      assertThat(rig.events).filteredOn(e -> e instanceof Event.Delivered).hasSize(200);
      assertThat(rig.memory.used()).isLessThanOrEqualTo(41_000);
    }
  }

  /// While the last of a backlog is read, others arrive: they are kept, or it would never end.
  @Test
  void aDrainThatHasCaughtUpReadsNoMore() throws IOException {
    Limits.Paging paging = Limits.Paging.STANDARD;
    try (PagingRig rig = new PagingRig(directory, 1_000_000, 0, paging)) {
      rig.declare("q", true);
      for (int i = 1; i <= 100; i++) {
        rig.publish("", "q", i, 10, true);
      }
      rig.finish();
    }
    try (PagingRig rig = new PagingRig(directory, 1_000_000, 600_000, paging)) {
      Session session = rig.newSession();
      rig.submit(new Command.Consume(session, "q", "c", "", true, false, Arguments.NONE, true));
      int reads = 0;
      for (int i = 101; i <= 200; i++) {
        rig.publish("", "q", i, 10, true);
        rig.run();
        rig.store.writeOnce();
        rig.run();
        // The read before last is over when the next messages have become visible.
        reads += i % 3 == 0 && rig.background() ? 1 : 0;
        rig.run();
      }
      rig.finish();
      assertThat(reads).as("reads").isEqualTo(1);
      List<Integer> ids = new ArrayList<>();
      for (Event event : rig.events) {
        if (event instanceof Event.Delivered d) {
          ids.add(PagingRig.idOf(d.message()));
        }
      }
      assertThat(ids).hasSize(200).isSorted();
    }
  }

  @Test
  void whoNeverSettlesGetsNoMoreWhileMemoryIsShort() throws IOException {
    int most = Limits.UNSETTLED_WHILE_SHORT_MAX;
    try (PagingRig rig = new PagingRig(directory, 100_000_000, 1_000, Limits.Paging.STANDARD)) {
      rig.declare("q", true);
      for (int i = 1; i <= most + 500; i++) {
        rig.publish("", "q", i, 4, true);
      }
      rig.finish();
      rig.memory.add(100_000_000);
      Session session = rig.newSession();
      rig.submit(new Command.Consume(session, "q", "c", "", false, false, Arguments.NONE, true));
      rig.finish();
      assertThat(session.unsettled().count()).isEqualTo(most);
      assertThat(rig.memory.used() - 100_000_000)
          .as("an entry each, and what waits to be handed out")
          .isBetween(72L * most, 72L * most + 70_000);
      Session other = rig.newSession();
      rig.submit(new Command.Get(other, "q", true));
      rig.submit(new Command.Get(session, "q", false));
      rig.finish();
      assertThat(rig.events).filteredOn(e -> e instanceof Event.Got).hasSize(1);
      assertThat(rig.events).filteredOn(e -> e instanceof Event.Failed).hasSize(1);
      rig.submit(new Command.Settle(session, 1, false, Command.Outcome.ACCEPTED));
      rig.finish();
      assertThat(session.unsettled().count()).as("one went, one came").isEqualTo(most);
      rig.memory.add(-100_000_000);
      rig.submit(new Command.Resume(rig.client.control()));
      rig.finish();
      assertThat(session.unsettled().count()).as("all of them").isEqualTo(most + 500 - 2);
    }
  }
}
