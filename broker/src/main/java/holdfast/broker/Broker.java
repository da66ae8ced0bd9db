package holdfast.broker;

import holdfast.core.Accounts;
import holdfast.core.Admission;
import holdfast.core.Change;
import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Formats;
import holdfast.core.MemoryBudget;
import holdfast.core.Shard;
import holdfast.core.User;
import holdfast.core.VirtualHost;
import holdfast.store.Disk;
import holdfast.store.LocalDisk;
import holdfast.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A shard at work: store, core and gate put together, with the threads they need. Front ends open
/// clients and submit commands; everything else follows from those.
public final class Broker implements AutoCloseable {
  /// What an embedder is told of.
  public interface Listener {
    /// The store has failed, or a bug was met: nothing more is confirmed or delivered. The embedder
    /// decides what becomes of the process; opening the directory again recovers.
    void failed(Throwable cause);

    /// Something needs a person's eye and stops nothing.
    void warned(String what, @Nullable Exception cause);
  }

  private static final long LOOK_MS = 1_000;

  /// Every so many looks, what takes too long is looked for.
  private static final long LOOKS_BETWEEN = 5;

  private final String durability;
  private final Listener listener;
  private final Store store;
  private final Shard shard;
  private final Gate gate;
  private final MemoryBudget memory;
  private final Workers workers;
  private final Client self;

  /// Looks at what there is: apart from `self`, whose commands must not wait for a long look.
  private final Client observer;

  private final AtomicBoolean failed = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Object diskMonitor = new Object();

  /// When the timer wakes the gate next. Guarded by the gate.
  private long wakeAtMs;

  /// How often the timer has looked around. The timer's.
  private long looks;

  /// Guarded by `diskMonitor`.
  private boolean diskIsLow;

  /// Outboxes with events of the current round. Guarded by the gate.
  private ArrayList<EventOutbox> touched = new ArrayList<>();

  /// Takes what the store has recovered and completes it by what the options ask for. Nothing that
  /// it starts outlives a failure: whoever made the store and the workers ends them.
  private Broker(
      BrokerOptions options,
      Store store,
      StoreNews news,
      Workers workers,
      Executor executor,
      Listener listener,
      String durability)
      throws IOException {
    this.store = store;
    this.workers = workers;
    this.listener = listener;
    this.durability = durability;
    this.memory =
        new MemoryBudget(options.limits().memoryBytesHigh(), options.limits().cacheBytesHigh());
    this.shard = new Shard(store, options.limits(), memory, new Formats(options.formats()));
    this.shard.at(SystemClock.nowMs());
    this.gate = new Gate(store, shard, executor, SystemClock::nowMs, this::afterRound, this::fail);
    store.start();
    while (shard.administration().finishDeletions()) {
      awaitRoom(news);
    }
    long defined = 0;
    for (String host : options.hosts()) {
      defined = shard.ensureHost(host);
    }
    User firstUser = options.firstUser();
    if (firstUser != null) {
      defined = shard.administration().ensureUser(firstUser, options.hosts());
    }
    awaitDurable(defined, news);
    self = newClient("broker", shard.host(options.hosts().getFirst()), e -> {}, Long.MAX_VALUE);
    self.hide();
    observer =
        newClient("observer", shard.host(options.hosts().getFirst()), e -> {}, Long.MAX_VALUE);
    observer.hide();
    // Not before: the first news would set a drain to work on the shard beside this thread.
    news.tell(this);
    workers.timer().scheduleWithFixedDelay(this::look, 0, LOOK_MS, TimeUnit.MILLISECONDS);
    submit(List.of(new Command.Resume(self.control())));
  }

  /// Opens a broker on a directory, recovering what is there.
  ///
  /// @param executor where work goes on that no submitting thread is at hand for
  /// @throws holdfast.store.DirectoryLockedException if another broker works there
  /// @throws holdfast.store.CorruptionException if confirmed data is damaged: it says where
  public static Broker open(BrokerOptions options, Executor executor, Listener listener)
      throws IOException {
    LocalDisk disk = LocalDisk.open(options.directory());
    Broker broker = open(options, disk, disk.durability(), executor, listener);
    String warning = disk.durabilityWarning();
    if (warning != null) {
      listener.warned(warning, null);
    }
    return broker;
  }

  /// Opens a broker on a disk of the embedder's, which is the broker's from then on: a simulated
  /// one, or one that can be made to fail.
  public static Broker open(BrokerOptions options, Disk disk, Executor executor, Listener listener)
      throws IOException {
    return open(options, disk, "as " + disk.description() + " does", executor, listener);
  }

  private static Broker open(
      BrokerOptions options, Disk disk, String durability, Executor executor, Listener listener)
      throws IOException {
    Workers workers = new Workers();
    StoreNews news = new StoreNews(listener);
    Store store = null;
    try {
      store = Store.open(disk, options.store(), news, workers.background(), workers.reader());
      store.warnings().forEach(text -> listener.warned(text, null));
      Broker broker = new Broker(options, store, news, workers, executor, listener, durability);
      if (disk instanceof LocalDisk) {
        store.calibrate();
      }
      return broker;
    } catch (IOException | RuntimeException | Error e) {
      // The threads first: the directory is the next broker's as soon as the disk is closed.
      workers.end(listener);
      try (Closeable _ = store == null ? disk : store::close) {
        throw e;
      }
    }
  }

  /// Waits at open, before there are clients, for what every client may rely on.
  private void awaitDurable(long position, StoreNews news) throws IOException {
    store.kick();
    news.await(() -> store.durable() >= position);
  }

  /// Waits at open for room to go on.
  private void awaitRoom(StoreNews news) throws IOException {
    if (!store.hasRoom()) {
      store.kick();
      news.await(store::hasRoom);
    }
  }

  // --- what front ends use ---

  /// The virtual host of this name, or null.
  public @Nullable VirtualHost host(String name) {
    return shard.host(name);
  }

  /// A client, for its front end.
  ///
  /// @param sink takes its events
  /// @param bytesMax deliveries stop while so many bytes are on their way to it
  public Client newClient(String name, @Nullable VirtualHost host, EventSink sink, long bytesMax) {
    if (host == null) {
      throw new IllegalArgumentException("a client needs a virtual host");
    }
    return shard.newClient(name, host, new EventOutbox(this, sink, bytesMax));
  }

  /// Lets a user who has logged in into a virtual host, or tells why not. Who is let in counts as a
  /// connection, and has to become a client.
  public Admission admit(String user, String host) {
    return shard.administration().admit(user, host);
  }

  /// The client of a user, for its front end.
  ///
  /// @param sink takes its events
  /// @param bytesMax deliveries stop while so many bytes are on their way to it
  public Client newClient(String name, Admission.Granted admission, EventSink sink, long bytesMax) {
    return shard.newClient(name, admission, new EventOutbox(this, sink, bytesMax));
  }

  /// What administrators have set, as it is now.
  public Accounts accounts() {
    return shard.administration().accounts();
  }

  /// Changes it. Completes when the change is durable and has reached everybody; fails with a
  /// [MessagingException] whose message says what is wrong with it.
  public CompletableFuture<Void> administer(Change change) {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    submit(
        List.of(
            new Command.Administer(
                self.control(),
                change,
                error -> {
                  if (error == null) {
                    answer.complete(null);
                  } else {
                    answer.completeExceptionally(new MessagingException(error.text(), null));
                  }
                })));
    return answer;
  }

  /// The outbox of a client that this broker made.
  public EventOutbox outboxOf(Client client) {
    return (EventOutbox) client.outbox();
  }

  /// Has commands done in their order; the calling thread, one of `caller`, may be used for it.
  ///
  /// @param commands all of one client, and not changed afterwards
  public void submit(List<? extends Command> commands, Executor caller) {
    commands.getFirst().session().client().submitting(commands);
    gate.submit(commands, caller);
  }

  /// Has commands done on the broker's own executor.
  public void submit(List<? extends Command> commands) {
    commands.getFirst().session().client().submitting(commands);
    gate.submit(commands);
  }

  public MemoryBudget memory() {
    return memory;
  }

  /// Why publishers are blocked now, or null.
  public @Nullable String blockedReason() {
    return shard.blockedReason();
  }

  /// A look at queues and clients.
  public CompletableFuture<Event.Inspection> inspect() {
    return inspect(EnumSet.of(Event.Sight.QUEUES, Event.Sight.CLIENTS));
  }

  /// A look at what was asked for. It goes in slices: the broker works on meanwhile.
  public CompletableFuture<Event.Inspection> inspect(Set<Event.Sight> sights) {
    CompletableFuture<Event.Inspection> answer = new CompletableFuture<>();
    submit(List.of(new Command.Inspect(observer.control(), Set.copyOf(sights), answer::complete)));
    return answer;
  }

  /// Figures of the store, for a person: names and numbers.
  public Map<String, Object> storeFigures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("durability", durability);
    figures.put("journal_writes", store.writes());
    figures.put("journal_written_bytes", store.writtenBytes());
    figures.put("journal_disk_bytes", store.journalDiskBytes());
    figures.put("journal_segments", (long) store.segments());
    figures.put("entries_moved", store.movedEntries());
    figures.put("entries_rewritten", store.rewrittenEntries());
    figures.put("epoch", store.epoch());
    figures.putAll(PersistenceFigures.of(store));
    return figures;
  }

  /// How writes are made durable here, for the log at start.
  public String durability() {
    return durability;
  }

  // --- the gate's and the store's side ---

  void touched(EventOutbox outbox) {
    touched.add(outbox);
  }

  /// Called by the gate's owner when a round is done.
  private void afterRound() {
    wakeInTime(shard.nextTimeMs());
    handOver();
  }

  /// The gate is woken when the shard wants to look at something. Guarded by the gate.
  private void wakeInTime(long atMs) {
    long nowMs = SystemClock.nowMs();
    boolean inTime = wakeAtMs > nowMs && wakeAtMs <= atMs;
    if (atMs == Long.MAX_VALUE || inTime) {
      return;
    }
    wakeAtMs = atMs;
    try {
      workers.timer().schedule(gate::wake, Math.max(1, atMs - nowMs), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      wakeAtMs = Long.MAX_VALUE; // the broker is being closed: nothing ages any more
    }
  }

  private void handOver() {
    if (touched.isEmpty()) {
      return;
    }
    ArrayList<EventOutbox> round = touched;
    touched = new ArrayList<>();
    for (EventOutbox outbox : round) {
      outbox.handOver();
    }
  }

  /// Any thread.
  void fail(Throwable cause) {
    gate.close();
    if (failed.compareAndSet(false, true)) {
      listener.failed(cause);
    }
  }

  /// Looks at what no command brings up.
  private void look() {
    checkDisk();
    if (++looks % LOOKS_BETWEEN == 0) {
      submit(List.of(new Command.Look(self.control())));
    }
    if (store.wantsTending()) {
      gate.wake(); // it tends the store after each drain, and may not have had one for long
    }
    if (shard.blockedReason() != null) {
      // The shard judges memory when it works. That deliveries have left frees some as well, and
      // may be the last that happens: publishers that are blocked send nothing.
      submit(List.of(new Command.Resume(self.control())));
    }
  }

  /// The store has something for the gate's owner. Any thread.
  void wake() {
    gate.wake();
  }

  /// The room that the journal denied is there. On the writer's thread.
  void room() {
    gate.room();
  }

  /// Has publishers blocked, or let go on, when the store's space has changed. Any thread.
  void checkDisk() {
    String reason = store.shortage();
    synchronized (diskMonitor) {
      if ((reason != null) != diskIsLow) {
        diskIsLow = reason != null;
        submit(List.of(new Command.SetAlarm(self.control(), "disk", reason)));
      }
    }
  }

  /// Lets the timer's thread do a little work of the edge's own now and then, until the broker is
  /// closed. What it throws is a warning, and it is done again.
  public void every(long periodMs, Runnable work) {
    Runnable guarded =
        () -> {
          try {
            work.run();
          } catch (RuntimeException e) {
            listener.warned("work of the timer", e);
          }
        };
    workers.timer().scheduleWithFixedDelay(guarded, periodMs, periodMs, TimeUnit.MILLISECONDS);
  }

  /// Stops: what was submitted before and is not done is not done. Everything that was confirmed is
  /// on disk already; settlements that were not are written now.
  @Override
  public void close() throws IOException {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    workers.endTimer();
    gate.close();
    gate.awaitQuiet();
    workers.end(listener);
    store.close();
  }
}
