package holdfast.core;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/// Passwords as they are kept: salt, then the digest of salt and password. The layout is
/// RabbitMQ's, so that its definitions can be taken over.
public final class Passwords {
  /// Bytes of salt before the digest.
  public static final int SALT_BYTES = 4;

  private Passwords() {}

  /// What is kept of a password.
  ///
  /// @param salt [#SALT_BYTES] bytes that nobody can foresee
  public static byte[] hash(byte[] salt, String password, User.Hashing hashing) {
    if (salt.length != SALT_BYTES) {
      throw new IllegalArgumentException("a salt of " + salt.length + " bytes");
    }
    MessageDigest digest = digest(hashing);
    digest.update(salt);
    byte[] hash = digest.digest(password.getBytes(StandardCharsets.UTF_8));
    byte[] kept = Arrays.copyOf(salt, SALT_BYTES + hash.length);
    System.arraycopy(hash, 0, kept, SALT_BYTES, hash.length);
    return kept;
  }

  /// Whether this is the user's password; takes as long if it is not. Never true for a user without
  /// a password, nor for an empty one.
  public static boolean matches(User user, String password) {
    byte[] kept = user.passwordHash();
    if (kept.length < SALT_BYTES || password.isEmpty()) {
      return false;
    }
    byte[] salt = Arrays.copyOf(kept, SALT_BYTES);
    return MessageDigest.isEqual(kept, hash(salt, password, user.hashing()));
  }

  /// Bytes of what is kept.
  public static int bytes(User.Hashing hashing) {
    return SALT_BYTES
        + switch (hashing) {
          case SHA_256 -> 32;
          case SHA_512 -> 64;
        };
  }

  private static MessageDigest digest(User.Hashing hashing) {
    String name =
        switch (hashing) {
          case SHA_256 -> "SHA-256";
          case SHA_512 -> "SHA-512";
        };
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JVM does not know " + name, e);
    }
  }
}
