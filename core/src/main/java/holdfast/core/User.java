package holdfast.core;

import java.util.List;

/// Somebody who may log in. Immutable.
///
/// @param name unique in the broker
/// @param passwordHash salt and digest, as RabbitMQ's definitions have them in Base64: four bytes
///   of salt, then the digest of salt and password; empty for a user without a password
/// @param hashing how the digest was made
/// @param tags such as `administrator`; the broker itself asks for none of them over AMQP
public record User(String name, byte[] passwordHash, Hashing hashing, List<String> tags) {
  /// How a password was digested.
  public enum Hashing {
    SHA_256,
    SHA_512
  }
}
