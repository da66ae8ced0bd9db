package holdfast.net;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.net.CertificateLogin.From;
import holdfast.net.CertificateLogin.SanType;
import holdfast.testkit.TestCertificate;
import holdfast.testkit.TestCertificate.Alternative;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CertificateLoginTest {
  @Test
  void theWholeSubjectIsWrittenAsRabbitMqWritesIt() {
    assertThat(CertificateLogin.DISTINGUISHED_NAME.user(certificate("O=Acme\\, Inc.,CN=ann")))
        .isEqualTo("O=Acme\\, Inc.,CN=ann");
    assertThat(
            CertificateLogin.DISTINGUISHED_NAME.user(
                certificate("CN=ann,1.2.840.113549.1.9.1=#160161")))
        .startsWith("CN=ann,EMAILADDRESS=");
  }

  @Test
  void theCommonNameIsReadWithoutItsEscapes() {
    assertThat(by(From.COMMON_NAME).user(certificate("CN=ann\\, of sales,O=Acme")))
        .isEqualTo("ann, of sales");
  }

  @Test
  void aNameThatOnlyLooksLikeACommonNameIsNone() {
    assertThat(by(From.COMMON_NAME).user(certificate("O=x\\,CN=admin"))).isNull();
  }

  @Test
  void anAlternativeNameIsChosenByKindAndIndex() {
    X509Certificate certificate =
        TestCertificate.authority("CN=authority", Instant.now())
            .issue(
                "CN=x",
                List.of(
                    new Alternative(2, "one.example"),
                    new Alternative(1, "ann@example"),
                    new Alternative(2, "two.example")))
            .certificate();
    assertThat(by(From.SUBJECT_ALTERNATIVE_NAME).user(certificate)).isEqualTo("one.example");
    assertThat(
            new CertificateLogin(From.SUBJECT_ALTERNATIVE_NAME, SanType.DNS, 1).user(certificate))
        .isEqualTo("two.example");
    assertThat(
            new CertificateLogin(From.SUBJECT_ALTERNATIVE_NAME, SanType.EMAIL, 0).user(certificate))
        .isEqualTo("ann@example");
    assertThat(
            new CertificateLogin(From.SUBJECT_ALTERNATIVE_NAME, SanType.DNS, 2).user(certificate))
        .isNull();
    assertThat(by(From.SUBJECT_ALTERNATIVE_NAME).user(certificate("CN=x"))).isNull();
  }

  @Test
  void cipherSuitesAreKnownByTheNamesOfOpenSsl() {
    assertThat(CipherName.iana("ECDHE-RSA-AES256-GCM-SHA384"))
        .isEqualTo("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
    assertThat(CipherName.iana("ECDHE-ECDSA-CHACHA20-POLY1305"))
        .isEqualTo("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
    assertThat(CipherName.iana("AES128-SHA")).isEqualTo("TLS_RSA_WITH_AES_128_CBC_SHA");
    assertThat(CipherName.iana("TLS_AES_256_GCM_SHA384")).isEqualTo("TLS_AES_256_GCM_SHA384");
  }

  private static CertificateLogin by(From from) {
    return new CertificateLogin(from, SanType.DNS, 0);
  }

  private static X509Certificate certificate(String subject) {
    return TestCertificate.authority(subject, Instant.now()).certificate();
  }
}
