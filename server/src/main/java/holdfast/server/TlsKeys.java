package holdfast.server;

import java.nio.file.Path;

/// The settings of TLS, by RabbitMQ's names. Part of [ConfigKeys].
final class TlsKeys {
  static final ConfigKey<Path> CA_FILE =
      new ConfigKey<>(
          "ssl_options.cacertfile",
          new ValueType.PemFile(),
          "",
          "Certificates, PEM, of the authorities that clients' certificates must come from.");
  static final ConfigKey<Path> CERT_FILE =
      new ConfigKey<>(
          "ssl_options.certfile",
          new ValueType.PemFile(),
          "",
          "The broker's certificate, PEM, and behind it those between it and the root. Read again when"
              + " it changes.");
  static final ConfigKey<Path> KEY_FILE =
      new ConfigKey<>(
          "ssl_options.keyfile",
          new ValueType.PemFile(),
          "",
          "Private key of that certificate, PEM.");
  static final ConfigKey<String> KEY_PASSWORD =
      new ConfigKey<>(
          "ssl_options.password",
          new ValueType.Text(),
          "",
          "What the private key is encrypted with.");
  static final ConfigKey<String> VERIFY =
      new ConfigKey<>(
          "ssl_options.verify",
          new ValueType.OneOf("verify_none", "verify_peer"),
          "verify_none",
          "Whether clients are asked for a certificate, which must then come from one of"
              + " `ssl_options.cacertfile`.");
  static final ConfigKey<Boolean> FAIL_IF_NO_PEER_CERT =
      new ConfigKey<>(
          "ssl_options.fail_if_no_peer_cert",
          new ValueType.Flag(),
          "false",
          "With `verify_peer`, whether a client without a certificate is refused.");
  static final ConfigKey<String> VERSIONS =
      new ConfigKey<>(
          "ssl_options.versions.<name>",
          new ValueType.OneOf("tlsv1.2", "tlsv1.3"),
          "",
          "Versions of TLS that are spoken, one a name: `ssl_options.versions.1 = tlsv1.3`. Both if none"
              + " is given.");
  static final ConfigKey<String> CIPHERS =
      new ConfigKey<>(
          "ssl_options.ciphers.<name>",
          new ValueType.Text(),
          "",
          "Cipher suites that are allowed, one a name, as OpenSSL or IANA call them; the library's"
              + " choice if none is given.");
  static final ConfigKey<String> LOGIN_FROM =
      new ConfigKey<>(
          "ssl_cert_login_from",
          new ValueType.OneOf("distinguished_name", "common_name", "subject_alternative_name"),
          "distinguished_name",
          "What in a client's certificate is the name of its user, for the mechanism EXTERNAL.");
  static final ConfigKey<String> LOGIN_SAN_TYPE =
      new ConfigKey<>(
          "ssl_cert_login_san_type",
          new ValueType.OneOf("dns", "ip", "email", "uri"),
          "dns",
          "With `subject_alternative_name`, the kind of name that counts.");
  static final ConfigKey<Integer> LOGIN_SAN_INDEX =
      new ConfigKey<>(
          "ssl_cert_login_san_index",
          new ValueType.Count(0, 1000, false),
          "0",
          "With `subject_alternative_name`, which one of that kind, from 0.");

  private TlsKeys() {}
}
