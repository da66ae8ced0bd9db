package holdfast.server;

import holdfast.core.Passwords;
import holdfast.core.User;
import java.security.SecureRandom;
import java.util.Base64;

/// Password hashes as definitions and commands write them: Base64, and an algorithm by its name.
final class PasswordForms {
  private static final SecureRandom RANDOM = new SecureRandom();

  private PasswordForms() {}

  static byte[] hash(String password, User.Hashing hashing) {
    byte[] salt = new byte[Passwords.SALT_BYTES];
    RANDOM.nextBytes(salt);
    return Passwords.hash(salt, password, hashing);
  }

  /// The bytes of a hash in Base64; an empty one is that of a user without a password.
  static byte[] decode(String base64, User.Hashing hashing) throws OperationRefused {
    byte[] hash;
    try {
      hash = Base64.getDecoder().decode(base64.strip());
    } catch (IllegalArgumentException notBase64) {
      throw OperationRefused.bad("the password hash is not Base64: " + notBase64.getMessage());
    }
    int expected = Passwords.bytes(hashing);
    if (hash.length != 0 && hash.length != expected) {
      throw OperationRefused.bad(
          "the password hash has "
              + hash.length
              + " bytes, not the "
              + expected
              + " of salt and digest by "
              + name(hashing));
    }
    return hash;
  }

  /// An algorithm by its name, short or as definitions write it.
  static User.Hashing hashing(String name) throws OperationRefused {
    return switch (name) {
      case "sha256", "rabbit_password_hashing_sha256" -> User.Hashing.SHA_256;
      case "sha512", "rabbit_password_hashing_sha512" -> User.Hashing.SHA_512;
      default ->
          throw OperationRefused.bad(
              "hashing algorithm '"
                  + name
                  + "' is not taken, only sha256 and sha512: give the user a new password");
    };
  }

  static String name(User.Hashing hashing) {
    return switch (hashing) {
      case SHA_256 -> "rabbit_password_hashing_sha256";
      case SHA_512 -> "rabbit_password_hashing_sha512";
    };
  }
}
