package holdfast.server;

import java.net.InetSocketAddress;
import java.util.List;

/// A started broker, as the process sees it: where it listens, how it ends.
interface Running extends AutoCloseable {
  /// The addresses that accept AMQP clients, with the ports the system gave where 0 was asked for.
  List<InetSocketAddress> amqpAddresses();

  /// The same of those that speak TLS.
  List<InetSocketAddress> amqpsAddresses();

  /// Blocks until the broker has ended: `CLEAN` after `close`, `JOURNAL_FAILED` when it gave up by
  /// itself. Called by the main thread alone.
  ExitStatus await() throws InterruptedException;

  /// Stops cleanly: no new clients, connections closed, the journal written out. Safe from any
  /// thread and more than once; the process waits five seconds for it and then ends regardless.
  @Override
  void close();
}
