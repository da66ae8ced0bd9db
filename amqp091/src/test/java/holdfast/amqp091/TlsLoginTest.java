package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.LongString;
import holdfast.core.Change;
import holdfast.core.Permissions;
import holdfast.core.User;
import holdfast.net.Tls;
import holdfast.net.TlsOptions;
import holdfast.testkit.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// AMQP through TLS, by BoringSSL, and logins by certificate.
class TlsLoginTest {
  private static final TestCertificate AUTHORITY =
      TestCertificate.authority("CN=authority", Instant.now());
  private static final Map<String, @Nullable Object> CAN_BE_TOLD =
      Map.of("authentication_failure_close", true);

  @TempDir static Path directory;
  private static Tls tls;
  private static TestBroker broker;

  @BeforeAll
  static void open() throws Exception {
    AUTHORITY.issue("CN=localhost").write(directory, AUTHORITY);
    tls =
        Tls.open(
            new TlsOptions(
                directory.resolve("cert.pem"),
                directory.resolve("key.pem"),
                null,
                directory.resolve("ca.pem"),
                true,
                false,
                List.of(),
                List.of()));
    assertThat(tls.provider()).isEqualTo("BoringSSL");
    broker = new TestBroker(directory.resolve("data"), TestBroker.Setup.USUAL.encrypted(tls));
    for (String name : new String[] {"CN=guest", "CN=guest,O=Acme"}) {
      User user = new User(name, new byte[0], User.Hashing.SHA_256, List.of());
      broker.broker().administer(new Change.PutUser(user)).get(8, TimeUnit.SECONDS);
      Permissions all = new Permissions(".*", ".*", ".*");
      broker
          .broker()
          .administer(new Change.PutPermissions("/", name, all))
          .get(8, TimeUnit.SECONDS);
    }
  }

  @AfterAll
  static void close() throws IOException {
    broker.awaitNothingHeld();
    broker.close();
    tls.close();
  }

  private static RawClient connect(@Nullable TestCertificate own, String... versions)
      throws IOException {
    SSLSocket socket =
        (SSLSocket)
            AUTHORITY
                .client(own)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), broker.port());
    if (versions.length > 0) {
      socket.setEnabledProtocols(versions);
    }
    return RawClient.over(socket);
  }

  private static String mechanisms(RawClient client) throws IOException {
    client.send(Wire.PROTOCOL_HEADER);
    ConnectionMethod.Start start = client.expect(0, ConnectionMethod.Start.class);
    return new String(start.mechanisms().bytes(), java.nio.charset.StandardCharsets.UTF_8);
  }

  private static ConnectionMethod.StartOk external() {
    return new ConnectionMethod.StartOk(
        Map.of("capabilities", CAN_BE_TOLD), "EXTERNAL", LongString.of(""), "en_US");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void carriesMessagesOfAnySize(String version) throws IOException {
    byte[] large = new byte[3_000_000];
    new Random(7).nextBytes(large);
    try (RawClient client = connect(null, version).handshake(0, RawClient.FRAME_BYTES_MAX)) {
      client.channel(1).confirms(1).declare(1, "sealed", true);
      for (byte[] body : new byte[][] {{}, {1}, large}) {
        client.publish(1, "sealed", Wire.PERSISTENT, body);
        client.expect(1, BasicMethod.Ack.class);
        client.send(1, new BasicMethod.Get("sealed", true));
        assertThat(client.expectContent(1, BasicMethod.GetOk.class).body()).isEqualTo(body);
      }
      client.delete(1, "sealed").bye();
    }
  }

  @Test
  void offersLoginByCertificateToWhoHasShownOne() throws IOException {
    try (RawClient client = connect(AUTHORITY.issue("CN=guest"))) {
      assertThat(mechanisms(client)).isEqualTo("PLAIN AMQPLAIN EXTERNAL");
    }
    try (RawClient client = connect(null)) {
      assertThat(mechanisms(client)).isEqualTo("PLAIN AMQPLAIN");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void takesTheUserFromTheCertificate(String version) throws IOException {
    try (RawClient client = connect(AUTHORITY.issue("CN=guest,O=Acme"), version)) {
      mechanisms(client);
      client.call(0, external(), ConnectionMethod.Tune.class);
      client.send(0, new ConnectionMethod.TuneOk(0, 0, 0));
      client.call(0, new ConnectionMethod.Open("/"), ConnectionMethod.OpenOk.class);
      client.bye();
    }
  }

  @Test
  void refusesAUserThatTheCertificateNamesAndNobodyKnows() throws IOException {
    try (RawClient client = connect(AUTHORITY.issue("CN=mallory"))) {
      mechanisms(client);
      client.send(0, external()).expectClosed(403);
    }
  }

  @Test
  void refusesLoginByCertificateWithoutOne() throws IOException {
    try (RawClient client = connect(null)) {
      mechanisms(client);
      client.send(0, external()).expectClosed(403);
    }
  }

  @Test
  void aPasswordServesBesideACertificateOfSomebodyElse() throws IOException {
    try (RawClient client = connect(AUTHORITY.issue("CN=mallory"))) {
      client.handshake(0, RawClient.FRAME_BYTES_MAX).bye();
    }
  }

  @Test
  void aCertificateFromElsewhereDoesNotReachTheLogin() throws IOException {
    TestCertificate forged =
        TestCertificate.authority("CN=authority", Instant.now()).issue("CN=guest");
    assertThatThrownBy(
            () -> {
              try (RawClient client = connect(forged)) {
                mechanisms(client);
              }
            })
        .isInstanceOf(IOException.class);
  }

  @Test
  void octetsThatAreNoTlsAfterTheHandshakeEndTheConnectionWithoutABug() throws IOException {
    java.net.Socket plain = new java.net.Socket(InetAddress.getLoopbackAddress(), broker.port());
    SSLSocket socket =
        (SSLSocket)
            AUTHORITY
                .client(null)
                .getSocketFactory()
                .createSocket(plain, "localhost", broker.port(), false);
    try (RawClient client = RawClient.over(socket).handshake(0, RawClient.FRAME_BYTES_MAX)) {
      plain.getOutputStream().write(new byte[64]);
      assertThatThrownBy(
              () -> {
                client.channel(1);
                client.channel(2);
              })
          .isInstanceOf(IOException.class);
    } finally {
      plain.close();
    }
    assertThat(broker.troubles()).isEmpty();
  }
}
