package holdfast.net;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/// Which name in a client's certificate is the name of its user.
///
/// @param from where in the certificate it stands
/// @param sanType of the subject's alternative names, the kind that counts
/// @param sanIndex and which of that kind, from 0
public record CertificateLogin(From from, SanType sanType, int sanIndex) {
  /// The whole subject, its common name, or one of its alternative names.
  public enum From {
    DISTINGUISHED_NAME,
    COMMON_NAME,
    SUBJECT_ALTERNATIVE_NAME
  }

  /// Kinds of alternative names, by the numbers of RFC 5280.
  public enum SanType {
    EMAIL(1),
    DNS(2),
    URI(6),
    IP(7);

    private final int tag;

    SanType(int tag) {
      this.tag = tag;
    }
  }

  /// What RFC 2253 has no word for and certificates have, as RabbitMQ writes it.
  private static final Map<String, String> WORDS =
      Map.of(
          "1.2.840.113549.1.9.1", "EMAILADDRESS",
          "2.5.4.4", "SN",
          "2.5.4.5", "SERIALNUMBER",
          "2.5.4.12", "TITLE",
          "2.5.4.42", "GIVENNAME");

  public static final CertificateLogin DISTINGUISHED_NAME =
      new CertificateLogin(From.DISTINGUISHED_NAME, SanType.DNS, 0);

  /// The user's name; null when the certificate does not have it.
  public @Nullable String user(X509Certificate certificate) {
    String name =
        switch (from) {
          case DISTINGUISHED_NAME -> distinguishedName(certificate);
          case COMMON_NAME -> commonName(certificate);
          case SUBJECT_ALTERNATIVE_NAME -> alternativeName(certificate);
        };
    return name == null || name.isEmpty() ? null : name;
  }

  private static String distinguishedName(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName(X500Principal.RFC2253, WORDS);
  }

  /// Several common names are one with commas between.
  private static @Nullable String commonName(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    try {
      for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (rdn.getType().equalsIgnoreCase("CN") && rdn.getValue() instanceof String name) {
          names.add(name);
        }
      }
    } catch (InvalidNameException unreadable) {
      return null;
    }
    return String.join(",", names);
  }

  private @Nullable String alternativeName(X509Certificate certificate) {
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      if (all == null) {
        return null;
      }
      return all.stream()
          .filter(name -> name.getFirst().equals(sanType.tag))
          .skip(sanIndex)
          .findFirst()
          .map(name -> name.get(1).toString())
          .orElse(null);
    } catch (CertificateParsingException unreadable) {
      return null;
    }
  }
}
