package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.core.Passwords;
import holdfast.core.User;
import java.util.List;
import org.junit.jupiter.api.Test;

class PasswordFormsTest {
  /// From RabbitMQ's documentation: salt 908DC60A and the password test12.
  private static final String DOCUMENTED = "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR";

  private static User user(byte[] hash, User.Hashing hashing) {
    return new User("u", hash, hashing, List.of());
  }

  @Test
  void theDocumentedHashIsUnderstood() throws Exception {
    User user = user(PasswordForms.decode(DOCUMENTED, User.Hashing.SHA_256), User.Hashing.SHA_256);
    assertThat(Passwords.matches(user, "test12")).isTrue();
    assertThat(Passwords.matches(user, "test13")).isFalse();
  }

  @Test
  void aHashIsSaltedAndMatchesItsPasswordOnly() {
    for (User.Hashing hashing : User.Hashing.values()) {
      byte[] hash = PasswordForms.hash("pässword", hashing);
      assertThat(hash).isNotEqualTo(PasswordForms.hash("pässword", hashing));
      assertThat(Passwords.matches(user(hash, hashing), "pässword")).isTrue();
      assertThat(Passwords.matches(user(hash, hashing), "password")).isFalse();
    }
  }

  @Test
  void nobodyHasAnEmptyPassword() {
    User none = user(new byte[0], User.Hashing.SHA_256);
    assertThat(Passwords.matches(none, "")).isFalse();
    assertThatThrownBy(() -> PasswordForms.hashing("md5"))
        .hasMessageContaining("give the user a new");
  }
}
