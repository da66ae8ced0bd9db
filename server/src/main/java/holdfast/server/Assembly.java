package holdfast.server;

import holdfast.amqp091.AmqpProtocol;
import holdfast.amqp091.AmqpSettings;
import holdfast.broker.Broker;
import holdfast.broker.BrokerOptions;
import holdfast.core.Limits;
import holdfast.net.Admission;
import holdfast.net.EventLoops;
import holdfast.net.ListenOptions;
import holdfast.net.Listener;
import holdfast.net.Tls;
import holdfast.net.TlsOptions;
import holdfast.store.CorruptionException;
import holdfast.store.DirectoryLockedException;
import holdfast.store.LocalDisk;
import holdfast.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts the broker's parts together from its settings. The order of a start: the data directory and
/// its lock, recovery, the control socket, then the listeners; a stop goes the other way.
final class Assembly {
  private static final Logger LOG = LoggerFactory.getLogger(Assembly.class);
  private static final long SEGMENT_BYTES_FIRST = 8L * 1024 * 1024;
  private static final int PART_BYTES_MAX = 256 * 1024;
  private static final int LOG_PAGE_BYTES = 32 * 1024;

  /// How often the files of TLS are looked at for a change.
  private static final long TLS_LOOK_MS = 2_000;

  private final Settings settings;
  private final CompletableFuture<ExitStatus> ended = new CompletableFuture<>();
  private final CompletableFuture<String> failure = new CompletableFuture<>();

  Assembly(Settings settings) {
    this.settings = settings;
  }

  Running start() throws StartRefused {
    Tls tls = tls();
    Path dataDir = dataDirectory(settings.dataDir());
    EventLoops loops = new EventLoops(Math.max(2, Runtime.getRuntime().availableProcessors()));
    Broker broker = null;
    ControlServer control = null;
    // Read by the control socket's thread while listeners are still added.
    List<Listener> listeners = new CopyOnWriteArrayList<>();
    try {
      broker = openBroker(dataDir, loops);
      Administration administration =
          new Administration(broker, event -> listeners.forEach(each -> each.tellAll(event)));
      if (settings.definitions().isPresent()) {
        DefinitionsCommand.load(settings.definitions().get(), administration, LOG);
      }
      BrokerFacts facts =
          new BrokerFacts(
              settings,
              broker,
              administration,
              () -> listeners.stream().map(Listener::address).toList());
      control = ControlServer.start(dataDir, facts);
      listen(loops, broker, tls, listeners);
      LOG.info(
          "serving by {}, journal by {}, class cache {}",
          loops.kind(),
          broker.durability(),
          ClassCache.state());
      return new Started(loops, broker, control, listeners, tls, ended, failure);
    } catch (IOException | RuntimeException | StartRefused e) {
      giveUp(loops, broker, control, listeners, tls);
      throw refused(e, dataDir);
    }
  }

  private static StartRefused refused(Exception e, Path dataDir) {
    return switch (e) {
      case StartRefused refused -> refused;
      case RuntimeException bug -> throw bug;
      case DirectoryLockedException locked ->
          new StartRefused(ExitStatus.DATA_REFUSED, text(locked), locked);
      case CorruptionException corrupt ->
          new StartRefused(ExitStatus.DATA_REFUSED, text(corrupt), corrupt);
      default ->
          new StartRefused(
              ExitStatus.DATA_REFUSED, "cannot use data directory " + dataDir + ": " + e, e);
    };
  }

  private static String text(Exception e) {
    String message = e.getMessage();
    return message == null ? e.toString() : message;
  }

  private Broker openBroker(Path dataDir, EventLoops loops) throws IOException {
    Settings.JournalSizes journal = settings.journal();
    long first = Math.max(2L * journal.bufferBytes(), SEGMENT_BYTES_FIRST);
    StoreOptions store =
        new StoreOptions(
            Math.min(first, journal.segmentBytes()),
            journal.segmentBytes(),
            journal.bufferBytes(),
            Math.min(PART_BYTES_MAX, journal.bufferBytes() / 8),
            journal.idleMarkMs(),
            1,
            journal.replayBytesMax(),
            LOG_PAGE_BYTES,
            journal.sync(),
            settings.watermarks().diskFreeBytesMin());
    long memory = settings.watermarks().memoryBytesOf(Runtime.getRuntime().maxMemory());
    Limits standard = Limits.standard(memory);
    Limits limits =
        new Limits(
            memory,
            Math.min(
                memory, settings.watermarks().cacheBytes().orElse(Limits.usualCacheBytes(memory))),
            settings.messages().queueCountMax(),
            standard.consumersMax(),
            standard.targetsMax(),
            settings.messages().consumerTimeoutMs(),
            standard.paging());
    BrokerOptions options =
        new BrokerOptions(
            dataDir,
            store,
            limits,
            List.of(AmqpProtocol.PROPERTIES),
            settings.access().vhosts(),
            FirstUser.of(settings.access()));
    return Broker.open(options, loops.executor(), new BrokerEvents());
  }

  /// First of all: a mistake in a certificate is told before anything else is done.
  private @Nullable Tls tls() throws StartRefused {
    Optional<TlsOptions> options = settings.encryption().options();
    if (options.isEmpty()) {
      return null;
    }
    try {
      Tls tls = Tls.open(options.get());
      LOG.info("TLS by {}", tls.provider());
      return tls;
    } catch (IOException e) {
      throw new StartRefused(ExitStatus.USAGE, text(e), e);
    }
  }

  private void listen(EventLoops loops, Broker broker, @Nullable Tls tls, List<Listener> listeners)
      throws StartRefused {
    Settings.ConnectionLimits limits = settings.connections();
    AmqpSettings amqp =
        new AmqpSettings(
            settings.identity().product(),
            settings.identity().version(),
            settings.identity().clusterName(),
            limits.heartbeatSeconds(),
            limits.handshakes().refusedDelayMs(),
            settings.encryption().login(),
            limits.frameBytesMax(),
            limits.channelCountMax(),
            settings.messages().bodyBytesMax());
    AmqpProtocol protocol =
        new AmqpProtocol(broker, amqp, new AccountLogin(broker, settings.access()));
    Admission admission =
        new Admission(limits.connectionCountMax(), limits.handshakes().countMax());
    ListenOptions plain =
        new ListenOptions(
            List.of(protocol),
            admission,
            limits.handshakes().timeoutMs(),
            limits.handshakes().proxyProtocol(),
            null);
    for (ListenAddress address : settings.listeners()) {
      listeners.add(listener(loops, address, plain));
    }
    if (tls != null) {
      for (ListenAddress address : settings.encryption().listeners()) {
        listeners.add(listener(loops, address, plain.encryptedBy(tls)));
      }
      broker.every(TLS_LOOK_MS, tls::lookForChange);
    }
  }

  private static Listener listener(EventLoops loops, ListenAddress address, ListenOptions options)
      throws StartRefused {
    try {
      return Listener.open(loops, address.resolve(), options);
    } catch (IOException e) {
      throw new StartRefused(ExitStatus.ADDRESS_REFUSED, text(e), e);
    }
  }

  private static void giveUp(
      EventLoops loops,
      @Nullable Broker broker,
      @Nullable ControlServer control,
      List<Listener> listeners,
      @Nullable Tls tls) {
    listeners.forEach(Listener::close);
    if (control != null) {
      control.close();
    }
    if (broker != null) {
      try {
        broker.close();
      } catch (IOException e) {
        LOG.warn("closing the store after a refused start", e);
      }
    }
    loops.close();
    if (tls != null) {
      tls.close();
    }
  }

  /// Made for its owner alone if it does not exist; an existing one keeps its mode.
  static Path dataDirectory(Path path) throws StartRefused {
    try {
      LocalDisk.createDirectory(path);
      if (!Files.isDirectory(path)) {
        throw new StartRefused(
            ExitStatus.DATA_REFUSED, "data directory " + path + ": a file is in the way");
      }
      return path;
    } catch (IOException failed) {
      throw new StartRefused(
          ExitStatus.DATA_REFUSED,
          "cannot make the data directory " + path + ": " + failed,
          failed);
    }
  }

  /// A broker that has failed ends the process, with a status of its own: what is in memory may run
  /// ahead of the disk, and only a new start knows what was kept.
  private final class BrokerEvents implements Broker.Listener {
    @Override
    public void failed(Throwable cause) {
      LOG.error("the broker has failed; it stops at once and recovers with the next start", cause);
      failure.complete(cause instanceof Exception e ? text(e) : cause.toString());
      boolean bug = !(cause instanceof holdfast.store.StoreFailedException);
      ended.complete(bug ? ExitStatus.BUG : ExitStatus.JOURNAL_FAILED);
    }

    @Override
    public void warned(String what, @Nullable Exception cause) {
      LOG.warn(what, cause);
    }
  }
}
