package holdfast.load;

import holdfast.amqp091.codec.Method;

/// What one connection is there for. Called on the loop of the connection; everything in a role
/// belongs to that loop.
interface Role {
  /// The channel is open. The role says [Link#ready] when it has what it needs.
  void opened();

  /// A method that is no business of the link.
  void method(Method method);

  /// As [FrameScanner.Sink#delivered].
  default void delivered(
      int consumer, long tag, boolean redelivered, long stamp, long time, long bodyBytes) {
    throw new BrokenStream("a delivery that nobody has asked for");
  }

  /// As [FrameScanner.Sink#settled].
  default void settled(long tag, boolean multiple, boolean refused) {
    throw new BrokenStream("a confirm that nobody has asked for");
  }

  default void returned() {
    throw new BrokenStream("a return of nothing that was published");
  }

  /// What one read of the socket brought has been handed on.
  default void readDone() {}

  /// The socket takes more again, or the broker does.
  default void writable() {}
}
