package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.net.CertificateLogin;
import holdfast.net.TlsOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class TlsSettingsTest {
  private static final String[] FILES = {
    "ssl_options.certfile = /tls/cert.pem",
    "ssl_options.keyfile = /tls/key.pem",
    "ssl_options.cacertfile = /tls/ca.pem"
  };

  @Test
  void aListenerWithTlsStandsBesideThePlainOne() throws ConfigRefused {
    Settings settings = settings("listeners.ssl.default = 5671", "bind = 127.0.0.1");
    assertThat(settings.listeners()).containsExactly(new ListenAddress("127.0.0.1", 5672));
    assertThat(settings.encryption().listeners())
        .containsExactly(new ListenAddress("127.0.0.1", 5671));
    assertThat(settings.encryption().options())
        .contains(
            new TlsOptions(
                Path.of("/tls/cert.pem"),
                Path.of("/tls/key.pem"),
                null,
                Path.of("/tls/ca.pem"),
                false,
                false,
                List.of(),
                List.of()));
  }

  @Test
  void thePlainListenerCanBeLeftOut() throws ConfigRefused {
    Settings settings = settings("listeners.tcp = none", "listeners.ssl.1 = [::1]:5671");
    assertThat(settings.listeners()).isEmpty();
    assertThat(settings.encryption().listeners()).containsExactly(new ListenAddress("::1", 5671));
    refuses("nobody could connect", "listeners.tcp = none");
    refuses("leave one of them out", "listeners.tcp = none", "listeners.tcp.1 = 1");
  }

  @Test
  void optionsAreThoseOfRabbitMq() throws ConfigRefused {
    Settings.Encryption encryption =
        settings(
                "listeners.ssl.default = 5671",
                "ssl_options.verify = verify_peer",
                "ssl_options.fail_if_no_peer_cert = true",
                "ssl_options.password = hush",
                "ssl_options.versions.1 = tlsv1.3",
                "ssl_options.versions.2 = tlsv1.2",
                "ssl_options.ciphers.1 = ECDHE-RSA-AES256-GCM-SHA384",
                "ssl_cert_login_from = subject_alternative_name",
                "ssl_cert_login_san_type = email",
                "ssl_cert_login_san_index = 1")
            .encryption();
    TlsOptions options = encryption.options().orElseThrow();
    assertThat(options.verifyPeer()).isTrue();
    assertThat(options.failIfNoPeerCert()).isTrue();
    assertThat(options.keyPassword()).isEqualTo("hush");
    assertThat(options.versions()).containsExactly("TLSv1.3", "TLSv1.2");
    assertThat(options.ciphers()).containsExactly("ECDHE-RSA-AES256-GCM-SHA384");
    assertThat(encryption.login())
        .isEqualTo(
            new CertificateLogin(
                CertificateLogin.From.SUBJECT_ALTERNATIVE_NAME, CertificateLogin.SanType.EMAIL, 1));
    assertThat(encryption.toString()).doesNotContain("hush");
  }

  @Test
  void mistakesBetweenKeysAreNamedAllAtOnce() {
    assertThatThrownBy(
            () -> plain("listeners.ssl.1 = 1", "ssl_options.fail_if_no_peer_cert = true"))
        .hasMessageContaining("needs ssl_options.certfile")
        .hasMessageContaining("needs ssl_options.keyfile")
        .hasMessageContaining("needs ssl_options.verify = verify_peer");
    assertThatThrownBy(() -> plain("listeners.ssl.1 = 1", "ssl_options.verify = verify_peer"))
        .hasMessageContaining("needs ssl_options.cacertfile");
    refuses("one of tlsv1.2, tlsv1.3", "ssl_options.versions.1 = tlsv1.1");
    refuses("one of verify_none, verify_peer", "ssl_options.verify = yes");
  }

  @Test
  void aPasswordThatIsRefusedIsNotShown() {
    assertThatThrownBy(() -> plain("ssl_options.password = " + "hush".repeat(100)))
        .hasMessageContaining("ssl_options.password: expected")
        .hasMessageNotContaining("hush");
  }

  @Test
  void whoNamesAPortMeansThatOneOnly() throws ConfigRefused {
    ServeArguments arguments =
        ServeArguments.parsePlain("--port", "1", "--set", "listeners.ssl.x=2").orElseThrow();
    Config config = arguments.load();
    assertThat(config.family(ConfigKeys.TLS_LISTENERS)).as("of --set, which is later").hasSize(1);
  }

  private static void refuses(String why, String... lines) {
    assertThatThrownBy(() -> settings(lines))
        .isInstanceOf(ConfigRefused.class)
        .hasMessageContaining(why);
  }

  private static Settings plain(String... lines) throws ConfigRefused {
    return SettingsReader.read(Config.of(ConfigFile.parse(List.of(lines), "broker.conf")));
  }

  private static Settings settings(String... lines) throws ConfigRefused {
    List<String> all = new java.util.ArrayList<>(List.of(FILES));
    all.addAll(List.of(lines));
    return plain(all.toArray(String[]::new));
  }
}
