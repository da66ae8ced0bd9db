package holdfast.server;

import holdfast.net.CertificateLogin;
import holdfast.net.TlsOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The part of [SettingsReader] that is about TLS, with the checks between its keys. Files are not
/// opened here.
final class TlsReader {
  private final Config config;
  private final List<String> problems = new ArrayList<>();

  TlsReader(Config config) {
    this.config = config;
  }

  Settings.Encryption read() throws ConfigRefused {
    List<ListenAddress> listeners = listeners();
    Optional<TlsOptions> options = listeners.isEmpty() ? Optional.empty() : Optional.of(options());
    if (listeners.isEmpty() && config.isGiven(ConfigKeys.NO_LISTENERS)) {
      problems.add(
          "listeners.tcp = none, and there is no listeners.ssl.<name>: nobody could connect");
    }
    if (!problems.isEmpty()) {
      throw new ConfigRefused(problems);
    }
    CertificateLogin login =
        new CertificateLogin(
            CertificateLogin.From.valueOf(constant(config.value(TlsKeys.LOGIN_FROM))),
            CertificateLogin.SanType.valueOf(constant(config.value(TlsKeys.LOGIN_SAN_TYPE))),
            config.value(TlsKeys.LOGIN_SAN_INDEX));
    return new Settings.Encryption(listeners, options, login);
  }

  private static String constant(String word) {
    return word.toUpperCase(Locale.ROOT);
  }

  private List<ListenAddress> listeners() {
    String bind = config.value(ConfigKeys.BIND);
    List<ListenAddress> listeners = new ArrayList<>();
    config.find(ConfigKeys.TLS_LISTENER).ifPresent(address -> listeners.add(address.orHost(bind)));
    config
        .family(ConfigKeys.TLS_LISTENERS)
        .values()
        .forEach(address -> listeners.add(address.orHost(bind)));
    return List.copyOf(listeners);
  }

  private TlsOptions options() {
    boolean verify = config.value(TlsKeys.VERIFY).equals("verify_peer");
    boolean demanded = config.value(TlsKeys.FAIL_IF_NO_PEER_CERT);
    Optional<Path> authorities = config.find(TlsKeys.CA_FILE).map(Path::toAbsolutePath);
    if (verify && authorities.isEmpty()) {
      problems.add(
          "ssl_options.verify = verify_peer needs ssl_options.cacertfile, the authorities to trust");
    }
    if (demanded && !verify) {
      problems.add(
          "ssl_options.fail_if_no_peer_cert = true needs ssl_options.verify = verify_peer");
    }
    List<String> versions =
        config.family(TlsKeys.VERSIONS).values().stream()
            .distinct()
            .map(version -> version.replace("tlsv", "TLSv"))
            .toList();
    return new TlsOptions(
        needed(TlsKeys.CERT_FILE),
        needed(TlsKeys.KEY_FILE),
        config.find(TlsKeys.KEY_PASSWORD).orElse(null),
        authorities.orElse(null),
        verify,
        demanded,
        versions,
        List.copyOf(config.family(TlsKeys.CIPHERS).values()));
  }

  private Path needed(ConfigKey<Path> key) {
    Optional<Path> given = config.find(key);
    if (given.isEmpty()) {
      problems.add("listeners.ssl needs " + key.name());
    }
    return given.orElse(Path.of("")).toAbsolutePath();
  }
}
