package holdfast.amqp091;

import holdfast.amqp091.codec.ProtocolHeader;
import holdfast.broker.Broker;
import holdfast.core.PropertyFormat;
import holdfast.net.ConnectionProtocol;
import holdfast.net.Peer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;

/// AMQP 0-9-1 as a protocol of a listener.
public final class AmqpProtocol implements ConnectionProtocol {
  /// How this protocol's messages carry their properties.
  public static final PropertyFormat PROPERTIES = new AmqpPropertyFormat();

  private final Broker broker;
  private final AmqpSettings settings;
  private final Login login;

  public AmqpProtocol(Broker broker, AmqpSettings settings, Login login) {
    this.broker = broker;
    this.settings = settings;
    this.login = login;
  }

  @Override
  public String name() {
    return "AMQP 0-9-1";
  }

  @Override
  public int identifyingBytes() {
    return ProtocolHeader.BYTES;
  }

  @Override
  public boolean isSpoken(ByteBuf firstBytes) {
    return ProtocolHeader.match(firstBytes) == ProtocolHeader.Match.YES;
  }

  @Override
  public ChannelHandler take(Peer peer) {
    return new AmqpConnection(broker, settings, login, peer);
  }

  @Override
  public byte[] refusal() {
    ByteBuf header = Unpooled.buffer(ProtocolHeader.BYTES);
    ProtocolHeader.write(header);
    byte[] bytes = new byte[header.readableBytes()];
    header.readBytes(bytes);
    return bytes;
  }
}
