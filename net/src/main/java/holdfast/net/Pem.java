package holdfast.net;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A file of PEM blocks, read whole. Every failure names the file and what to do.
final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s(.*?)-----END \\1-----", Pattern.DOTALL);
  private static final long FILE_BYTES_MAX = 8L << 20;

  /// @param label such as `CERTIFICATE`
  /// @param text what stands between the marks: base64, and for old encrypted keys headers before
  record Block(String label, String text) {
    byte[] bytes(Path file) throws IOException {
      try {
        return Base64.getMimeDecoder().decode(text.getBytes(StandardCharsets.US_ASCII));
      } catch (IllegalArgumentException broken) {
        throw refused(file, "its " + label + " block is not base64: " + broken.getMessage());
      }
    }
  }

  private Pem() {}

  static List<Block> blocks(Path file) throws IOException {
    String text;
    try {
      if (Files.size(file) > FILE_BYTES_MAX) {
        throw refused(file, "it is larger than any certificate file; is it the right one?");
      }
      text = Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException missing) {
      throw refused(file, "no such file");
    } catch (AccessDeniedException denied) {
      throw refused(file, "permission denied; the broker's user must be able to read it");
    }
    List<Block> blocks = new ArrayList<>();
    for (Matcher m = BLOCK.matcher(text); m.find(); ) {
      blocks.add(new Block(m.group(1), m.group(2)));
    }
    if (blocks.isEmpty()) {
      throw refused(file, "it holds no PEM block ('-----BEGIN ...-----')");
    }
    return blocks;
  }

  /// All certificates of a file, in its order; at least one.
  static List<X509Certificate> certificates(Path file) throws IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Block block : blocks(file)) {
      if (block.label().equals("CERTIFICATE")) {
        certificates.add(certificate(block.bytes(file), file));
      }
    }
    if (certificates.isEmpty()) {
      throw refused(file, "it holds no certificate ('-----BEGIN CERTIFICATE-----')");
    }
    return certificates;
  }

  private static X509Certificate certificate(byte[] der, Path file) throws IOException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (GeneralSecurityException broken) {
      throw refused(file, "a certificate in it cannot be read: " + broken.getMessage());
    }
  }

  static IOException refused(Path file, String why) {
    return new IOException("cannot use " + file + " for TLS: " + why);
  }
}
