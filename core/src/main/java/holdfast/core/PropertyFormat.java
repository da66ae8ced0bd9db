package holdfast.core;

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
      };

  /// Stands in the journal with each message: never changes and is never used for another format.
  int id();

  /// The message's headers, for a headers exchange.
  Arguments headers(byte[] properties);
}
