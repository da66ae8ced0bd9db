package holdfast.core;

/// Where a client's events go. The gate adds them and never waits; the front end takes what has
/// gathered once the gate's round is done, and writes it with one flush.
public interface Outbox {
  /// Adds an event; called by the gate only.
  void add(Event event);

  /// Whether deliveries may be added: false while the connection is not writable or has enough on
  /// its way. When it turns true again the front end submits a [Command.Resume].
  boolean hasRoom();
}
