package holdfast.broker;

import holdfast.core.Event;
import holdfast.core.Message;
import holdfast.core.Outbox;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// A client's outbox: gathers a round's events for its sink, and stops deliveries when enough is on
/// its way. Events are added by the gate; what was sent is reported by the client's thread.
public final class EventOutbox implements Outbox {
  /// What an event costs on its way beside its body, in bytes.
  private static final int EVENT_BYTES = 100;

  /// Places that are kept ready for the events of the next round.
  private static final int GATHERED_MAX = 1024;

  private final Broker broker;
  private final EventSink sink;
  private final long bytesMax;

  /// Bytes that have not been sent, those of the current round among them: one count that
  /// everything passes through, or it could not be told when deliveries become possible again.
  private final AtomicLong underWay = new AtomicLong();

  /// Events of the current round, and their bytes. Guarded by the gate.
  private ArrayList<Event> gathered = new ArrayList<>();

  private long gatheredBytes;
  private volatile boolean writable = true;

  /// @param bytesMax deliveries stop when so many bytes are on their way
  EventOutbox(Broker broker, EventSink sink, long bytesMax) {
    this.broker = broker;
    this.sink = sink;
    this.bytesMax = bytesMax;
  }

  @Override
  public void add(Event event) {
    if (gathered.isEmpty()) {
      broker.touched(this);
    }
    gathered.add(event);
    long bytes = bytes(event);
    gatheredBytes += bytes;
    underWay.addAndGet(bytes);
  }

  @Override
  public boolean hasRoom() {
    return writable && underWay.get() < bytesMax;
  }

  /// What an event counts for until it is sent.
  public static long bytes(Event event) {
    return switch (event) {
      case Event.Delivered d -> ofMessage(d.message());
      case Event.Got g -> ofMessage(g.message());
      case Event.Returned r -> ofMessage(r.message());
      default -> EVENT_BYTES;
    };
  }

  private static long ofMessage(Message message) {
    return (long) EVENT_BYTES + message.bodyBytes();
  }

  /// Hands the round's events to the sink; called by the gate's owner.
  void handOver() {
    List<Event> round = gathered;
    gathered = new ArrayList<>(Math.min(round.size(), GATHERED_MAX));
    long bytes = gatheredBytes;
    gatheredBytes = 0;
    broker.memory().add(bytes);
    sink.events(round);
  }

  /// So many bytes of events have left. True if deliveries have just become possible again: the
  /// caller then submits a Resume.
  public boolean sent(long bytes) {
    broker.memory().add(-bytes);
    long after = underWay.addAndGet(-bytes);
    return after < bytesMax && after + bytes >= bytesMax && writable;
  }

  /// Tells whether the connection takes bytes. True if deliveries have just become possible again.
  public boolean writable(boolean now) {
    boolean before = writable;
    writable = now;
    return now && !before && underWay.get() < bytesMax;
  }
}
