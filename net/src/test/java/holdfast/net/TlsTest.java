package holdfast.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.testkit.TestCertificate;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// TLS of a listener, by the JDK: no other library is on this module's path.
class TlsTest extends ListenerCase {
  @TempDir Path directory;

  private TestCertificate authority;
  private TestCertificate server;
  private long moment = 1_000;

  @BeforeEach
  void certify() throws Exception {
    authority = TestCertificate.authority("CN=authority", Instant.now());
    server = authority.issue("CN=localhost");
    write(server);
  }

  private void write(TestCertificate bundle) throws IOException {
    write("cert.pem", bundle.certificatePem());
    write("key.pem", bundle.keyPem());
    write("ca.pem", authority.certificatePem());
  }

  /// With a time of its own: two writes within one tick are two.
  private Path write(String name, String text) throws IOException {
    Path file = Files.writeString(directory.resolve(name), text);
    return Files.setLastModifiedTime(file, FileTime.fromMillis(moment += 1_000));
  }

  private TlsOptions options(boolean verify, boolean demand, List<String> versions) {
    return new TlsOptions(
        directory.resolve("cert.pem"),
        directory.resolve("key.pem"),
        null,
        directory.resolve("ca.pem"),
        verify,
        demand,
        versions,
        List.of());
  }

  private Tls tls(boolean verify, boolean demand, String... versions) throws IOException {
    return closing(Tls.open(options(verify, demand, List.of(versions))));
  }

  private SSLSocket secure(Listener listener, @Nullable TestCertificate own, String... versions)
      throws Exception {
    SSLContext context = authority.client(own);
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(connect(listener), "localhost", listener.address().getPort(), true);
    if (versions.length > 0) {
      socket.setEnabledProtocols(versions);
    }
    return closing(socket);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void encryptsByBothVersions(String version) throws Exception {
    Tls tls = tls(false, false);
    assertThat(tls.provider()).isEqualTo("the JDK");
    SSLSocket socket = secure(listen(unlimited(), 10_000, false, tls), null, version);
    assertThat(ask(socket, "N")).endsWith(" nobody");
    assertThat(socket.getSession().getProtocol()).isEqualTo(version);
  }

  @Test
  void speaksNoVersionThatIsNotAllowed() throws Exception {
    Listener listener = listen(unlimited(), 10_000, false, tls(false, false, "TLSv1.3"));
    SSLSocket old = secure(listener, null, "TLSv1.2");
    assertThatThrownBy(old::startHandshake).isInstanceOf(IOException.class);
    assertThat(ask(secure(listener, null), "N")).endsWith(" nobody");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aVerifiedCertificateNamesThePeer(String version) throws Exception {
    Listener listener = listen(unlimited(), 10_000, false, tls(true, false));
    assertThat(ask(secure(listener, authority.issue("CN=ann"), version), "N")).endsWith(" CN=ann");
    assertThat(ask(secure(listener, null, version), "N")).endsWith(" nobody");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aCertificateFromElsewhereIsRefusedAndSoIsNoneWhereOneIsDemanded(String version)
      throws Exception {
    Listener listener = listen(unlimited(), 10_000, false, tls(true, true));
    TestCertificate stranger =
        TestCertificate.authority("CN=authority", Instant.now()).issue("CN=ann");
    refuses(secure(listener, stranger, version));
    refuses(secure(listener, null, version));
    TestCertificate expired = authority.issueEnded("CN=ann");
    refuses(secure(listener, expired, version));
    assertThat(ask(secure(listener, authority.issue("CN=ann"), version), "N")).endsWith(" CN=ann");
  }

  /// With TLS 1.3 a client learns of it when it reads.
  private static void refuses(Socket socket) {
    assertThatThrownBy(
            () -> {
              String answer = ask(socket, "N");
              throw new IOException("hung up on instead of answered: " + answer);
            })
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("CN=")
        .hasMessageNotContaining("nobody");
  }

  @Test
  void withoutVerifyNobodyIsAskedForACertificate() throws Exception {
    Listener listener = listen(unlimited(), 10_000, false, tls(false, false));
    assertThat(ask(secure(listener, authority.issue("CN=ann")), "N")).endsWith(" nobody");
  }

  @Test
  void theProxysHeaderStandsBeforeTls() throws Exception {
    Listener listener = listen(unlimited(), 10_000, true, tls(true, false));
    Socket plain = connect(listener);
    plain
        .getOutputStream()
        .write("PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n".getBytes(StandardCharsets.US_ASCII));
    Socket socket =
        closing(
            authority.client(null).getSocketFactory().createSocket(plain, "localhost", 1, true));
    assertThat(ask(socket, "N")).isEqualTo("/192.0.2.7:1 /192.0.2.1:2 nobody");
  }

  // --- changes of the files ---

  @Test
  void aNewCertificateServesNewConnectionsAndLeavesOpenOnes() throws Exception {
    Tls tls = tls(false, false);
    Listener listener = listen(unlimited(), 10_000, false, tls);
    SSLSocket before = secure(listener, null);
    ask(before, "NL");
    TestCertificate next = authority.issue("CN=localhost");
    write(next);
    tls.lookForChange();
    SSLSocket after = secure(listener, null);
    assertThat(ask(after, "N")).endsWith(" nobody");
    assertThat(presented(after)).isEqualTo(next.certificate());
    assertThat(presented(before)).isEqualTo(server.certificate());
    assertThat(ask(before, "N")).as("the connection from before").endsWith(" nobody");
  }

  @Test
  void filesThatCannotBeUsedLeaveWhatWasReadBefore() throws Exception {
    Tls tls = tls(false, false);
    Listener listener = listen(unlimited(), 10_000, false, tls);
    TestCertificate next = authority.issue("CN=localhost");
    write("cert.pem", next.certificatePem()); // and its key is not there yet
    tls.lookForChange();
    SSLSocket during = secure(listener, null);
    ask(during, "N");
    assertThat(presented(during)).isEqualTo(server.certificate());
    Files.delete(directory.resolve("key.pem"));
    tls.lookForChange();
    ask(secure(listener, null), "N");
    write("key.pem", next.keyPem());
    tls.lookForChange();
    SSLSocket after = secure(listener, null);
    ask(after, "N");
    assertThat(presented(after)).isEqualTo(next.certificate());
  }

  private static X509Certificate presented(SSLSocket socket) throws IOException {
    return (X509Certificate) socket.getSession().getPeerCertificates()[0];
  }

  // --- mistakes ---

  @Test
  void aMistakeIsNamedBeforeAnybodyConnects() throws Exception {
    TlsOptions options = options(true, false, List.of());
    write("key.pem", authority.issue("CN=another").keyPem());
    assertThatThrownBy(() -> Tls.open(options))
        .hasMessageContaining("key.pem")
        .hasMessageContaining("is not the key of the certificate");
    write("key.pem", server.keyPem());
    write("ca.pem", server.keyPem());
    assertThatThrownBy(() -> Tls.open(options))
        .hasMessageContaining("ca.pem")
        .hasMessageContaining("holds no certificate");
    TlsOptions unknownCipher =
        new TlsOptions(
            options.certFile(),
            options.keyFile(),
            null,
            null,
            false,
            false,
            List.of(),
            List.of("ROT13"));
    assertThatThrownBy(() -> Tls.open(unknownCipher))
        .hasMessageContaining("ssl_options.ciphers: 'ROT13' is not known");
    assertThat(unknownCipher.toString()).doesNotContain("keyPassword");
  }

  @Test
  void hangsUpOnWhoSpeaksPlainly() throws Exception {
    Listener listener = listen(unlimited(), 60_000, false, tls(false, false));
    Socket socket = connect(listener);
    socket.getOutputStream().write(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1});
    expectEnd(socket);
  }

  @Test
  void aTlsHandshakeCountsAgainstTheTimeOfTheWhole() throws Exception {
    Listener listener = listen(unlimited(), 300, false, tls(false, false));
    expectEnd(connect(listener));
    Socket begun = connect(listener);
    begun.getOutputStream().write(new byte[] {0x16, 3, 1, 1, 0});
    expectEnd(begun);
    SSLSocket silent = secure(listener, null);
    silent.startHandshake();
    expectEnd(silent);
    SSLSocket loggedIn = secure(listener, null);
    ask(loggedIn, "NL");
    SSLSocket later = secure(listener, null);
    later.startHandshake();
    expectEnd(later);
    assertThat(ask(loggedIn, "N")).as("who has logged in may be silent").isNotNull();
  }

  @Test
  void saysGoodbyeToWhoSaysGoodbye() throws Exception {
    Listener listener = listen(unlimited(), 60_000, false, tls(false, false));
    Socket plain = connect(listener);
    Socket socket =
        closing(
            authority.client(null).getSocketFactory().createSocket(plain, "localhost", 1, false));
    ask(socket, "NL");
    socket.shutdownOutput(); // close_notify
    assertThat(socket.getInputStream().read()).as("an orderly end").isEqualTo(-1);
    expectEnd(plain);
  }

  // --- limits ---

  @Test
  void halfOpenConnectionsAreBoundedOverAllListeners() throws Exception {
    Admission admission = new Admission(Integer.MAX_VALUE, 4);
    Listener encrypted = listen(admission, 60_000, false, tls(false, false));
    Listener plain = listen(admission, 60_000, false, null);
    List<Socket> waiting = new ArrayList<>();
    waiting.add(connect(encrypted));
    waiting.add(connect(plain));
    SSLSocket secured = secure(encrypted, null);
    secured.startHandshake();
    Socket named = connect(plain);
    ask(named, "N");
    expectEnd(connect(plain));
    expectEnd(connect(encrypted));
    ask(named, "L"); // is half open no more
    assertThat(ask(connect(plain), "N")).isNotNull();
    expectEnd(connect(plain));
    waiting.getFirst().close();
    awaitServed(plain);
  }

  @Test
  void connectionsAreBoundedOverAllListeners() throws Exception {
    Admission admission = new Admission(2, Integer.MAX_VALUE);
    Listener encrypted = listen(admission, 60_000, false, tls(false, false));
    Listener plain = listen(admission, 60_000, false, null);
    SSLSocket first = secure(encrypted, null);
    ask(first, "NL");
    ask(connect(plain), "NL");
    expectEnd(connect(plain));
    first.close();
    awaitServed(plain);
  }

  /// What a closed connection held is free when its loop has seen the end.
  private void awaitServed(Listener listener) throws IOException {
    long deadline = System.nanoTime() + PATIENCE_MS * 1_000_000L;
    while (true) {
      try {
        if (ask(connect(listener), "N") != null) {
          return;
        }
      } catch (IOException refused) {
        assertThat(refused).isInstanceOf(java.net.SocketException.class);
      }
      assertThat(System.nanoTime()).as("still refused").isLessThan(deadline);
    }
  }
}
