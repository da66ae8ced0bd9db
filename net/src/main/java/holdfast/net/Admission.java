package holdfast.net;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// How many connections a broker has, over all its listeners, and how many of them have not said
/// who they are. Counted by the event loops; the counts are exact, and never above their limits.
public final class Admission {
  private final int connectionsMax;
  private final int handshakesMax;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger handshakes = new AtomicInteger();

  /// @param connectionsMax open connections above which new ones are hung up on
  /// @param handshakesMax the same of those that have not logged in yet
  public Admission(int connectionsMax, int handshakesMax) {
    this.connectionsMax = connectionsMax;
    this.handshakesMax = handshakesMax;
  }

  /// Takes a new connection in until it closes, as one whose handshake is not over. Says why not
  /// when it may not come in; null if it may.
  @Nullable String refuse(Channel channel) {
    if (connections.incrementAndGet() > connectionsMax) {
      connections.decrementAndGet();
      return connectionsMax + " connections are open, the limit (connection_max)";
    }
    if (handshakes.incrementAndGet() > handshakesMax) {
      handshakes.decrementAndGet();
      connections.decrementAndGet();
      return handshakesMax + " connections have not logged in yet, the limit (handshake_max)";
    }
    channel.closeFuture().addListener(closed -> connections.decrementAndGet());
    return null;
  }

  /// A connection that was taken in has logged in, or has gone before it did.
  void handshakeOver() {
    int left = handshakes.decrementAndGet();
    assert left >= 0 : left;
  }
}
