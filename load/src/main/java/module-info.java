import org.jspecify.annotations.NullMarked;

/// A load generator for any AMQP 0-9-1 broker, which shares its machine with the broker it loads.
@NullMarked
module holdfast.load {
  requires holdfast.amqp091;
  requires io.netty.buffer;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires static transitive org.jspecify;

  exports holdfast.load;
}
