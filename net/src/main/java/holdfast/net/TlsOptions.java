package holdfast.net;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How listeners encrypt, and whom they ask for a certificate.
///
/// @param certFile the broker's certificate, PEM, and behind it those between it and the root
/// @param keyFile its private key, PEM
/// @param keyPassword what the key is encrypted with; null for a plain one
/// @param caFile authorities that clients' certificates must come from, PEM; null without verify
/// @param verifyPeer whether clients are asked for a certificate, which then must be a good one
/// @param failIfNoPeerCert whether a client without one is refused
/// @param versions TLS versions by their Java names; empty for 1.2 and 1.3
/// @param ciphers cipher suites by their OpenSSL or IANA names; empty for the library's choice
public record TlsOptions(
    Path certFile,
    Path keyFile,
    @Nullable String keyPassword,
    @Nullable Path caFile,
    boolean verifyPeer,
    boolean failIfNoPeerCert,
    List<String> versions,
    List<String> ciphers) {

  /// Without the password: records end up in logs.
  @Override
  public String toString() {
    return ("TlsOptions[certFile=" + certFile + ", keyFile=" + keyFile + ", caFile=" + caFile)
        + (", verifyPeer=" + verifyPeer + ", failIfNoPeerCert=" + failIfNoPeerCert)
        + (", versions=" + versions + ", ciphers=" + ciphers + "]");
  }
}
