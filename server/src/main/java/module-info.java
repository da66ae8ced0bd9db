import org.jspecify.annotations.NullMarked;

/// Main, configuration and command line: the assembly of the broker.
@NullMarked
module holdfast.server {
  requires ch.qos.logback.classic;
  requires ch.qos.logback.core;
  requires holdfast.amqp091;
  requires holdfast.broker;
  requires holdfast.core;
  requires holdfast.load;
  requires holdfast.net;
  requires holdfast.store;
  requires info.picocli;
  requires io.netty.buffer;
  requires io.netty.common;
  requires io.netty.transport;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports holdfast.server;

  provides ch.qos.logback.classic.spi.Configurator with
      holdfast.server.LogSetup;
}
