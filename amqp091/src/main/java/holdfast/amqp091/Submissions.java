package holdfast.amqp091;

import holdfast.amqp091.codec.ProtocolException;
import holdfast.amqp091.codec.ReplyCode;
import holdfast.broker.Broker;
import holdfast.core.Admission;
import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.CoreError;
import holdfast.core.Session;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A connection's way to the gate: what one read brings is gathered and is one submission. On the
/// connection's event loop.
final class Submissions {
  /// Deliveries stop while so many bytes are on their way to the peer.
  static final long OUTBOX_BYTES_MAX = 512 * 1024;

  /// Reading stops while so many bytes of commands wait for the gate.
  private static final long SUBMITTED_BYTES_MAX = 1024 * 1024;

  private final Broker broker;
  private final ChannelHandlerContext ctx;
  private final Reading reading;

  /// Null until the connection is open.
  private @Nullable Client client;

  /// Commands of the current read.
  private ArrayList<Command> commands = new ArrayList<>();

  /// Acks that came one by one, of deliveries that follow one another: the session, and the first
  /// and the last tag. They become one command.
  private @Nullable Session acking;

  private long ackedFrom;
  private long ackedTo;

  private boolean closed;

  Submissions(Broker broker, ChannelHandlerContext ctx, Reading reading) {
    this.broker = broker;
    this.ctx = ctx;
    this.reading = reading;
  }

  void open(AmqpConnection connection, Admission.Granted admission, Client.Facts facts) {
    Client opened =
        broker.newClient(connection.name(), admission, connection::take, OUTBOX_BYTES_MAX);
    opened.introduce(facts);
    client = opened;
    commands.add(new Command.Resume(opened.control()));
  }

  /// A session for a channel that is being opened.
  ///
  /// @throws ProtocolException if the user may have no more
  Session newSession(int id) {
    Client known = client;
    if (known == null) {
      throw new IllegalStateException("a channel of a connection that is not open");
    }
    CoreError refused = known.openSession();
    if (refused != null) {
      throw new ProtocolException(ReplyCode.NOT_ALLOWED, refused.text());
    }
    return known.newSession(id);
  }

  void add(Command command) {
    addAcks();
    commands.add(command);
  }

  /// One delivery is acknowledged.
  void acked(Session session, long tag) {
    if (acking == session && tag == ackedTo + 1 && tag > ackedFrom) {
      ackedTo = tag;
      return;
    }
    addAcks();
    acking = session;
    ackedFrom = tag;
    ackedTo = tag;
  }

  private void addAcks() {
    Session session = acking;
    if (session != null) {
      acking = null;
      commands.add(
          ackedFrom == ackedTo
              ? new Command.Settle(session, ackedFrom, false, Command.Outcome.ACCEPTED)
              : new Command.SettleRow(session, ackedFrom, ackedTo));
    }
  }

  /// A publish counts against the memory limit from here on; while publishers are blocked a little
  /// of it is taken, and then reading stops until they are welcome again.
  void add(Command.Publish command) {
    long bytes = command.message().footprint();
    broker.memory().add(bytes);
    addAcks();
    commands.add(command);
    reading.published(bytes);
  }

  void submit() {
    addAcks();
    Client known = client;
    if (commands.isEmpty() || known == null) {
      return;
    }
    ArrayList<Command> round = commands;
    commands = new ArrayList<>(Math.min(round.size(), 256));
    broker.submit(round, ctx.executor());
    if (known.isAhead(SUBMITTED_BYTES_MAX)) {
      reading.pause(Reading.GATE);
    }
  }

  /// The last commands: nothing follows them.
  void close(Collection<AmqpChannel> channels) {
    Client known = client;
    if (known == null || closed) {
      return;
    }
    closed = true;
    addAcks();
    for (AmqpChannel channel : channels) {
      channel.drop();
      commands.add(new Command.CloseSession(channel.session()));
    }
    commands.add(new Command.CloseClient(known.control()));
  }

  /// The peer is gone, whether it said so before or not.
  void lost() {
    Client known = client;
    if (known != null) {
      known.lose();
      commands.add(new Command.Resume(known.control()));
    }
  }

  /// So many bytes of events have left: deliveries may be possible again.
  void sent(long bytes) {
    Client known = client;
    if (known != null && broker.outboxOf(known).sent(bytes)) {
      resumeDeliveries();
    }
  }

  /// Whether the peer takes bytes now: deliveries may be possible again.
  void writable(boolean now) {
    Client known = client;
    if (known != null && broker.outboxOf(known).writable(now)) {
      ctx.executor().execute(this::resumeDeliveries);
    }
  }

  private void resumeDeliveries() {
    Client known = client;
    if (known != null && !closed) {
      broker.submit(List.of(new Command.Resume(known.control())), ctx.executor());
    }
  }
}
