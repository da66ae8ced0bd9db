package holdfast.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/// Reads a private key in the forms that tools write: PKCS#8, plain or encrypted, and the older
/// ones of RSA (PKCS#1) and of elliptic curves (SEC 1), which the JDK reads once PKCS#8 is put
/// around them.
final class PemKey {
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

  /// `AlgorithmIdentifier` of RSA, with its NULL.
  private static final String RSA = "300d06092a864886f70d0101010500";

  /// The object identifier of elliptic-curve keys.
  private static final String EC = "06072a8648ce3d0201";

  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;
  private static final int EC_PARAMETERS = 0xA0;

  private PemKey() {}

  static PrivateKey read(Path file, @Nullable String password) throws IOException {
    for (Pem.Block block : Pem.blocks(file)) {
      switch (block.label()) {
        case "PRIVATE KEY" -> {
          return key(block.bytes(file), file);
        }
        case "ENCRYPTED PRIVATE KEY" -> {
          return key(decrypted(block.bytes(file), file, password), file);
        }
        case "RSA PRIVATE KEY" -> {
          return key(wrapped(HexFormat.of().parseHex(RSA), plain(block, file)), file);
        }
        case "EC PRIVATE KEY" -> {
          byte[] sec1 = plain(block, file);
          byte[] curve = curve(sec1, file);
          byte[] algorithm = der(SEQUENCE, HexFormat.of().parseHex(EC), curve);
          return key(wrapped(algorithm, sec1), file);
        }
        default -> {
          // such as the certificate, or EC PARAMETERS, which stand in the key as well
        }
      }
    }
    throw Pem.refused(file, "it holds no private key ('-----BEGIN PRIVATE KEY-----')");
  }

  private static byte[] plain(Pem.Block block, Path file) throws IOException {
    if (block.text().contains("ENCRYPTED")) {
      throw Pem.refused(
          file,
          "its key is encrypted in OpenSSL's old way; convert it: openssl pkcs8 -topk8 -v2 aes256"
              + " -in "
              + file
              + " -out new-key.pem");
    }
    return block.bytes(file);
  }

  private static PrivateKey key(byte[] pkcs8, Path file) throws IOException {
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (GeneralSecurityException another) {
        continue; // of another algorithm
      }
    }
    throw Pem.refused(file, "its private key is damaged, or neither RSA, EC nor Ed25519");
  }

  private static byte[] decrypted(byte[] encrypted, Path file, @Nullable String password)
      throws IOException {
    if (password == null) {
      throw Pem.refused(file, "its key is encrypted, and ssl_options.password is not set");
    }
    try {
      EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(encrypted);
      AlgorithmParameters parameters = info.getAlgParameters();
      String name = info.getAlgName();
      boolean named = !name.equals("PBES2") && !name.startsWith("1.2.");
      String algorithm = named || parameters == null ? name : parameters.toString();
      Cipher cipher = Cipher.getInstance(algorithm);
      PBEKeySpec secret = new PBEKeySpec(password.toCharArray());
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(algorithm).generateSecret(secret),
          parameters);
      return info.getKeySpec(cipher).getEncoded();
    } catch (GeneralSecurityException | IOException wrong) {
      throw Pem.refused(
          file, "its key cannot be decrypted; is ssl_options.password right? (" + wrong + ")");
    }
  }

  // --- DER, as little as it takes ---

  /// `PrivateKeyInfo`: version 0, the algorithm, the key in its own encoding.
  private static byte[] wrapped(byte[] algorithm, byte[] key) {
    return der(SEQUENCE, new byte[] {0x02, 0x01, 0x00}, algorithm, der(OCTET_STRING, key));
  }

  private static byte[] der(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.size();
    if (length < 0x80) {
      out.write(length);
    } else {
      int octets = length > 0xFFFF ? 3 : length > 0xFF ? 2 : 1;
      out.write(0x80 | octets);
      for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) {
        out.write(length >> shift);
      }
    }
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  /// The curve of a SEC 1 key: what stands in its element `[0]`, behind version and key.
  private static byte[] curve(byte[] sec1, Path file) throws IOException {
    try {
      int at = sec1[1] < 0 ? 2 + (sec1[1] & 0x7F) : 2; // into the sequence
      while ((sec1[at] & 0xFF) != EC_PARAMETERS) {
        at += 2 + (sec1[at + 1] & 0x7F); // of these none is longer than 127
      }
      byte[] curve = new byte[sec1[at + 1]];
      System.arraycopy(sec1, at + 2, curve, 0, curve.length);
      return curve;
    } catch (IndexOutOfBoundsException | NegativeArraySizeException unnamed) {
      throw Pem.refused(
          file,
          "its EC key names no curve; convert it: openssl pkcs8 -topk8 -nocrypt -in "
              + file
              + " -out new-key.pem");
    }
  }
}
