package holdfast.testkit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/// A certificate and its key, made when a test asks: none that is kept in files could end on the
/// day a test is run. Elliptic curve P-256, good for an hour.
///
/// Written octet by octet, since the JDK reads certificates and signs, but makes none: RFC 5280, as
/// much of it as TLS looks at.
public record TestCertificate(X509Certificate certificate, KeyPair keys) {
  private static final Duration LIFE = Duration.ofMinutes(30);
  private static final DateTimeFormatter UTC_TIME =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  private static final byte[] VERSION_3 = hex("a003020102");
  private static final byte[] ECDSA_SHA256 = hex("300a06082a8648ce3d040302");
  private static final byte[] IS_AUTHORITY = hex("300f0603551d130101ff040530030101ff");
  private static final byte[] ALTERNATIVE_NAMES = hex("0603551d11");

  /// An alternative name of the subject, by its tag: 1 mail, 2 DNS, 6 URI.
  public record Alternative(int tag, String name) {}

  /// One that signs itself and others, good around this time.
  public static TestCertificate authority(String subject, Instant now) {
    return make(subject, null, List.of(), now);
  }

  /// One signed by this, for a server called `localhost` or a client.
  public TestCertificate issue(String subject) {
    return issue(subject, List.of(new Alternative(2, "localhost")));
  }

  public TestCertificate issue(String subject, List<Alternative> names) {
    return make(subject, this, names, middle());
  }

  /// One that ended a while ago.
  public TestCertificate issueEnded(String subject) {
    return make(subject, this, List.of(), middle().minus(LIFE.multipliedBy(3)));
  }

  private Instant middle() {
    return certificate.getNotBefore().toInstant().plus(LIFE);
  }

  // --- what programs read ---

  public String certificatePem() {
    return pem("CERTIFICATE", encoded());
  }

  public String keyPem() {
    return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
  }

  private static String pem(String label, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }

  /// `cert.pem`, `key.pem` and, of who signed it, `ca.pem`.
  public void write(Path directory, TestCertificate authority) throws IOException {
    Files.writeString(directory.resolve("key.pem"), keyPem());
    Files.writeString(directory.resolve("cert.pem"), certificatePem());
    Files.writeString(directory.resolve("ca.pem"), authority.certificatePem());
  }

  /// A client's side of TLS that trusts this authority.
  ///
  /// @param own what it shows of itself; null for nothing
  public SSLContext client(@Nullable TestCertificate own) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("authority", certificate);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      KeyManagerFactory shown =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      KeyStore mine = KeyStore.getInstance("PKCS12");
      mine.load(null, null);
      char[] password = "-".toCharArray();
      if (own != null) {
        Certificate[] chain = {own.certificate};
        mine.setKeyEntry("own", own.keys.getPrivate(), password, chain);
      }
      shown.init(mine, password);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(shown.getKeyManagers(), trust.getTrustManagers(), new SecureRandom());
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] encoded() {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  // --- making ---

  private static TestCertificate make(
      String subject, @Nullable TestCertificate by, List<Alternative> names, Instant middle) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair keys = generator.generateKeyPair();
      X500Principal own = new X500Principal(subject);
      X500Principal issuer = by == null ? own : by.certificate.getSubjectX500Principal();
      byte[] signed =
          der(
              0x30,
              VERSION_3,
              der(0x02, new BigInteger(63, new SecureRandom()).toByteArray()),
              ECDSA_SHA256,
              issuer.getEncoded(),
              der(0x30, time(middle.minus(LIFE)), time(middle.plus(LIFE))),
              own.getEncoded(),
              keys.getPublic().getEncoded(),
              extensions(by == null, names));
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign((by == null ? keys : by.keys).getPrivate());
      signature.update(signed);
      byte[] whole = der(0x30, signed, ECDSA_SHA256, der(0x03, new byte[1], signature.sign()));
      return new TestCertificate(
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(whole)),
          keys);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] extensions(boolean authority, List<Alternative> names) {
    if (authority) {
      return der(0xA3, der(0x30, IS_AUTHORITY));
    }
    if (names.isEmpty()) {
      return new byte[0];
    }
    byte[][] written = new byte[names.size()][];
    for (int i = 0; i < written.length; i++) {
      Alternative name = names.get(i);
      written[i] = der(0x80 | name.tag, name.name.getBytes(StandardCharsets.US_ASCII));
    }
    return der(0xA3, der(0x30, der(0x30, ALTERNATIVE_NAMES, der(0x04, der(0x30, written)))));
  }

  private static byte[] time(Instant moment) {
    return der(0x17, UTC_TIME.format(moment).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] der(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.size();
    if (length > 0xFF) {
      out.write(0x82);
      out.write(length >> 8);
    } else if (length > 0x7F) {
      out.write(0x81);
    }
    out.write(length);
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }
}
