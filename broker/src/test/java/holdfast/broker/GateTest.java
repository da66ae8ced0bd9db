package holdfast.broker;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.core.Arguments;
import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Session;
import holdfast.store.FetchedEntry;
import holdfast.store.LocalDisk;
import holdfast.store.Log;
import holdfast.store.Store;
import holdfast.store.StoreFailedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The hand-over of the gate between threads, and between a drain and the journal's writer.
@Timeout(60)
final class GateTest {
  private static final int SUBMITTERS = 6;

  /// Times that publishes wait for room, and that everything does.
  private static final int WAITS = 3_000;

  private static final int STALLS = 30;

  /// What the taker has to settle, more than it comes to.
  private static final int TAKEN = 40_000;

  private static final String TAKEN_QUEUE = "taken";
  private static final int TAKER = -1;

  @TempDir private Path directory;

  /// What the gate's owner sees, in plain fields on purpose: only the gate's own hand-over may make
  /// one owner's writes visible to the next.
  private final long[] lastProbe = new long[SUBMITTERS];

  private long probesDone;
  private final AtomicInteger inside = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();

  /// A command that looks where it is done: alone, and behind the one before it.
  private Command probe(Client client, int submitter, long number) {
    return new Command.Inspect(
        client.control(),
        inspection -> {
          if (inside.incrementAndGet() != 1) {
            complaints.add("two drains at once");
          }
          if (++lastProbe[submitter] != number) {
            complaints.add("submitter " + submitter + ": probe " + number + " out of order");
          }
          probesDone++;
          inside.decrementAndGet();
        });
  }

  /// One thread with a client of its own.
  private final class Submitter extends Thread {
    private final GateRig rig;
    private final Gate gate;
    private final int number;
    private final RandomGenerator random;
    private final AtomicBoolean stop;
    private final Client client;
    private final Session session;
    private long probes;
    private long publishes;

    /// Highest confirmed tag. Written by the gate's owner.
    private volatile long confirmed;

    Submitter(GateRig rig, int number, long seed, AtomicBoolean stop) {
      this.rig = rig;
      this.gate = rig.gate();
      this.number = number;
      this.random = Seed.random(seed + number);
      this.stop = stop;
      this.client = rig.client(this::event);
      this.session = client.newSession(1);
    }

    private void event(Event event) {
      if (event instanceof Event.Confirmed c) {
        if (c.tag() <= confirmed || !c.multiple() && c.tag() != confirmed + 1) {
          complaints.add("submitter " + number + ": confirm " + c.tag() + " after " + confirmed);
        }
        confirmed = c.tag();
      }
    }

    @Override
    public void run() {
      gate.submit(List.of(new Command.SelectConfirms(session, true)));
      while (!stop.get() && rig.failure.get() == null) {
        List<Command> commands = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
          commands.add(
              random.nextInt(3) == 0
                  ? probe(client, number, ++probes)
                  : GateRig.publish(session, number, ++publishes));
        }
        switch (random.nextInt(8)) {
          case 0 -> gate.submit(commands);
          case 1 -> {
            gate.submit(commands);
            gate.wake();
          }
          case 2 -> {
            gate.submit(commands, rig.drainers);
            LockSupport.parkNanos(random.nextInt(100_000));
          }
          default -> gate.submit(commands, rig.drainers);
        }
        // A submitter that is not held up at all would only fill the heap.
        while (publishes - confirmed > 60 && !stop.get() && rig.failure.get() == null) {
          LockSupport.parkNanos(20_000);
        }
      }
    }
  }

  /// Settles one here and one there, each a record of its own, until they fill the room that
  /// publishes must leave: then nothing can go on.
  private static final class Taker extends Thread {
    private static final int BURST = 150;

    private final GateRig rig;
    private final AtomicBoolean stop;
    private final Session session;
    private final AtomicInteger events = new AtomicInteger();

    Taker(GateRig rig, AtomicBoolean stop) throws IOException {
      this.rig = rig;
      this.stop = stop;
      rig.declareQueue(TAKEN_QUEUE);
      session = rig.client(event -> events.incrementAndGet()).newSession(1);
      List<Command> fill = new ArrayList<>();
      fill.add(new Command.SelectConfirms(session, true));
      for (int i = 0; i < TAKEN; i++) {
        byte[] body = ByteBuffer.allocate(12).putInt(TAKER).array();
        fill.add(GateRig.publish(session, TAKEN_QUEUE, body));
      }
      fill.add(
          new Command.Consume(
              session, TAKEN_QUEUE, "", "taker", false, false, Arguments.NONE, true));
      rig.gate().submit(fill);
      Await.until("deliveries", () -> events.get() >= TAKEN);
    }

    @Override
    public void run() {
      int settled = 0;
      while (!stop.get() && rig.failure.get() == null && settled < TAKEN - 1) {
        int waits = rig.moreRooms.get();
        for (int i = 0; i < BURST && settled < TAKEN - 1; i++, settled++) {
          long tag = settled < TAKEN / 2 ? 2 * settled + 1 : 2 * (settled - TAKEN / 2) + 2;
          rig.gate()
              .submit(
                  List.of(new Command.Settle(session, tag, false, Command.Outcome.ACCEPTED)),
                  rig.drainers);
        }
        while (rig.moreRooms.get() < waits + 3 && !stop.get() && rig.failure.get() == null) {
          LockSupport.parkNanos(20_000);
        }
      }
    }
  }

  private List<Submitter> start(GateRig rig, long seed, AtomicBoolean stop) {
    List<Submitter> submitters = new ArrayList<>();
    for (int i = 0; i < SUBMITTERS; i++) {
      submitters.add(new Submitter(rig, i, seed, stop));
    }
    submitters.forEach(Thread::start);
    return submitters;
  }

  @Test
  void keepsTheOrderAndLosesNothingThroughThousandsOfJournalStalls() throws Exception {
    long seed = Seed.next("stalls");
    RandomGenerator random = Seed.random(seed);
    AtomicBoolean stop = new AtomicBoolean();
    List<Submitter> submitters;
    try (GateRig rig = new GateRig(directory)) {
      Taker taker = new Taker(rig, stop);
      rig.disk.beforeWrite(() -> LockSupport.parkNanos(random.nextInt(60_000)));
      submitters = start(rig, seed, stop);
      taker.start();
      Await.until(
          "enough stalls",
          () ->
              rig.rooms.get() >= STALLS && rig.moreRooms.get() >= WAITS
                  || rig.failure.get() != null);
      stop.set(true);
      taker.join();
      for (Submitter submitter : submitters) {
        submitter.join();
      }
      Await.until(
          "everything confirmed; " + complaints,
          () ->
              rig.failure.get() != null
                  || submitters.stream().allMatch(s -> s.confirmed == s.publishes));
      rig.gate().close();
      rig.gate().awaitQuiet();
      assertThat(rig.failure.get()).isNull();
    }
    assertThat(complaints).isEmpty();
    assertThat(probesDone).isEqualTo(submitters.stream().mapToLong(s -> s.probes).sum());
    assertJournalHolds(submitters);
  }

  /// Every message of every submitter, in its order: the order of the gate is that of the journal.
  private void assertJournalHolds(List<Submitter> submitters) throws IOException {
    long[] last = new long[SUBMITTERS];
    try (Store store =
        Store.open(
            LocalDisk.open(directory), GateRig.OPTIONS, new Deaf(), Runnable::run, Runnable::run)) {
      for (Log log : store.logs()) {
        AtomicLong at = new AtomicLong(log.low());
        while (at.get() < log.next()) {
          store.fetch(
              log,
              at.get(),
              log.next(),
              1 << 20,
              10_000,
              entries -> {
                assertThat(entries).isNotEmpty();
                for (FetchedEntry entry : entries) {
                  ByteBuffer in = ByteBuffer.wrap(entry.body());
                  int submitter = in.getInt();
                  if (submitter != TAKER) {
                    assertThat(in.getLong()).isEqualTo(++last[submitter]);
                  }
                }
                at.set(entries.getLast().sequence() + 1);
              });
          Await.until("what was asked for", store::handOverFetched);
        }
      }
    }
    for (Submitter submitter : submitters) {
      assertThat(last[submitter.number]).isEqualTo(submitter.publishes);
    }
  }

  private static final class Deaf implements Store.Listener {
    @Override
    public void durable(long position) {}

    @Override
    public void room() {}

    @Override
    public void fetched() {}

    @Override
    public void failed(StoreFailedException failure) {}

    @Override
    public void warned(String what, Exception cause) {}
  }

  @Test
  void aStoppedJournalStopsTheDrainAndNobodyWhoSubmits() throws Exception {
    try (GateRig rig = new GateRig(directory)) {
      Client client = rig.client(event -> {});
      Session session = client.newSession(1);
      rig.disk.hold();
      // Two buffers fill, then the journal has no room.
      for (int i = 1; i <= 100; i++) {
        rig.gate().submit(List.of(GateRig.publish(session, 0, i)), rig.drainers);
      }
      long begun = System.nanoTime();
      for (int i = 1; i <= 1_000; i++) {
        rig.gate().submit(List.of(probe(client, 0, i)), rig.drainers);
      }
      assertThat(System.nanoTime() - begun).isLessThan(5_000_000_000L);
      rig.gate().awaitQuiet();
      assertThat(probesDone).isZero();
      rig.disk.release();
      awaitProbes(rig, client, 1_000);
      assertThat(complaints).isEmpty();
    }
  }

  /// Waits for all probes; the last of them, which it submits itself, tells.
  private void awaitProbes(GateRig rig, Client client, long count) {
    AtomicBoolean last = new AtomicBoolean();
    rig.gate().submit(List.of(new Command.Inspect(client.control(), i -> last.set(true))));
    Await.until("the last probe", last::get);
    assertThat(probesDone).isEqualTo(count);
  }

  @Test
  void aCommandSubmittedFromInsideACommandIsQueued() throws Exception {
    try (GateRig rig = new GateRig(directory)) {
      Client client = rig.client(event -> {});
      List<String> steps = new ArrayList<>();
      AtomicBoolean done = new AtomicBoolean();
      Command inner =
          new Command.Inspect(
              client.control(),
              i -> {
                steps.add("inner");
                done.set(true);
              });
      Command outer =
          new Command.Inspect(
              client.control(),
              i -> {
                steps.add("outer begins");
                rig.gate().submit(List.of(inner), rig.drainers);
                steps.add("outer ends");
              });
      rig.gate().submit(List.of(outer), rig.drainers);
      Await.until("the inner command", done::get);
      assertThat(steps).containsExactly("outer begins", "outer ends", "inner");
    }
  }

  /// With a disk so fast that there is room for the next part whenever the gate looks: the large
  /// body has a step of its own ready each time, and the others must not wait for it.
  @Test
  void manySmallCommandsPassForEachPartOfALargeBody() throws Exception {
    try (GateByHand rig = new GateByHand(directory)) {
      Session session = rig.session();
      List<Command> commands = new ArrayList<>();
      commands.add(GateByHand.publishParts(session, GateRig.QUEUE, 60));
      List<Integer> partsBefore = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        commands.add(
            new Command.Inspect(
                rig.client.control(),
                inspection -> {
                  rig.store.writeOnce();
                  partsBefore.add(rig.parts());
                }));
      }
      rig.submit(commands.toArray(new Command[0]));
      assertThat(partsBefore).hasSize(100);
      assertThat(partsBefore.getLast()).as("parts before the last of the hundred").isLessThan(15);
      for (int i = 0; rig.confirmed(session) == 0; i++) {
        assertThat(i).as("writes for the rest").isLessThan(60);
        rig.write();
      }
      assertThat(rig.parts()).isEqualTo(60);
    }
  }

  @Test
  void aDrainThatNeverEndsIsPassedOnByScheduling() throws Exception {
    try (GateRig rig = new GateRig(directory)) {
      Client client = rig.client(event -> {});
      int count = 20_000;
      List<Command> many = new ArrayList<>();
      for (int i = 1; i <= count; i++) {
        many.add(probe(client, 0, i));
      }
      rig.gate().submit(many, rig.drainers);
      awaitProbes(rig, client, count);
      assertThat(complaints).isEmpty();
    }
  }

  @Test
  void afterAwaitQuietNoDrainDoesAnotherStep() throws Exception {
    long seed = Seed.next("closing while busy");
    RandomGenerator random = Seed.random(seed);
    AtomicBoolean quiet = new AtomicBoolean();
    AtomicInteger late = new AtomicInteger();
    try (GateRig rig = new GateRig(directory)) {
      Client client = rig.client(event -> {});
      for (int round = 0; round < 200; round++) {
        quiet.set(false);
        AtomicBoolean stop = new AtomicBoolean();
        Gate gate = rig.newGate();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 2; t++) {
          Command step =
              new Command.Inspect(
                  client.control(),
                  i -> {
                    Thread.onSpinWait();
                    if (quiet.get()) {
                      late.incrementAndGet();
                    }
                  });
          List<Command> one = List.of(step);
          threads.add(
              Thread.ofPlatform()
                  .start(() -> {
                    while (!stop.get()) {
                      gate.submit(one, rig.drainers);
                      LockSupport.parkNanos(1_000);
                    }
                  }));
        }
        LockSupport.parkNanos(random.nextInt(300_000));
        gate.close();
        gate.awaitQuiet();
        quiet.set(true);
        stop.set(true);
        for (Thread thread : threads) {
          thread.join();
        }
      }
      assertThat(rig.failure.get()).isNull();
    }
    assertThat(late).hasValue(0);
  }

  @Test
  void aCommandThatThrowsClosesTheGateAndIsToldOnce() throws Exception {
    try (GateRig rig = new GateRig(directory)) {
      Client client = rig.client(event -> {});
      RuntimeException bug = new IllegalStateException("a bug");
      Command broken =
          new Command.Inspect(
              client.control(),
              i -> {
                throw bug;
              });
      rig.gate().submit(List.of(broken, probe(client, 0, 1)), rig.drainers);
      Await.until("the failure", () -> rig.failure.get() != null);
      rig.gate().submit(List.of(probe(client, 0, 1)), rig.drainers);
      rig.gate().wake();
      rig.gate().awaitQuiet();
      assertThat(rig.failure.get()).isSameAs(bug);
      assertThat(probesDone).isZero();
    }
  }
}
