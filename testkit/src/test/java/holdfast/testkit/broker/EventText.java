package holdfast.testkit.broker;

import holdfast.core.Arguments;
import holdfast.core.Event;
import holdfast.core.Message;
import java.nio.charset.StandardCharsets;

/// An event as a line that a person can read.
final class EventText {
  private EventText() {}

  static String body(Message message) {
    return new String(message.body(), StandardCharsets.UTF_8);
  }

  static String of(Event event) {
    return switch (event) {
      case Event.Delivered e ->
          "deliver "
              + e.consumerTag()
              + quoted(e.message())
              + redelivered(e.redelivered())
              + deaths(e.message())
              + extra(e.extra());
      case Event.Got e ->
          "got"
              + quoted(e.message())
              + redelivered(e.redelivered())
              + deaths(e.message())
              + extra(e.extra())
              + (e.remaining() > 0 ? ", " + e.remaining() + " left" : "");
      case Event.GotNothing e -> "got nothing";
      case Event.Confirmed e -> "confirm " + (e.multiple() ? "up to " : "") + e.tag();
      case Event.Refused e -> "refused " + e.tag();
      case Event.Returned e -> "return" + quoted(e.message());
      case Event.QueueDeclared e ->
          "queue " + e.name() + ": " + e.messages() + " ready, " + e.consumers() + " consumers";
      case Event.Removed e -> "removed " + e.messages();
      case Event.Consuming e -> "consuming " + e.consumerTag();
      case Event.Done e -> "ok";
      case Event.ConsumerCancelled e -> "consumer " + e.consumerTag() + " cancelled";
      case Event.Failed e -> "error " + e.error().kind() + ": " + e.error().text();
      case Event.SessionClosed e -> "session closed";
      case Event.ClientClosed e -> "client closed";
      case Event.ForcedOut e -> "forced out: " + e.reason();
      case Event.Blocked e -> "blocked: " + e.reason();
      case Event.Unblocked e -> "unblocked";
      case Event.Taken e -> "taken";
    };
  }

  private static String quoted(Message message) {
    return " \"" + body(message) + "\"";
  }

  /// How a message died, newest first: `dead: q expired 2, r rejected 1`.
  private static String deaths(Message message) {
    String deaths = TextHeaders.deaths(message.properties());
    return deaths.isEmpty() ? "" : " dead: " + deaths;
  }

  private static String extra(Arguments extra) {
    return extra == null ? "" : " " + extra;
  }

  private static String redelivered(boolean redelivered) {
    return redelivered ? " redelivered" : "";
  }

  /// The session's number, or 0 where the event is the client's.
  static int session(Event event) {
    return switch (event) {
      case Event.Delivered e -> e.session().id();
      case Event.Got e -> e.session().id();
      case Event.GotNothing e -> e.session().id();
      case Event.Confirmed e -> e.session().id();
      case Event.Refused e -> e.session().id();
      case Event.Returned e -> e.session().id();
      case Event.QueueDeclared e -> e.session().id();
      case Event.Removed e -> e.session().id();
      case Event.Consuming e -> e.session().id();
      case Event.Done e -> e.session().id();
      case Event.ConsumerCancelled e -> e.session().id();
      case Event.Failed e -> e.session().id();
      case Event.SessionClosed e -> e.session().id();
      case Event.ClientClosed e -> 0;
      case Event.ForcedOut e -> 0;
      case Event.Blocked e -> 0;
      case Event.Unblocked e -> 0;
      case Event.Taken e -> 0;
    };
  }
}
