package holdfast.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PemKeyTest {
  private static final PrivateKey RSA = rsa();
  private static final PrivateKey EC = ec();

  /// By `openssl pkcs8 -topk8 -v2 aes256`; its password is `right`.
  private static final String ENCRYPTED =
      """
      MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjuoTAbfXe8wQICCAAw
      DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEAGthlTX4TSQLkEElvZ2L0IEgZCs
      JSAJb4Y99VkCrhm0iEbxgZARGPCoKnTml85lXLUS4LPsbUgK7GTX/Hx6j4KqpFCL
      F7KqrMbz8w7wmBi52GJD1bQcW2+22RI/Usz0LWnhgaKI13gFyrKpjalvimgrOqSQ
      x3wPjv/i98E1ydTV9s9iBnQyY+qNnELnDTtXj/sWZ7GORmlnC0b8ZZSflkLfHwg=
      """;

  @TempDir Path directory;

  @Test
  void readsPkcs8() throws Exception {
    assertThat(PemKey.read(file("PRIVATE KEY", RSA.getEncoded()), null)).isEqualTo(RSA);
    assertThat(PemKey.read(file("PRIVATE KEY", EC.getEncoded()), null)).isEqualTo(EC);
    PrivateKey edwards = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate();
    assertThat(PemKey.read(file("PRIVATE KEY", edwards.getEncoded()), null)).isEqualTo(edwards);
  }

  @Test
  void readsTheOldFormOfRsa() throws Exception {
    byte[] pkcs8 = RSA.getEncoded();
    byte[] pkcs1 = Arrays.copyOfRange(pkcs8, 26, pkcs8.length); // behind the algorithm
    PrivateKey read = PemKey.read(file("RSA PRIVATE KEY", pkcs1), null);
    assertThat(((RSAPrivateKey) read).getPrivateExponent())
        .isEqualTo(((RSAPrivateKey) RSA).getPrivateExponent());
  }

  @Test
  void readsTheOldFormOfEllipticCurves() throws Exception {
    byte[] secret = HexFormat.of().parseHex("11".repeat(32));
    byte[] curve = HexFormat.of().parseHex("a00a06082a8648ce3d030107"); // [0] prime256v1
    byte[] sec1 = concat(HexFormat.of().parseHex("30310201010420"), secret, curve);
    ECPrivateKey read = (ECPrivateKey) PemKey.read(file("EC PRIVATE KEY", sec1), null);
    assertThat(HexFormat.of().formatHex(read.getS().toByteArray())).isEqualTo("11".repeat(32));
  }

  @Test
  void decryptsWithTheRightPasswordOnly() throws Exception {
    Path file = file("ENCRYPTED PRIVATE KEY", Base64.getMimeDecoder().decode(ENCRYPTED));
    assertThat(PemKey.read(file, "right").getAlgorithm()).isEqualTo("EC");
    assertThatThrownBy(() -> PemKey.read(file, "wrong"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("is ssl_options.password right?")
        .hasMessageNotContaining("wrong'");
    assertThatThrownBy(() -> PemKey.read(file, null))
        .hasMessageContaining("ssl_options.password is not set");
  }

  @Test
  void namesTheFileAndTheReasonOfWhatItCannotRead() throws Exception {
    Path none = directory.resolve("none.pem");
    assertThatThrownBy(() -> PemKey.read(none, null))
        .hasMessage("cannot use " + none + " for TLS: no such file");
    assertThatThrownBy(() -> PemKey.read(file("CERTIFICATE", new byte[9]), null))
        .hasMessageContaining("holds no private key");
    assertThatThrownBy(() -> PemKey.read(file("PRIVATE KEY", new byte[90]), null))
        .hasMessageContaining("its private key is damaged");
    assertThatThrownBy(() -> PemKey.read(file("EC PRIVATE KEY", new byte[90]), null))
        .hasMessageContaining("names no curve");
    Path text = Files.writeString(directory.resolve("text.pem"), "not PEM");
    assertThatThrownBy(() -> PemKey.read(text, null)).hasMessageContaining("holds no PEM block");
    assertThatThrownBy(() -> Pem.certificates(file("CERTIFICATE", new byte[90])))
        .hasMessageContaining("a certificate in it cannot be read");
  }

  private Path file(String label, byte[] der) throws IOException {
    String body = Base64.getMimeEncoder().encodeToString(der);
    return Files.writeString(
        directory.resolve("key.pem"),
        "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n");
  }

  private static byte[] concat(byte[]... parts) {
    return HexFormat.of()
        .parseHex(Arrays.stream(parts).map(HexFormat.of()::formatHex).reduce("", String::concat));
  }

  private static PrivateKey rsa() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair().getPrivate();
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static PrivateKey ec() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair().getPrivate();
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
