package holdfast.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import org.jspecify.annotations.Nullable;

/// A protocol that connections can speak, in three questions: how many bytes tell it apart, is it
/// you, take the connection.
public interface ConnectionProtocol {
  /// Its name in the log.
  String name();

  /// First bytes of a connection that it needs to see.
  int identifyingBytes();

  /// Whether a connection that begins like this speaks it. Moves no index.
  boolean isSpoken(ByteBuf firstBytes);

  /// The handler of a new connection that speaks it; it is given all bytes from the first on, and
  /// tells [HalfOpen] when the peer has logged in.
  ChannelHandler take(Peer peer);

  /// What to answer, before hanging up, to a connection that speaks nothing we know; null for
  /// nothing. Asked of the first protocol of a listener.
  byte @Nullable [] refusal();
}
