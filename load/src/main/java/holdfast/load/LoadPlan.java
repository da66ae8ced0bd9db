package holdfast.load;

import java.util.Map;

/// What a run is to do, in parts that each say one thing. The command line's help says what the
/// values mean; nothing here is checked again.
public record LoadPlan(
    BrokerAddress broker,
    Queues queues,
    Messages messages,
    Producing producing,
    Consuming consuming,
    Beside beside,
    Span span,
    int threads) {

  /// How messages find their queues.
  public enum Routing {
    /// The default exchange: the queue's name.
    DEFAULT,
    /// One exchange, every queue gets every message.
    FANOUT,
    /// One exchange with more bindings than match.
    TOPIC
  }

  /// @param prefix queues are called this, with a number behind
  /// @param arguments of every queue, its type included
  /// @param declare whether they are made, and removed first where they are
  /// @param keep whether they stay
  /// @param bindings of the topic exchange, beside the one a queue
  public record Queues(
      int count,
      String prefix,
      String type,
      Map<String, Object> arguments,
      boolean durable,
      boolean declare,
      boolean keep,
      Routing routing,
      int bindings) {
    public boolean isStream() {
      return type.equals("stream");
    }
  }

  /// @param expirationMs 0 for none
  public record Messages(
      int bodyBytes, boolean persistent, int headers, long expirationMs, boolean mandatory) {}

  /// @param unconfirmed at most so many a producer; 0 for no confirms
  /// @param perSecond over all producers; 0 for as fast as it goes
  public record Producing(int producers, int unconfirmed, double perSecond) {}

  /// @param ackEvery so many are acknowledged together
  /// @param alternately of those so many first every second one, then the others, each by itself
  public record Consuming(
      int consumers, boolean autoAck, int ackEvery, boolean alternately, int prefetch) {}

  /// What goes on beside the load that is measured.
  ///
  /// @param largeBytes the size of the large bodies; 0 for none
  /// @param largeEvery one of them for so many of the others; 0 for as fast as they are confirmed
  public record Beside(
      int idleConnections, int slowConsumers, long slowDelayMs, long largeEvery, int largeBytes) {}

  /// @param count publish (or consume only) so many instead of for a time; 0 for a time
  /// @param drain whether to wait for everything that was published
  public record Span(double seconds, double warmup, long count, boolean drain) {}

  boolean isProducing() {
    return producing.producers() > 0;
  }

  boolean isConsuming() {
    return consuming.consumers() > 0;
  }
}
