package holdfast.core;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/// One connection of whatever protocol: what its sessions share. Guarded by the gate.
public final class Client {
  /// What a command that carries no message counts for, in bytes.
  private static final int COMMAND_BYTES = 256;

  private final String name;
  private final VirtualHost host;
  private final Outbox outbox;
  private final Session control;
  private final Set<Session> sessions = new LinkedHashSet<>();

  /// Queues that end with this client.
  private final Set<Queue> exclusiveQueues = new LinkedHashSet<>();

  /// Commands submitted and not done yet, in bytes. Any thread.
  private final AtomicLong submitted = new AtomicLong();

  /// Whether the front end has stopped reading until `submitted` has gone down.
  private volatile boolean awaitsTaking;

  private volatile long takenBelow;
  private boolean publisher;
  private boolean toldBlocked;
  private boolean closed;

  Client(String name, VirtualHost host, Outbox outbox) {
    this.name = name;
    this.host = host;
    this.outbox = outbox;
    this.control = new Session(this, 0);
  }

  public String name() {
    return name;
  }

  /// The session that the client's own commands belong to.
  public Session control() {
    return control;
  }

  /// A new session, for the front end to use at once.
  ///
  /// @param id what the front end calls it
  public Session newSession(int id) {
    return new Session(this, id);
  }

  // --- what is on its way in ---

  /// Commands of this client are on their way to the gate.
  public void submitting(List<? extends Command> commands) {
    long bytes = 0;
    for (Command command : commands) {
      bytes += bytes(command);
    }
    submitted.addAndGet(bytes);
  }

  private static long bytes(Command command) {
    return command instanceof Command.Publish publish
        ? publish.message().footprint()
        : COMMAND_BYTES;
  }

  /// Whether more than so many bytes wait for the gate. If so, an [Event.Taken] follows once it has
  /// gone down to half. Called by the front end, on its own thread.
  public boolean isAhead(long bytesMax) {
    if (submitted.get() <= bytesMax) {
      return false;
    }
    takenBelow = bytesMax / 2;
    awaitsTaking = true;
    // The gate may have taken everything before it could see the wish: look again.
    return submitted.get() > takenBelow;
  }

  /// A command is done, or has begun to be.
  void took(Command command) {
    long left = submitted.addAndGet(-bytes(command));
    if (awaitsTaking && left <= takenBelow) {
      awaitsTaking = false;
      outbox.add(new Event.Taken(this));
    }
  }

  public Outbox outbox() {
    return outbox;
  }

  VirtualHost host() {
    return host;
  }

  Set<Session> sessions() {
    return sessions;
  }

  Set<Queue> exclusiveQueues() {
    return exclusiveQueues;
  }

  boolean publisher() {
    return publisher;
  }

  void markPublisher() {
    publisher = true;
  }

  boolean toldBlocked() {
    return toldBlocked;
  }

  void tellBlocked(String reason) {
    if (!toldBlocked) {
      toldBlocked = true;
      outbox.add(new Event.Blocked(this, reason));
    }
  }

  void tellUnblocked() {
    if (toldBlocked) {
      toldBlocked = false;
      outbox.add(new Event.Unblocked(this));
    }
  }

  boolean closed() {
    return closed;
  }

  void close() {
    closed = true;
  }
}
