package holdfast.server;

import holdfast.amqp091.ServerStops;
import holdfast.broker.Broker;
import holdfast.net.EventLoops;
import holdfast.net.Listener;
import holdfast.net.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A broker that serves, and how it stops: no new connections, clients told and closed, the journal
/// written out.
final class Started implements Running {
  private static final Logger LOG = LoggerFactory.getLogger(Started.class);

  /// How long clients have to agree that their connection is closed.
  private static final long GOODBYE_MS = 1_000;

  /// The same when the broker has failed: the process is to be gone within a second.
  private static final long GOODBYE_AFTER_FAILURE_MS = 300;

  private final EventLoops loops;
  private final Broker broker;
  private final ControlServer control;
  private final List<Listener> listeners;
  private final @Nullable Tls tls;
  private final CompletableFuture<ExitStatus> ended;

  /// Why the broker failed, once it has.
  private final CompletableFuture<String> failure;

  private final AtomicBoolean closing = new AtomicBoolean();

  Started(
      EventLoops loops,
      Broker broker,
      ControlServer control,
      List<Listener> listeners,
      @Nullable Tls tls,
      CompletableFuture<ExitStatus> ended,
      CompletableFuture<String> failure) {
    this.loops = loops;
    this.broker = broker;
    this.control = control;
    this.listeners = listeners;
    this.tls = tls;
    this.ended = ended;
    this.failure = failure;
  }

  @Override
  public List<InetSocketAddress> amqpAddresses() {
    return listeners.stream().filter(l -> !l.isEncrypted()).map(Listener::address).toList();
  }

  @Override
  public List<InetSocketAddress> amqpsAddresses() {
    return listeners.stream().filter(Listener::isEncrypted).map(Listener::address).toList();
  }

  @Override
  public ExitStatus await() throws InterruptedException {
    try {
      return ended.get();
    } catch (ExecutionException never) {
      throw new AssertionError("it is only ever completed with a status", never);
    }
  }

  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    listeners.forEach(Listener::stopAccepting);
    String cause = failure.getNow("");
    boolean failed = !cause.isEmpty();
    ServerStops stops = new ServerStops(failed ? cause : "the broker is stopping", failed);
    listeners.forEach(listener -> listener.tellAll(stops));
    listeners.forEach(
        listener -> listener.awaitEmpty(failed ? GOODBYE_AFTER_FAILURE_MS : GOODBYE_MS));
    listeners.forEach(Listener::close);
    control.close();
    try {
      broker.close();
    } catch (IOException e) {
      LOG.error("closing the store", e);
    }
    loops.close();
    if (tls != null) {
      tls.close();
    }
    ended.complete(ExitStatus.CLEAN);
  }
}
