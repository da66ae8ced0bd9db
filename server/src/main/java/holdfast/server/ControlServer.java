package holdfast.server;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers the client commands over the control socket: one line asks, one JSON document answers,
/// and the connection is closed. A line is a plain question, `status`, or an operation of
/// [Administration] and its arguments: `users.delete {"name":"anna"}`.
///
/// Owns the socket and one daemon thread on which everything here runs, the [Inspection]'s answers
/// included. Clients are bounded in number, in the length of what they ask and in the time they
/// take; beyond the bound they wait in the socket's backlog.
final class ControlServer implements AutoCloseable {
  static final int CLIENT_COUNT_MAX = 8;

  /// How an answer begins that tells an error.
  static final String ERROR_START = "{\"error\":";

  private static final long STOP_TIMEOUT_MS = 1_000;
  private static final long ACCEPT_PAUSE_MS = 500;
  private static final Logger log = LoggerFactory.getLogger(ControlServer.class);

  private final Path dataDir;
  private final Path socket;
  private final Inspection inspection;
  private final long clientTimeoutMs;
  private final Selector selector;
  private final ServerSocketChannel listener;
  private final SelectionKey accepting;
  private final Thread thread;

  /// Set when a client could not be accepted, most likely for want of file handles: accepting rests
  /// a moment then, instead of failing in a tight loop.
  private boolean isAcceptingPaused;

  private ControlServer(
      Path dataDir,
      Path socket,
      Inspection inspection,
      long clientTimeoutMs,
      ServerSocketChannel listener,
      Selector selector)
      throws IOException {
    this.dataDir = dataDir;
    this.socket = socket;
    this.inspection = inspection;
    this.clientTimeoutMs = clientTimeoutMs;
    this.listener = listener;
    this.selector = selector;
    this.accepting = listener.register(selector, SelectionKey.OP_ACCEPT);
    this.thread = Thread.ofPlatform().name("holdfast-control").daemon().unstarted(this::run);
  }

  /// Opens the socket in an existing data directory, of which the caller already is the only user.
  static ControlServer start(Path dataDir, Inspection inspection) throws IOException, StartRefused {
    return start(dataDir, inspection, ControlExchange.TIMEOUT_MS);
  }

  static ControlServer start(Path dataDir, Inspection inspection, long clientTimeoutMs)
      throws IOException, StartRefused {
    Path socket = ControlPlace.prepare(dataDir);
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.configureBlocking(false);
      listener.bind(UnixDomainSocketAddress.of(socket));
      ControlPlace.restrict(socket);
      ControlServer server =
          new ControlServer(
              dataDir, socket, inspection, clientTimeoutMs, listener, Selector.open());
      server.thread.start();
      return server;
    } catch (IOException failed) {
      listener.close();
      throw failed;
    }
  }

  /// Where clients connect to.
  Path socket() {
    return socket;
  }

  private void run() {
    try {
      while (selector.isOpen()) {
        long waitMs = isAcceptingPaused ? ACCEPT_PAUSE_MS : waitMs();
        isAcceptingPaused = false;
        selector.select(this::serve, waitMs);
        dropOverdue();
        // Whoever does not fit waits in the backlog; a slot is free again within the timeout.
        boolean isFull = selector.keys().size() > CLIENT_COUNT_MAX;
        accepting.interestOps(isFull || isAcceptingPaused ? 0 : SelectionKey.OP_ACCEPT);
      }
    } catch (IOException | RuntimeException broken) {
      if (selector.isOpen()) {
        log.error("the control socket failed; status commands no longer work", broken);
      }
    }
  }

  /// Without clients the thread sleeps until one comes.
  private long waitMs() {
    return selector.keys().size() > 1 ? Math.max(1, clientTimeoutMs / 4) : 0;
  }

  private void serve(SelectionKey key) {
    if (key.equals(accepting)) {
      accept();
      return;
    }
    ControlExchange exchange = (ControlExchange) key.attachment();
    try {
      exchange.advance(this::answer);
      if (exchange.isDone()) {
        key.channel().close();
      } else {
        key.interestOps(exchange.interestOps());
      }
    } catch (IOException gone) {
      log.debug("a client of the control socket went away: {}", gone.getMessage());
      close(key);
    } catch (CancelledKeyException stopped) {
      log.debug("the control socket was closed while it answered", stopped);
    } catch (RuntimeException bug) {
      log.error("cannot go on with an answer on the control socket", bug);
      close(key);
    }
  }

  private void accept() {
    try {
      SocketChannel channel = listener.accept();
      if (channel != null) {
        channel.configureBlocking(false);
        channel.register(
            selector, SelectionKey.OP_READ, new ControlExchange(channel, clientTimeoutMs));
      }
    } catch (IOException failed) {
      isAcceptingPaused = true;
      log.warn("cannot accept a client of the control socket", failed);
    }
  }

  private void dropOverdue() {
    for (SelectionKey key : selector.keys()) {
      if (key.attachment() instanceof ControlExchange exchange && exchange.isOverdue()) {
        close(key);
      }
    }
  }

  private Iterator<ByteBuffer> answer(String request) {
    int blank = request.indexOf(' ');
    String name = blank < 0 ? request : request.substring(0, blank);
    try {
      return new JsonParts(document(name, blank < 0 ? "" : request.substring(blank)));
    } catch (OperationRefused refused) {
      Map<String, String> told = new LinkedHashMap<>();
      told.put("error", refused.text());
      told.put("kind", refused.kind().name());
      return new JsonParts(told);
    } catch (RuntimeException bug) {
      // Not with its arguments: a password may be one.
      log.error("cannot answer '{}' on the control socket", name, bug);
      return new JsonParts(error("the broker could not answer; its log says why"));
    }
  }

  /// Without arguments it is one of the plain questions, with some an operation.
  private @Nullable Object document(String name, String arguments) throws OperationRefused {
    if (!arguments.isEmpty()) {
      return inspection.run(name, arguments(arguments));
    }
    return switch (name) {
      case "status" -> inspection.status();
      case "queues" -> inspection.queues();
      case "connections" -> inspection.connections();
      default -> error("unknown request; known are " + List.of("status", "queues", "connections"));
    };
  }

  private static Asked arguments(String json) throws OperationRefused {
    try {
      return Asked.of(JsonReader.read(json));
    } catch (IllegalArgumentException malformed) {
      throw OperationRefused.bad("the arguments are not JSON: " + malformed.getMessage());
    }
  }

  static Map<String, String> error(String message) {
    return Map.of("error", message);
  }

  private static void close(SelectionKey key) {
    try {
      key.channel().close();
    } catch (IOException alreadyGone) {
      log.debug("closing a client of the control socket", alreadyGone);
    }
  }

  /// Stops answering and removes the socket. Safe more than once.
  @Override
  public void close() {
    if (!selector.isOpen()) {
      return;
    }
    try {
      // The keys are safe to walk once the selector is closed and its thread has gone.
      List<SelectionKey> keys = List.copyOf(selector.keys());
      selector.close();
      if (!thread.join(Duration.ofMillis(STOP_TIMEOUT_MS))) {
        log.warn("the control socket's thread is still answering");
      }
      keys.forEach(ControlServer::close);
      listener.close();
      ControlPlace.remove(dataDir, socket);
    } catch (IOException failed) {
      log.warn("cannot remove the control socket {}", socket, failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
