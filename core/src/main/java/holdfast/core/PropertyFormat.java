package holdfast.core;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How a front end writes a message's properties. The core keeps them as they came, as bytes, and
/// asks the front end only for what routing needs; so a message that is passed on is never taken
/// apart, and the core knows no protocol.
public interface PropertyFormat {
  /// No properties at all: a message from inside the process.
  PropertyFormat NONE =
      new PropertyFormat() {
        @Override
        public int id() {
          return 0;
        }

        @Override
        public Arguments headers(byte[] properties) {
          return Arguments.NONE;
        }

        @Override
        public long expirationMs(byte[] properties) {
          return -1;
        }

        @Override
        public int priority(byte[] properties) {
          return -1;
        }

        @Override
        public byte[] edited(
            byte[] properties,
            Arguments headers,
            Set<String> removedHeaders,
            boolean withoutExpiration) {
          return properties; // no place for headers
        }
      };

  /// Stands in the journal with each message: never changes and is never used for another format.
  int id();

  /// The message's headers, for a headers exchange.
  Arguments headers(byte[] properties);

  /// How long the message may wait in a queue, in ms; negative if it does not say.
  long expirationMs(byte[] properties);

  /// Negative if the message has none.
  int priority(byte[] properties);

  /// The same properties with some headers set, in place of such of the same names, and others
  /// removed. Everything else stays as the publisher wrote it.
  ///
  /// @param withoutExpiration whether the message may wait for ever now
  byte[] edited(
      byte[] properties, Arguments headers, Set<String> removedHeaders, boolean withoutExpiration);

  /// One property as text, for an exchange that chooses by it: `message_id`, `correlation_id` or
  /// `timestamp`. Null where the message has none.
  default @Nullable String property(byte[] properties, String name) {
    return null;
  }
}
