package holdfast.net;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// OpenSSL's names of cipher suites, as RabbitMQ's configuration has them, to those of IANA, which
/// the JDK knows: `ECDHE-RSA-AES256-GCM-SHA384` is `TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384`. The
/// suites of TLS 1.3 have one name only.
final class CipherName {
  private static final Pattern OPENSSL =
      Pattern.compile(
          "(?:(ECDHE|DHE)-(RSA|ECDSA)-)?"
              + "(?:AES(128|256)-(GCM-)?(SHA256|SHA384|SHA)|(CHACHA20-POLY1305))");

  private CipherName() {}

  /// A name of another form stays as it is.
  static String iana(String name) {
    Matcher m = OPENSSL.matcher(name);
    if (!m.matches()) {
      return name;
    }
    String exchange = m.group(1) == null ? "RSA" : m.group(1) + "_" + m.group(2);
    String cipher =
        m.group(6) != null
            ? "CHACHA20_POLY1305_SHA256"
            : "AES_" + m.group(3) + (m.group(4) != null ? "_GCM_" : "_CBC_") + m.group(5);
    return "TLS_" + exchange + "_WITH_" + cipher;
  }
}
