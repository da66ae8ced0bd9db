package holdfast.core;

import holdfast.store.Body;
import holdfast.store.ByteReader;
import holdfast.store.ByteWriter;
import org.jspecify.annotations.Nullable;

/// A message as it was published: where to, its properties in the publisher's own encoding, and its
/// body. Immutable but for the count of queues that hold it, which belongs to the gate.
///
/// In the journal, as the header of an entry:
///
/// ```
///   version u8 | flags u8 (1: journaled, 2: early) | format | accepted at, ms
///   exchange | routing key | properties                  each: length, bytes
/// ```
public final class Message {
  /// Of a message that may wait for ever.
  static final long NEVER = Long.MAX_VALUE;

  /// What a message takes beside its bytes: this object, an entry, the places in queues.
  private static final int OVERHEAD_BYTES = 200;

  private static final byte[] NOTHING = {};
  private static final int VERSION = 1;
  private static final int LOGGED = 1;
  private static final int EARLY = 2;

  private final String exchange;
  private final String routingKey;
  private final PropertyFormat format;
  private final byte[] properties;

  /// The body, where it is in one array.
  private final byte[] body;

  /// The body, where it is not.
  private final @Nullable Body pieces;

  private final Durability durability;
  private final long acceptedAtMs;

  /// How long it may wait, in ms.
  private final long expirationMs;

  /// Queues that hold this message. Guarded by the gate.
  private int holders;

  /// @param exchange the name it was published to
  /// @param properties in the encoding of `format`; not changed afterwards by anybody
  /// @param body not changed afterwards by anybody
  /// @param acceptedAtMs time of acceptance in ms since the epoch
  public Message(
      String exchange,
      String routingKey,
      PropertyFormat format,
      byte[] properties,
      byte[] body,
      Durability durability,
      long acceptedAtMs) {
    this(exchange, routingKey, format, properties, body, null, durability, acceptedAtMs);
  }

  private Message(
      String exchange,
      String routingKey,
      PropertyFormat format,
      byte[] properties,
      byte[] body,
      @Nullable Body pieces,
      Durability durability,
      long acceptedAtMs) {
    this.exchange = exchange;
    this.routingKey = routingKey;
    this.format = format;
    this.properties = properties;
    this.body = body;
    this.pieces = pieces;
    this.durability = durability;
    this.acceptedAtMs = acceptedAtMs;
    long expiration = format.expirationMs(properties);
    this.expirationMs = expiration < 0 ? NEVER : expiration;
  }

  /// The same for a publisher who only tells persistent messages from others.
  public Message(
      String exchange,
      String routingKey,
      PropertyFormat format,
      byte[] properties,
      byte[] body,
      boolean persistent,
      long acceptedAtMs) {
    this(
        exchange,
        routingKey,
        format,
        properties,
        body,
        persistent ? Durability.DURABLE : Durability.MEMORY,
        acceptedAtMs);
  }

  /// The same with a large body, as it has come.
  ///
  /// @param pieces each of [#pieceBytes] for all of them, but for the last; not changed afterwards
  ///   by anybody
  public Message(
      String exchange,
      String routingKey,
      PropertyFormat format,
      byte[] properties,
      byte[][] pieces,
      boolean persistent,
      long acceptedAtMs) {
    this(
        exchange,
        routingKey,
        format,
        properties,
        NOTHING,
        Body.of(pieces),
        persistent ? Durability.DURABLE : Durability.MEMORY,
        acceptedAtMs);
  }

  /// Size of the pieces of a body of so many bytes. One that is no longer is in one array.
  public static int pieceBytes(long bodyBytes) {
    return Body.pieceBytes(bodyBytes);
  }

  public String exchange() {
    return exchange;
  }

  public String routingKey() {
    return routingKey;
  }

  public PropertyFormat format() {
    return format;
  }

  public byte[] properties() {
    return properties;
  }

  /// The body in one array: a new one where it is in pieces.
  public byte[] body() {
    Body large = pieces;
    return large == null ? body : large.toBytes();
  }

  /// The body as it is held.
  Body content() {
    Body large = pieces;
    return large == null ? Body.of(body) : large;
  }

  /// An array that holds the body's byte at a position, for who takes a large one run by run.
  public byte[] arrayAt(int position) {
    Body large = pieces;
    return large == null ? body : large.arrayAt(position);
  }

  /// Where that byte is in that array.
  public int offsetAt(int position) {
    Body large = pieces;
    return large == null ? position : large.offsetAt(position);
  }

  /// How many of the body's bytes from that one on are in that array.
  public int runAt(int position) {
    Body large = pieces;
    return large == null ? body.length - position : large.runAt(position);
  }

  /// Size of the body.
  public int bodyBytes() {
    Body large = pieces;
    return large == null ? body.length : large.length();
  }

  public Durability durability() {
    return durability;
  }

  /// Whether it is journaled in durable queues.
  public boolean persistent() {
    return durability.isLogged();
  }

  public long acceptedAtMs() {
    return acceptedAtMs;
  }

  /// How long it may wait, in ms, as it says itself.
  long expirationMs() {
    return expirationMs;
  }

  /// The same as a text, where it says so; null if not.
  @Nullable String expiration() {
    return expirationMs == NEVER ? null : Long.toString(expirationMs);
  }

  /// Negative if it names none.
  int priority() {
    return format.priority(properties);
  }

  /// The same body on another way.
  Message as(String toExchange, String key, byte[] withProperties, long atMs) {
    return new Message(toExchange, key, format, withProperties, body, pieces, durability, atMs);
  }

  Arguments headers() {
    return format.headers(properties);
  }

  /// What this message counts for against the memory limit, in bytes.
  public long footprint() {
    return (long) OVERHEAD_BYTES + bodyBytes() + properties.length + routingKey.length();
  }

  /// The same message, whose time to wait begins later.
  Message acceptedAt(long atMs) {
    return new Message(exchange, routingKey, format, properties, body, pieces, durability, atMs);
  }

  /// The same message once more, with holders of its own. Properties and body are shared.
  Message again() {
    return new Message(
        exchange, routingKey, format, properties, body, pieces, durability, acceptedAtMs);
  }

  void hold() {
    holders++;
  }

  /// True when nobody holds it any more.
  boolean letGo() {
    assert holders > 0 : "a message was let go more often than it was held";
    return --holders == 0;
  }

  boolean isHeld() {
    return holders > 0;
  }

  void putHeader(ByteWriter out) {
    out.u8(VERSION).u8(flags()).varint(format.id()).varint(acceptedAtMs);
    out.string(exchange).string(routingKey).bytes(properties);
  }

  private int flags() {
    return switch (durability) {
      case DURABLE -> LOGGED;
      case EARLY -> LOGGED | EARLY;
      case MEMORY -> 0;
    };
  }

  private static Durability durability(int flags) {
    return switch (flags) {
      case LOGGED -> Durability.DURABLE;
      case LOGGED | EARLY -> Durability.EARLY;
      case 0 -> Durability.MEMORY;
      default -> throw new ByteReader.MalformedException("a message header with flags " + flags);
    };
  }

  static Message recovered(byte[] header, byte[] body, Formats formats) {
    ByteReader in = new ByteReader(header);
    int version = in.u8();
    if (version != VERSION) {
      throw new ByteReader.MalformedException("a message header of version " + version);
    }
    Durability durability = durability(in.u8());
    PropertyFormat format = formats.byId((int) in.varint());
    long acceptedAtMs = in.varint();
    return new Message(
        in.string(), in.string(), format, in.bytes(), body, durability, acceptedAtMs);
  }
}
