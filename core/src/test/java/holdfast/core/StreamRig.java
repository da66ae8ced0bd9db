package holdfast.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A [PagingRig] with streams in it, and what their consumers were given.
final class StreamRig implements AutoCloseable {
  /// A delivery: which entry, of which number, and how to settle it.
  record Given(String tag, long offset, int id, long deliveryTag) {}

  final PagingRig rig;

  StreamRig(Path directory, long cacheBytes, Limits.Paging paging) throws IOException {
    rig = new PagingRig(directory, 1_000_000_000, cacheBytes, paging);
  }

  /// A stream; arguments come as names and values.
  void declare(String name, Object... arguments) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("x-queue-type", "stream");
    for (int i = 0; i < arguments.length; i += 2) {
      all.put((String) arguments[i], arguments[i + 1]);
    }
    rig.submit(
        new Command.DeclareQueue(
            rig.publisher, name, "", false, true, false, false, Arguments.of(all), true));
  }

  Stream stream(String name) {
    return Objects.requireNonNull(rig.queue(name).stream());
  }

  /// Publishes a message of this number and size that was accepted at this time.
  void publish(String queue, int id, int bytes, long timeMs, Durability durability) {
    byte[] body = new byte[Math.max(4, bytes)];
    ByteBuffer.wrap(body).putInt(id);
    Message message =
        new Message("", queue, PropertyFormat.NONE, new byte[0], body, durability, timeMs);
    rig.memory.add(message.footprint());
    rig.submit(new Command.Publish(rig.publisher, message, false));
  }

  Session consume(String queue, String tag, int prefetch, Object offset) {
    Session session = rig.newSession();
    rig.submit(new Command.SetPrefetch(session, prefetch, false));
    consume(session, queue, tag, Map.of("x-stream-offset", offset));
    return session;
  }

  void consume(Session session, String queue, String tag, Map<String, Object> arguments) {
    rig.submit(
        new Command.Consume(session, queue, tag, "", false, false, Arguments.of(arguments), true));
  }

  void settle(Session session, long tag, boolean multiple, Command.Outcome outcome) {
    rig.submit(new Command.Settle(session, tag, multiple, outcome));
  }

  /// What was delivered since it was asked this before.
  List<Given> given() {
    List<Given> given = new ArrayList<>();
    for (Event event : rig.events) {
      if (event instanceof Event.Delivered d) {
        Object offset = Objects.requireNonNull(d.extra()).get("x-stream-offset");
        given.add(
            new Given(
                d.consumerTag(),
                (Long) Objects.requireNonNull(offset),
                PagingRig.idOf(d.message()),
                d.deliveryTag()));
      }
    }
    rig.events.removeIf(event -> event instanceof Event.Delivered);
    return given;
  }

  /// The offsets that were delivered, in order.
  List<Long> offsets() {
    return given().stream().map(Given::offset).toList();
  }

  /// What the last command that failed was told.
  String error() {
    return rig.events.stream()
        .filter(event -> event instanceof Event.Failed)
        .map(event -> ((Event.Failed) event).error())
        .map(error -> error.kind() + ": " + error.text())
        .reduce((a, b) -> b)
        .orElse("none");
  }

  @Override
  public void close() throws IOException {
    rig.close();
  }
}
