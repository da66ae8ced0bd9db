package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.LongString;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How many may knock, how fast they may guess, and from where they really come.
class LoginLimitsTest {
  private static final Map<String, @Nullable Object> CAN_BE_TOLD =
      Map.of("authentication_failure_close", true);

  @TempDir Path directory;
  private TestBroker broker;

  private void open(TestBroker.Setup setup) throws IOException {
    broker = new TestBroker(directory, setup);
  }

  @AfterEach
  void close() throws IOException {
    broker.awaitNothingHeld();
    broker.close();
  }

  @Test
  void hangsUpOnNewConnectionsWhileTooManyHaveNotLoggedIn() throws IOException {
    open(TestBroker.Setup.USUAL.handshakes(3));
    List<RawClient> silent = new ArrayList<>();
    try (RawClient served = RawClient.open(broker.port())) {
      for (int i = 0; i < 3; i++) {
        RawClient client = RawClient.connect(broker.port()).send(Wire.PROTOCOL_HEADER);
        client.expect(0, ConnectionMethod.Start.class);
        silent.add(client);
      }
      try (RawClient oneTooMany = RawClient.connect(broker.port())) {
        oneTooMany.expectHungUp();
      }
      served.channel(1).bye();
    }
    for (RawClient client : silent) {
      client.close();
    }
    TestBroker.await("a place", this::isServed);
  }

  private boolean isServed() {
    try (RawClient client = RawClient.open(broker.port())) {
      client.bye();
      return true;
    } catch (IOException hungUp) {
      return false;
    }
  }

  @Test
  void answersARefusedLoginAfterAWhileAndServesOthersMeanwhile() throws IOException {
    open(TestBroker.Setup.USUAL);
    try (RawClient guessing = RawClient.connect(broker.port()).send(Wire.PROTOCOL_HEADER)) {
      guessing.expect(0, ConnectionMethod.Start.class);
      long asked = System.nanoTime();
      guessing.send(0, RawClient.startOk("guest", "wrong", CAN_BE_TOLD));
      guessing.send(0, RawClient.startOk("guest", "guest", CAN_BE_TOLD)); // comes too late
      RawClient.open(broker.port()).bye();
      guessing.expectClosed(403);
      assertThat(System.nanoTime() - asked)
          .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(TestBroker.LOGIN_REFUSED_DELAY_MS));
    }
  }

  @Test
  void aChannelAboveTheNegotiatedMaximumIsNotAllowed() throws IOException {
    open(TestBroker.Setup.USUAL);
    try (RawClient client = RawClient.connect(broker.port()).send(Wire.PROTOCOL_HEADER)) {
      client.expect(0, ConnectionMethod.Start.class);
      client.call(0, RawClient.startOk("guest", "guest", CAN_BE_TOLD), ConnectionMethod.Tune.class);
      client.send(0, new ConnectionMethod.TuneOk(5, 0, 0));
      client.call(0, new ConnectionMethod.Open("/"), ConnectionMethod.OpenOk.class);
      client.channel(5).send(6, new ChannelMethod.Open()).expectClosed(530);
    }
  }

  @Test
  void aNewSecretIsJudgedLikeAPassword() throws IOException {
    open(TestBroker.Setup.USUAL);
    try (RawClient client = RawClient.open(broker.port())) {
      client.call(0, secret("guest"), ConnectionMethod.UpdateSecretOk.class);
      client.channel(1).send(0, secret("wrong")).expectClosed(403);
    }
  }

  private static ConnectionMethod.UpdateSecret secret(String secret) {
    return new ConnectionMethod.UpdateSecret(LongString.of(secret), "the old one ends");
  }

  @Test
  void theLoginIsJudgedByTheAddressThatTheProxyNames() throws Exception {
    open(TestBroker.Setup.USUAL.behindProxy());
    try (RawClient far = RawClient.connect(broker.port())) {
      far.send(Wire.text("PROXY TCP4 192.0.2.7 192.0.2.1 4711 5672\r\n"));
      far.send(Wire.PROTOCOL_HEADER).expect(0, ConnectionMethod.Start.class);
      far.send(0, RawClient.startOk("guest", "guest", CAN_BE_TOLD)).expectClosed(403);
    }
    try (RawClient near = RawClient.connect(broker.port())) {
      near.send(Wire.text("PROXY TCP4 127.0.0.9 127.0.0.1 4711 5672\r\n"));
      near.handshake(0, RawClient.FRAME_BYTES_MAX);
      assertThat(broker.inspect().clients())
          .singleElement()
          .extracting(client -> client.name())
          .isEqualTo("127.0.0.9:4711 -> 127.0.0.1:5672");
      near.bye();
    }
    try (RawClient bare = RawClient.connect(broker.port()).send(Wire.PROTOCOL_HEADER)) {
      bare.expectHungUp();
    }
  }

  @Test
  void tellsOfAllItsCapabilities() throws IOException {
    open(TestBroker.Setup.USUAL);
    try (RawClient client = RawClient.connect(broker.port()).send(Wire.PROTOCOL_HEADER)) {
      ConnectionMethod.Start start = client.expect(0, ConnectionMethod.Start.class);
      Map<?, ?> capabilities = (Map<?, ?>) start.serverProperties().get("capabilities");
      assertThat(capabilities.keySet().stream().map(String::valueOf))
          .containsExactlyInAnyOrder(
              "publisher_confirms",
              "exchange_exchange_bindings",
              "basic.nack",
              "consumer_cancel_notify",
              "connection.blocked",
              "consumer_priorities",
              "authentication_failure_close",
              "per_consumer_qos",
              "direct_reply_to");
      assertThat(capabilities.values()).allMatch(Boolean.TRUE::equals);
      assertThat(start.serverProperties()).containsKeys("product", "version", "cluster_name");
    }
  }
}
