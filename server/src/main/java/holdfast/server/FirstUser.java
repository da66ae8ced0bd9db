package holdfast.server;

import holdfast.core.Passwords;
import holdfast.core.User;
import java.security.SecureRandom;
import java.util.List;

/// The user of the configuration: made when a data directory has none, and left alone afterwards.
final class FirstUser {
  private FirstUser() {}

  static User of(Settings.Access access) {
    byte[] salt = new byte[Passwords.SALT_BYTES];
    new SecureRandom().nextBytes(salt);
    return new User(
        access.defaultUser(),
        Passwords.hash(salt, access.defaultPass(), User.Hashing.SHA_256),
        User.Hashing.SHA_256,
        List.of("administrator"));
  }
}
