import org.jspecify.annotations.NullMarked;

/// AMQP 0-9-1: codec, connection, channel.
@NullMarked
@SuppressWarnings("module") // the protocol's version ends in a digit
module holdfast.amqp091 {
  requires holdfast.broker;
  requires holdfast.core;
  requires holdfast.net;
  requires io.netty.buffer;
  requires io.netty.common;
  requires io.netty.transport;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports holdfast.amqp091;
  exports holdfast.amqp091.codec to
      holdfast.load;
}
