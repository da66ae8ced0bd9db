package holdfast.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// TLS of a broker's listeners: certificate, key and authorities from their files, and again when
/// these have changed. Connections that are open keep what they began with.
///
/// Event loops ask for handlers, one timer thread looks for changes. Both hold this object's
/// monitor for the moment in which the context changes hands, since a context of BoringSSL must not
/// be freed under a handshake that is about to begin; files are read outside.
public final class Tls implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
  private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  private final TlsOptions options;
  private SslContext context;

  /// Of the files when they were read last, well or not. The timer's alone, once open.
  private List<Stamp> stamps;

  /// Tells one state of a file from the next; none when there is no such file.
  private record Stamp(@Nullable FileTime modified, long bytes, @Nullable Object key) {}

  private Tls(TlsOptions options, SslContext context, List<Stamp> stamps) {
    this.options = options;
    this.context = context;
    this.stamps = stamps;
  }

  /// Reads the files.
  ///
  /// @throws IOException if they cannot be used: it says which and why
  public static Tls open(TlsOptions options) throws IOException {
    List<Stamp> stamps = stamps(options);
    return new Tls(options, load(options), stamps);
  }

  /// What encrypts, for the log.
  public String provider() {
    return provide() == SslProvider.JDK ? "the JDK" : OpenSsl.versionString();
  }

  private static SslProvider provide() {
    return OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
  }

  /// For one new connection. How long its handshake may take is the business of [HalfOpen].
  synchronized SslHandler handler(ByteBufAllocator allocator) {
    SslHandler handler = context.newHandler(allocator);
    handler.setHandshakeTimeoutMillis(0);
    return handler;
  }

  /// Reads the files again if one of them has changed; called every few seconds, by one thread.
  /// Files that cannot be used are a warning, once, and what was read before goes on.
  public void lookForChange() {
    List<Stamp> now = stamps(options);
    if (now.equals(stamps)) {
      return;
    }
    stamps = now;
    try {
      replace(load(options));
      LOG.info("TLS: the certificate of {} is in use for new connections", options.certFile());
    } catch (IOException unusable) {
      LOG.warn(
          "TLS: the files have changed and what was read before stays in use: {}",
          unusable.getMessage());
    }
  }

  private void replace(SslContext next) {
    SslContext last;
    synchronized (this) {
      last = context;
      context = next;
    }
    ReferenceCountUtil.release(last); // open connections hold it until they end
  }

  /// No handler is asked for any more.
  @Override
  public synchronized void close() {
    ReferenceCountUtil.release(context);
  }

  // --- reading ---

  private static List<Stamp> stamps(TlsOptions options) {
    List<Stamp> stamps = new ArrayList<>();
    Path authorities = options.caFile();
    stamps.add(stamp(options.certFile()));
    stamps.add(stamp(options.keyFile()));
    if (authorities != null) {
      stamps.add(stamp(authorities));
    }
    return stamps;
  }

  private static Stamp stamp(Path file) {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(found.lastModifiedTime(), found.size(), found.fileKey());
    } catch (IOException gone) {
      return new Stamp(null, 0, null); // reading it says why
    }
  }

  private static SslContext load(TlsOptions options) throws IOException {
    List<X509Certificate> chain = Pem.certificates(options.certFile());
    PrivateKey key = PemKey.read(options.keyFile(), options.keyPassword());
    requireMatch(key, chain.getFirst(), options);
    warnIfNotValid(chain.getFirst(), options.certFile());
    SslContextBuilder builder =
        SslContextBuilder.forServer(key, chain)
            .sslProvider(provide())
            .protocols(options.versions().isEmpty() ? VERSIONS : options.versions());
    if (!options.ciphers().isEmpty()) {
      builder.ciphers(ciphers(options.ciphers()));
    }
    Path authorities = options.caFile();
    if (options.verifyPeer() && authorities != null) {
      builder.trustManager(Pem.certificates(authorities));
      builder.clientAuth(options.failIfNoPeerCert() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
    }
    try {
      SslContext context = builder.build();
      ReferenceCountUtil.release(context.newEngine(ByteBufAllocator.DEFAULT)); // it can be made
      return context;
    } catch (IOException | RuntimeException refused) {
      throw new IOException(
          "cannot serve TLS with " + options.certFile() + ": " + refused.getMessage(), refused);
    }
  }

  /// A certificate with another's key would fail every handshake, long after the start.
  private static void requireMatch(PrivateKey key, X509Certificate certificate, TlsOptions options)
      throws IOException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    byte[] probe = {1, 2, 3, 4};
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(probe);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(probe);
      if (signature.verify(signed)) {
        return;
      }
    } catch (GeneralSecurityException anotherKind) {
      LOG.debug("key and certificate", anotherKind);
    }
    throw Pem.refused(
        options.keyFile(), "it is not the key of the certificate in " + options.certFile());
  }

  private static void warnIfNotValid(X509Certificate certificate, Path file) {
    try {
      certificate.checkValidity();
    } catch (CertificateException notNow) {
      LOG.warn("TLS: clients will refuse the certificate in {}: {}", file, notNow.getMessage());
    }
  }

  private static List<String> ciphers(List<String> names) throws IOException {
    List<String> known =
        provide() == SslProvider.JDK
            ? List.of(supportedByJdk())
            : List.copyOf(OpenSsl.availableJavaCipherSuites());
    List<String> suites = new ArrayList<>();
    for (String name : names) {
      String suite = CipherName.iana(name);
      if (!known.contains(suite)) {
        throw new IOException(
            "ssl_options.ciphers: '" + name + "' is not known here; known are " + known);
      }
      suites.add(suite);
    }
    return suites;
  }

  private static String[] supportedByJdk() throws IOException {
    try {
      return SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites();
    } catch (GeneralSecurityException none) {
      throw new IOException("the JDK has no TLS: " + none.getMessage(), none);
    }
  }
}
