package holdfast.server.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultSaslConfig;
import com.rabbitmq.client.GetResponse;
import holdfast.testkit.TestCertificate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RabbitMQ's Java client through TLS to the shipped launcher: what the module path leaves out
/// shows here only.
class TlsIT {
  private static final TestCertificate AUTHORITY =
      TestCertificate.authority("CN=authority", Instant.now());
  private static TestCertificate certificate = AUTHORITY.issue("CN=localhost");

  private static Path directory;
  private static BrokerProcess broker;

  @BeforeAll
  static void start() throws Exception {
    String unavailable = BrokerProcess.whyUnavailable();
    org.junit.jupiter.api.Assumptions.assumeTrue(unavailable.isEmpty(), unavailable);
    directory = BrokerProcess.freshDirectory("tls");
    certificate.write(directory, AUTHORITY);
    broker =
        BrokerProcess.start(
            directory,
            "--set=listeners.ssl.default=127.0.0.1:0",
            "--set=ssl_options.certfile=" + directory.resolve("cert.pem"),
            "--set=ssl_options.keyfile=" + directory.resolve("key.pem"),
            "--set=ssl_options.cacertfile=" + directory.resolve("ca.pem"),
            "--set=ssl_options.verify=verify_peer",
            "--set=ssl_cert_login_from=common_name");
  }

  @AfterAll
  static void stop() {
    if (broker != null) {
      broker.close();
      Directories.remove(directory);
    }
  }

  private static ConnectionFactory factory(@Nullable TestCertificate own) {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("localhost");
    factory.setPort(broker.tlsPort());
    factory.useSslProtocol(AUTHORITY.client(own));
    factory.enableHostnameVerification();
    return factory;
  }

  @Test
  void theLogSaysWhatEncryptsAndWithoutAWarningOfTheJdk() throws IOException {
    boolean boring =
        (System.getProperty("os.name") + System.getProperty("os.arch")).equals("Linuxamd64");
    assertThat(broker.log())
        .contains(boring ? "TLS by BoringSSL" : "TLS by the JDK")
        .doesNotContain("WARNING:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aMessageGoesThereAndBack(String version) throws Exception {
    ConnectionFactory factory = factory(null);
    factory.setSocketConfigurator(
        socket -> ((SSLSocket) socket).setEnabledProtocols(new String[] {version}));
    try (Connection connection = factory.newConnection()) {
      Channel channel = connection.createChannel();
      String queue = channel.queueDeclare().getQueue();
      channel.basicPublish("", queue, null, "sealed".getBytes(StandardCharsets.UTF_8));
      GetResponse got = channel.basicGet(queue, true);
      assertThat(got.getBody()).asString(StandardCharsets.UTF_8).isEqualTo("sealed");
    }
  }

  @Test
  void theCommonNameOfACertificateIsAUser() throws Exception {
    ConnectionFactory factory = factory(AUTHORITY.issue("CN=guest,O=Acme"));
    factory.setSaslConfig(DefaultSaslConfig.EXTERNAL);
    try (Connection connection = factory.newConnection()) {
      assertThat(connection.isOpen()).isTrue();
    }
    ConnectionFactory stranger = factory(AUTHORITY.issue("CN=mallory"));
    stranger.setSaslConfig(DefaultSaslConfig.EXTERNAL);
    assertThatThrownBy(stranger::newConnection)
        .isInstanceOf(com.rabbitmq.client.AuthenticationFailureException.class)
        .hasMessageContaining("ACCESS_REFUSED");
  }

  @Test
  void aRenewedCertificateIsServedWithoutARestart() throws Exception {
    try (Connection before = factory(null).newConnection()) {
      certificate = AUTHORITY.issue("CN=localhost");
      certificate.write(directory, AUTHORITY);
      Await.until("the new certificate", () -> presented().equals(certificate.certificate()));
      assertThat(before.createChannel().isOpen()).isTrue();
    }
    Files.writeString(directory.resolve("cert.pem"), "broken");
    Await.until("a warning", () -> broker.log().contains("holds no PEM block"));
    assertThat(presented()).isEqualTo(certificate.certificate());
    certificate.write(directory, AUTHORITY);
  }

  private static X509Certificate presented() throws IOException {
    try (SSLSocket socket =
        (SSLSocket)
            AUTHORITY.client(null).getSocketFactory().createSocket("localhost", broker.tlsPort())) {
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  @Test
  void aMistakeInTheFilesIsTheEndOfTheStart() throws Exception {
    Path other = BrokerProcess.freshDirectory("tls-mistake");
    assertThatThrownBy(() ->
            BrokerProcess.start(
                other,
                "--set=listeners.ssl.default=127.0.0.1:0",
                "--set=ssl_options.certfile=" + other.resolve("none.pem"),
                "--set=ssl_options.keyfile=" + directory.resolve("key.pem")))
        .hasMessageContaining("ended with 2")
        .hasMessageContaining("cannot use " + other.resolve("none.pem") + " for TLS: no such file");
    Directories.remove(other);
  }
}
