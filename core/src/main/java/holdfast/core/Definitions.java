package holdfast.core;

import holdfast.store.ByteReader;
import holdfast.store.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/// How hosts, exchanges, queues and bindings stand in the store's definitions.
///
/// A key is a letter and names, each with its length before it, so that no name can pass for
/// another; the letters sort in the order in which things must be made again. Those of
/// [AccountDefinitions] come behind.
///
/// ```
///   a host                              -> version, and if there is more to say: flags (1 being
///                                          deleted), metadata
///   b host exchange                     -> version, id, type, flags (1 auto-delete, 2 internal),
///                                          arguments
///   c host queue                        -> version, log id, flags (1 auto-delete, 4 held messages
///                                          that expire), arguments, further lanes: priority, log id
///   d host source kind destination key arguments -> version, ids of source and destination
///   s log id, first offset              -> a segment of a stream, see [StreamSegments]
/// ```
final class Definitions {
  static final char HOST = 'a';
  static final char EXCHANGE = 'b';
  static final char QUEUE = 'c';
  static final char BINDING = 'd';
  static final char SEGMENT = 's';

  private static final int VERSION = 1;

  /// Of queues that know further lanes; those of version 1 have none.
  private static final int QUEUE_VERSION = 2;

  private static final int AUTO_DELETE = 1;
  private static final int INTERNAL = 2;
  private static final int MESSAGES_AGE = 4;
  private static final int BEING_DELETED = 1;

  private Definitions() {}

  static String key(char letter, String... names) {
    StringBuilder key = new StringBuilder().append(letter);
    for (String name : names) {
      key.append(name.length()).append(':').append(name);
    }
    return key.toString();
  }

  /// The names in a key.
  static String[] names(String key, int count) {
    String[] names = new String[count];
    int at = 1;
    for (int i = 0; i < count; i++) {
      int colon = key.indexOf(':', at);
      int length = Integer.parseInt(key, at, colon, 10);
      names[i] = key.substring(colon + 1, colon + 1 + length);
      at = colon + 1 + length;
    }
    return names;
  }

  static String key(VirtualHost host) {
    return key(HOST, host.name());
  }

  static String key(Exchange exchange) {
    return key(EXCHANGE, exchange.host().name(), exchange.name());
  }

  static String key(Queue queue) {
    return key(QUEUE, queue.host().name(), queue.name());
  }

  static String key(Binding binding) {
    return key(
        BINDING,
        binding.source().host().name(),
        binding.source().name(),
        binding.destination() instanceof Queue ? "q" : "x",
        binding.destination().name(),
        binding.key(),
        new String(
            Base64.getEncoder().encode(binding.arguments().canonical()),
            StandardCharsets.ISO_8859_1));
  }

  static byte[] hostValue(Arguments metadata, boolean beingDeleted) {
    ByteWriter out = new ByteWriter(16).u8(VERSION);
    if (beingDeleted || !metadata.isEmpty()) {
      metadata.put(out.u8(beingDeleted ? BEING_DELETED : 0));
    }
    return out.toBytes();
  }

  static VirtualHost host(String name, byte[] value) {
    ByteReader in = open(value);
    VirtualHost host = new VirtualHost(name);
    if (in.hasMore()) {
      boolean beingDeleted = (in.u8() & BEING_DELETED) != 0;
      host.describe(Arguments.get(in));
      if (beingDeleted) {
        host.delete();
      }
    }
    return host;
  }

  static String segmentKey(long logId, long first) {
    return key(SEGMENT, String.valueOf(logId), String.valueOf(first));
  }

  static byte[] value(Exchange exchange) {
    ByteWriter out = new ByteWriter(64).u8(VERSION).fixed64(exchange.id()).string(exchange.type());
    out.u8((exchange.autoDelete() ? AUTO_DELETE : 0) | (exchange.internal() ? INTERNAL : 0));
    exchange.arguments().put(out);
    return out.toBytes();
  }

  static byte[] value(Queue queue) {
    ByteWriter out = new ByteWriter(64).u8(QUEUE_VERSION).varint(queue.id());
    out.u8(
        (queue.declaration().autoDelete() ? AUTO_DELETE : 0)
            | (queue.shedding().messagesAge() ? MESSAGES_AGE : 0));
    queue.declaration().arguments().put(out);
    Lane[] lanes = queue.lanes();
    out.varint(lanes.length - 1);
    for (Lane lane : lanes) {
      if (lane != queue.usual()) {
        out.varint(lane.priority).varint(lane.id());
      }
    }
    return out.toBytes();
  }

  static byte[] value(Binding binding) {
    return new ByteWriter(32)
        .u8(VERSION)
        .fixed64(binding.source().id())
        .fixed64(binding.destination().id())
        .toBytes();
  }

  private static ByteReader open(byte[] value) {
    ByteReader in = new ByteReader(value);
    int version = in.u8();
    if (version != VERSION) {
      throw unknown(version);
    }
    return in;
  }

  private static ByteReader.MalformedException unknown(int version) {
    return new ByteReader.MalformedException("a definition of version " + version);
  }

  /// An exchange and its id.
  record ExchangeOfId(long id, Exchange.Declaration declaration) {}

  static ExchangeOfId exchange(String name, byte[] value) {
    ByteReader in = open(value);
    long id = in.fixed64();
    String type = in.string();
    int flags = in.u8();
    return new ExchangeOfId(
        id,
        new Exchange.Declaration(
            name,
            type,
            true,
            (flags & AUTO_DELETE) != 0,
            (flags & INTERNAL) != 0,
            Arguments.get(in)));
  }

  /// A queue and the id of its log.
  ///
  /// @param lanes priority -> id of the log, of further lanes
  record QueueOfLog(
      long logId, Queue.Declaration declaration, boolean messagesAge, Map<Integer, Long> lanes) {}

  static QueueOfLog queue(String name, byte[] value) {
    ByteReader in = new ByteReader(value);
    int version = in.u8();
    if (version != VERSION && version != QUEUE_VERSION) {
      throw unknown(version);
    }
    long logId = in.varint();
    int flags = in.u8();
    Queue.Declaration declaration =
        new Queue.Declaration(name, true, false, (flags & AUTO_DELETE) != 0, Arguments.get(in));
    Map<Integer, Long> lanes = new TreeMap<>();
    for (int n = version == VERSION ? 0 : in.count(); n > 0; n--) {
      lanes.put((int) in.varint(), in.varint());
    }
    return new QueueOfLog(logId, declaration, (flags & MESSAGES_AGE) != 0, lanes);
  }

  /// Which incarnations of its ends a binding is between.
  record Ends(long source, long destination) {}

  static Ends ends(byte[] value) {
    ByteReader in = open(value);
    return new Ends(in.fixed64(), in.fixed64());
  }

  /// The arguments in a binding's key.
  static Arguments bindingArguments(String key) {
    byte[] canonical = Base64.getDecoder().decode(names(key, 6)[5]);
    return Arguments.get(new ByteReader(canonical));
  }
}
