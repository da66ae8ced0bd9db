package holdfast.core;

import holdfast.store.ByteReader;
import holdfast.store.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// How hosts, exchanges, queues and bindings stand in the store's definitions.
///
/// A key is a letter and names, each with its length before it, so that no name can pass for
/// another; the letters sort in the order in which things must be made again.
///
/// ```
///   a host                              -> version
///   b host exchange                     -> version, id, type, flags (1 auto-delete, 2 internal),
///                                          arguments
///   c host queue                        -> version, log id, flags (1 auto-delete), arguments
///   d host source kind destination key arguments -> version, ids of source and destination
/// ```
final class Definitions {
  static final char HOST = 'a';
  static final char EXCHANGE = 'b';
  static final char QUEUE = 'c';
  static final char BINDING = 'd';

  private static final int VERSION = 1;
  private static final int AUTO_DELETE = 1;
  private static final int INTERNAL = 2;

  private Definitions() {}

  private static String key(char letter, String... names) {
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

  static byte[] hostValue() {
    return new ByteWriter(4).u8(VERSION).toBytes();
  }

  static byte[] value(Exchange exchange) {
    ByteWriter out = new ByteWriter(64).u8(VERSION).fixed64(exchange.id()).string(exchange.type());
    out.u8((exchange.autoDelete() ? AUTO_DELETE : 0) | (exchange.internal() ? INTERNAL : 0));
    exchange.arguments().put(out);
    return out.toBytes();
  }

  static byte[] value(Queue queue, long logId) {
    ByteWriter out = new ByteWriter(64).u8(VERSION).varint(logId);
    out.u8(queue.declaration().autoDelete() ? AUTO_DELETE : 0);
    queue.declaration().arguments().put(out);
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
      throw new ByteReader.MalformedException("a definition of version " + version);
    }
    return in;
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
  record QueueOfLog(long logId, Queue.Declaration declaration) {}

  static QueueOfLog queue(String name, byte[] value) {
    ByteReader in = open(value);
    long logId = in.varint();
    boolean autoDelete = (in.u8() & AUTO_DELETE) != 0;
    return new QueueOfLog(
        logId, new Queue.Declaration(name, true, false, autoDelete, Arguments.get(in)));
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
