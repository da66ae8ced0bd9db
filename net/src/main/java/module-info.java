import org.jspecify.annotations.NullMarked;

/// Sockets: listener and protocol detection.
@NullMarked
module holdfast.net {
  requires io.netty.codec.haproxy;
  requires io.netty.transport.classes.epoll;
  requires java.naming; // distinguished names
  requires org.slf4j;
  requires transitive io.netty.codec;
  requires transitive io.netty.buffer;
  requires transitive io.netty.common;
  requires transitive io.netty.handler;
  requires transitive io.netty.transport;
  requires static transitive org.jspecify;

  exports holdfast.net;
}
