package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Passwords against what is kept of them.
class PasswordsTest {
  private static final byte[] SALT = {(byte) 0x90, (byte) 0x8d, (byte) 0xc6, 0x0a};

  private static User user(byte[] hash, User.Hashing hashing) {
    return new User("u", hash, hashing, List.of());
  }

  /// The example of RabbitMQ's documentation on password hashing.
  @Test
  void readsWhatRabbitMqWrites() {
    byte[] hash = Base64.getDecoder().decode("kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR");
    assertThat(Passwords.hash(SALT, "test12", User.Hashing.SHA_256)).isEqualTo(hash);
    assertThat(Passwords.matches(user(hash, User.Hashing.SHA_256), "test12")).isTrue();
    assertThat(Passwords.matches(user(hash, User.Hashing.SHA_256), "test13")).isFalse();
  }

  @ParameterizedTest
  @EnumSource(User.Hashing.class)
  void onlyThePasswordMatches(User.Hashing hashing) {
    byte[] hash = Passwords.hash(SALT, "geheim ä", hashing);
    assertThat(hash).hasSize(Passwords.bytes(hashing));
    assertThat(Passwords.matches(user(hash, hashing), "geheim ä")).isTrue();
    assertThat(Passwords.matches(user(hash, hashing), "geheim a")).isFalse();
    assertThat(Passwords.matches(user(hash, hashing), "")).isFalse();
  }

  @Test
  void whoHasNoPasswordCannotGiveTheRightOne() {
    for (User.Hashing hashing : User.Hashing.values()) {
      assertThat(Passwords.matches(user(new byte[0], hashing), "")).isFalse();
      assertThat(Passwords.matches(user(new byte[0], hashing), "x")).isFalse();
      byte[] ofNothing = Passwords.hash(SALT, "", hashing);
      assertThat(Passwords.matches(user(ofNothing, hashing), "")).isFalse();
    }
  }
}
