package holdfast.core;

/// Looks for what takes too long. Consumers that have not settled a delivery in time: their
/// sessions are failed, so that the deliveries go to others. And what streams have kept for long
/// enough. Guarded by the gate.
final class Overdue {
  private final Shard shard;

  Overdue(Shard shard) {
    this.shard = shard;
  }

  void look(Command.Look c) {
    for (VirtualHost host : shard.hosts().values()) {
      for (Queue queue : host.queues()) {
        Stream stream = queue.stream();
        if (stream != null) {
          stream.retain(shard.nowMs());
        }
      }
    }
    for (Client client : shard.clients()) {
      for (Session session : client.sessions()) {
        // The first that was delivered stands for all: those behind it are younger.
        Entry oldest = session.closed() ? null : session.unsettled().oldest();
        Consumer consumer = oldest == null ? null : oldest.consumer;
        if (oldest != null && consumer != null) {
          judge(c, session, oldest, consumer);
        }
      }
    }
  }

  private void judge(Command.Look c, Session session, Entry oldest, Consumer consumer) {
    long timeoutMs = Math.min(consumer.timeoutMs, consumer.queue.settings().consumerTimeoutMs());
    if (timeoutMs == QueueSettings.NONE) {
      timeoutMs = shard.limits().consumerTimeoutMs();
    }
    if (shard.nowMs() - 1000L * oldest.outSinceSeconds > timeoutMs) {
      session.emit(
          new Event.Failed(
              session,
              c,
              CoreError.precondition(
                  "delivery acknowledgement on channel "
                      + session.id()
                      + " timed out. Timeout value used: "
                      + timeoutMs
                      + " ms. This timeout value can be configured, see consumers doc guide to"
                      + " learn more")));
    }
  }
}
