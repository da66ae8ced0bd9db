package holdfast.core;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One connection of whatever protocol: what its sessions share. Guarded by the gate.
public final class Client {
  /// What a command that carries no message counts for, in bytes.
  private static final int COMMAND_BYTES = 256;

  /// What its front end knows of it, for a person.
  ///
  /// @param user empty if nobody logged in
  /// @param peer its address; empty if it is in this process
  /// @param properties what the program says of itself: `product`, `version`, `connection_name`
  public record Facts(String user, String peer, boolean tls, Map<String, String> properties) {
    static final Facts NONE = new Facts("", "", false, Map.of());
  }

  private final String name;
  private final VirtualHost host;
  private final Outbox outbox;
  private final Access access;
  private final Admissions admissions;
  private final Session control;
  private final Set<Session> sessions = new LinkedHashSet<>();

  /// Queues that end with this client.
  private final Set<Queue> exclusiveQueues = new LinkedHashSet<>();

  /// Commands submitted and not done yet, in bytes. Any thread.
  private final AtomicLong submitted = new AtomicLong();

  /// Whether the front end has stopped reading until `submitted` has gone down.
  private volatile boolean awaitsTaking;

  private volatile long takenBelow;
  private volatile Facts facts = Facts.NONE;
  private volatile boolean hidden;

  /// Commands that stand in the gate's row.
  private int standing;

  private boolean publisher;
  private boolean toldBlocked;
  private boolean closed;
  private volatile boolean lost;

  Client(String name, VirtualHost host, Outbox outbox, Access access, Admissions admissions) {
    this.name = name;
    this.host = host;
    this.outbox = outbox;
    this.access = access;
    this.admissions = admissions;
    this.control = new Session(this, 0);
  }

  public String name() {
    return name;
  }

  /// The user who has logged in; empty for a client that is part of the broker, or of the program
  /// around it.
  public String user() {
    return access.user();
  }

  /// What it may do.
  Access access() {
    return access;
  }

  /// Why its user may not have another session, or null; it is counted then, and is to be made.
  /// Asked for clients that have a user.
  public @Nullable CoreError openSession() {
    return access.isLimited() ? admissions.openSession(access.user()) : null;
  }

  /// Says who it is. Any thread.
  public void introduce(Facts known) {
    facts = known;
  }

  /// Keeps it out of what [Command.Inspect] shows: it is the broker's own. Any thread.
  public void hide() {
    hidden = true;
  }

  Facts facts() {
    return facts;
  }

  boolean hidden() {
    return hidden;
  }

  /// Whether its front end waits for the gate to catch up.
  boolean behind() {
    return awaitsTaking;
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

  /// Whether commands of it stand in the gate's row, where what comes later must stand behind them.
  public boolean stands() {
    return standing > 0;
  }

  /// So many commands more stand there, or fewer.
  public void stood(int more) {
    standing += more;
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

  /// Its peer is gone: nobody waits for what it has asked. Any thread.
  public void lose() {
    lost = true;
  }

  boolean lost() {
    return lost;
  }

  void close() {
    closed = true;
  }
}
