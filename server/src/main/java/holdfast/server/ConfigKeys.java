package holdfast.server;

import holdfast.store.SyncPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Every setting there is. The table in docs/configuration.md is written from this list.
final class ConfigKeys {
  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  static final ConfigKey<ListenAddress> LISTENER =
      new ConfigKey<>(
          "listeners.tcp.default",
          new ValueType.Listen(),
          "5672",
          "Port, or address and port, that AMQP clients connect to. Port 0 takes a free one.");
  static final ConfigKey<ListenAddress> LISTENERS =
      new ConfigKey<>(
          "listeners.tcp.<name>",
          new ValueType.Listen(),
          "",
          "Further listeners, one a name: `listeners.tcp.1 = 127.0.0.1:5672`. With any of these,"
              + " the default listener is there only if it is given too.");
  static final ConfigKey<String> NO_LISTENERS =
      new ConfigKey<>(
          "listeners.tcp",
          new ValueType.OneOf("none"),
          "",
          "With `none` there is no listener without TLS.");
  static final ConfigKey<ListenAddress> TLS_LISTENER =
      new ConfigKey<>(
          "listeners.ssl.default",
          new ValueType.Listen(),
          "",
          "Port, or address and port, that AMQP clients connect to with TLS, usually 5671: see"
              + " docs/tls.md. None if not given.");
  static final ConfigKey<ListenAddress> TLS_LISTENERS =
      new ConfigKey<>(
          "listeners.ssl.<name>",
          new ValueType.Listen(),
          "",
          "Further listeners with TLS, one a name.");
  static final ConfigKey<String> BIND =
      new ConfigKey<>(
          "bind",
          new ValueType.Host(),
          "0.0.0.0",
          "Address of the listeners that are given as a port alone; `0.0.0.0` is every interface.");
  static final ConfigKey<Path> DATA_DIR =
      new ConfigKey<>(
          "data_dir",
          new ValueType.Directory(),
          "./holdfast-data",
          "Directory that holds everything the broker keeps; made if it does not exist.");
  static final ConfigKey<String> DEFAULT_USER =
      new ConfigKey<>(
          "default_user",
          new ValueType.Text(),
          "guest",
          "Name of the user that the first start makes; it may do everything in every virtual host of the"
              + " configuration. Later starts leave the users alone.");
  static final ConfigKey<String> DEFAULT_PASS =
      new ConfigKey<>(
          "default_pass",
          new ValueType.Text(),
          "guest",
          "Password that the first start gives to that user.");
  static final ConfigKey<String> DEFAULT_VHOST =
      new ConfigKey<>(
          "default_vhost", new ValueType.Text(), "/", "Virtual host that exists from the start.");
  static final ConfigKey<List<String>> VHOSTS =
      new ConfigKey<>(
          "vhosts",
          new ValueType.Names(),
          "none",
          "Further virtual hosts to exist, with commas between.");
  static final ConfigKey<List<String>> LOOPBACK_USERS =
      new ConfigKey<>(
          "loopback_users",
          new ValueType.Names(),
          "guest",
          "Users that may connect from this machine only; `none` lets all connect from anywhere.");
  static final ConfigKey<Boolean> LOOPBACK_USER =
      new ConfigKey<>(
          "loopback_users.<name>",
          new ValueType.Flag(),
          "",
          "Adds a user to `loopback_users` (true) or takes one out (false).");
  static final ConfigKey<Long> HEARTBEAT =
      new ConfigKey<>(
          "heartbeat",
          new ValueType.Span(ValueType.Span.Unit.SECONDS, 0, 65_535),
          "60s",
          "Heartbeat interval suggested to clients; a plain number is in seconds, 0 is none.");
  static final ConfigKey<Long> HANDSHAKE_TIMEOUT =
      new ConfigKey<>(
          "handshake_timeout",
          new ValueType.Span(ValueType.Span.Unit.MS, 100, 3_600_000),
          "10s",
          "Time a client has to log in and open its virtual host; a plain number is in"
              + " milliseconds.");
  static final ConfigKey<Integer> HANDSHAKE_MAX =
      new ConfigKey<>(
          "handshake_max",
          new ValueType.Count(1, Integer.MAX_VALUE, true),
          "2048",
          "Most connections at a time that have not logged in yet; more are hung up on.");
  static final ConfigKey<Long> LOGIN_REFUSED_DELAY =
      new ConfigKey<>(
          "login_refused_delay",
          new ValueType.Span(ValueType.Span.Unit.MS, 0, 60_000),
          "500ms",
          "How long the answer to a refused login takes, so that guessing is slow; a plain number is"
              + " in milliseconds.");
  static final ConfigKey<Boolean> PROXY_PROTOCOL =
      new ConfigKey<>(
          "proxy_protocol",
          new ValueType.Flag(),
          "false",
          "Whether every connection, to any listener, begins with a PROXY protocol header (version 1"
              + " or 2), and is refused without.");
  static final ConfigKey<Long> FRAME_MAX =
      new ConfigKey<>(
          "frame_max",
          new ValueType.Bytes(4 * KIB, 16 * MIB),
          "131072",
          "Largest frame, offered to clients in the handshake.");
  static final ConfigKey<Integer> CHANNEL_MAX =
      new ConfigKey<>(
          "channel_max",
          new ValueType.Count(1, 65_535, false),
          "2047",
          "Most channels a connection may open.");
  static final ConfigKey<Long> MAX_MESSAGE_SIZE =
      new ConfigKey<>(
          "max_message_size",
          new ValueType.Bytes(1, 512 * MIB),
          "16MiB",
          "Largest message body; a larger one closes its channel with 406.");
  static final ConfigKey<Double> MEMORY_RELATIVE =
      new ConfigKey<>(
          "vm_memory_high_watermark.relative",
          new ValueType.Fraction(),
          "0.4",
          "Share of the JVM's largest heap at which publishers are blocked.");
  static final ConfigKey<Long> MEMORY_ABSOLUTE =
      new ConfigKey<>(
          "vm_memory_high_watermark.absolute",
          new ValueType.Bytes(16 * MIB, Long.MAX_VALUE),
          "",
          "The same as a size; when given, it is what counts.");
  static final ConfigKey<Long> DISK_FREE_LIMIT =
      new ConfigKey<>(
          "disk_free_limit.absolute",
          new ValueType.Bytes(0, Long.MAX_VALUE),
          "64MiB",
          "Space on the data directory's disk that is left free: publishers are blocked when less than"
              + " this and one journal segment is.");
  static final ConfigKey<Integer> CONNECTION_MAX =
      new ConfigKey<>(
          "connection_max",
          new ValueType.Count(0, Integer.MAX_VALUE, true),
          "infinity",
          "Most connections at a time.");
  static final ConfigKey<Integer> QUEUE_MAX =
      new ConfigKey<>(
          "queue_max",
          new ValueType.Count(0, Integer.MAX_VALUE, true),
          "infinity",
          "Most queues in the whole broker.");
  static final ConfigKey<Long> CONSUMER_TIMEOUT =
      new ConfigKey<>(
          "consumer_timeout",
          new ValueType.Span(ValueType.Span.Unit.MS, 1_000, 0xffff_ffffL),
          "30m",
          "Time in which a delivery must be acknowledged, where its queue and its consumer say nothing;"
              + " after that the channel is closed with 406 and the message goes to others. A plain"
              + " number is in milliseconds.");
  static final ConfigKey<Long> JOURNAL_SEGMENT =
      new ConfigKey<>(
          "journal.segment_bytes",
          new ValueType.Bytes(MIB, GIB),
          "128MiB",
          "Size of one file of the journal, taken on disk when the file is begun.");
  static final ConfigKey<Long> JOURNAL_BUFFER =
      new ConfigKey<>(
          "journal.buffer_bytes",
          new ValueType.Bytes(64 * KIB, GIB),
          "2MiB",
          "Size of each of the journal's two write buffers.");
  static final ConfigKey<Long> JOURNAL_IDLE_MARK =
      new ConfigKey<>(
          "journal.idle_mark_ms",
          new ValueType.Span(ValueType.Span.Unit.MS, 1, 60_000),
          "75",
          "Quiet time after which settlements that wait for company are written.");
  static final ConfigKey<SyncPolicy> JOURNAL_SYNC =
      new ConfigKey<>(
          "journal.sync",
          new ValueType.Sync(),
          "sync",
          "What a confirm means: `sync`, it is on stable storage; `interval:100ms`, the operating"
              + " system has it and forces it within that time; `written`, the operating system has"
              + " it.");
  static final ConfigKey<Long> STORE_JOURNAL =
      new ConfigKey<>(
          "store.journal_bytes",
          new ValueType.Bytes(2 * MIB, Long.MAX_VALUE),
          "256MiB",
          "How much journal a start may have to replay; beyond half of it waiting messages move from"
              + " the journal to log segments.");
  static final ConfigKey<Long> STORE_CACHE =
      new ConfigKey<>(
          "store.cache_bytes",
          new ValueType.Bytes(0, Long.MAX_VALUE),
          "",
          "Memory for messages that are on disk as well; 60% of the memory watermark if not given,"
              + " and never more than that watermark.");
  static final ConfigKey<LogLevel> LOG_LEVEL =
      new ConfigKey<>(
          "log.level",
          new ValueType.Level(),
          "info",
          "Least weight of what is logged to standard error.");
  static final ConfigKey<String> CLUSTER_NAME =
      new ConfigKey<>(
          "cluster_name",
          new ValueType.Text(),
          "holdfast",
          "Name reported to clients as `cluster_name`.");
  static final ConfigKey<String> PRODUCT =
      new ConfigKey<>(
          "amqp.reported.product",
          new ValueType.Text(),
          "Holdfast",
          "Name reported to clients as `product`.");
  static final ConfigKey<String> REPORTED_VERSION =
      new ConfigKey<>(
          "amqp.reported.version",
          new ValueType.Text(),
          "",
          "Version reported to clients as `version`; the broker's own if not given.");

  static final ConfigKey<Path> LOAD_DEFINITIONS =
      new ConfigKey<>(
          "load_definitions",
          new ValueType.FileOrDirectory(),
          "",
          "Definitions in RabbitMQ's form, taken at every start before clients are: a file, or a"
              + " directory whose `*.json` are taken in the order of their names. What is there"
              + " already stays as it is.");
  static final ConfigKey<Path> DEFINITIONS_PATH =
      new ConfigKey<>(
          "definitions.local.path",
          new ValueType.FileOrDirectory(),
          "",
          "Another name of `load_definitions`, which counts if both are given.");

  static final List<ConfigKey<?>> ALL =
      List.of(
          LISTENER,
          LISTENERS,
          NO_LISTENERS,
          TLS_LISTENER,
          TLS_LISTENERS,
          BIND,
          DATA_DIR,
          DEFAULT_USER,
          DEFAULT_PASS,
          DEFAULT_VHOST,
          VHOSTS,
          LOOPBACK_USERS,
          LOOPBACK_USER,
          HEARTBEAT,
          HANDSHAKE_TIMEOUT,
          HANDSHAKE_MAX,
          LOGIN_REFUSED_DELAY,
          PROXY_PROTOCOL,
          FRAME_MAX,
          CHANNEL_MAX,
          MAX_MESSAGE_SIZE,
          MEMORY_RELATIVE,
          MEMORY_ABSOLUTE,
          DISK_FREE_LIMIT,
          CONNECTION_MAX,
          QUEUE_MAX,
          CONSUMER_TIMEOUT,
          JOURNAL_SEGMENT,
          JOURNAL_BUFFER,
          JOURNAL_IDLE_MARK,
          JOURNAL_SYNC,
          STORE_JOURNAL,
          STORE_CACHE,
          LOG_LEVEL,
          CLUSTER_NAME,
          PRODUCT,
          REPORTED_VERSION,
          TlsKeys.CA_FILE,
          TlsKeys.CERT_FILE,
          TlsKeys.KEY_FILE,
          TlsKeys.KEY_PASSWORD,
          TlsKeys.VERIFY,
          TlsKeys.FAIL_IF_NO_PEER_CERT,
          TlsKeys.VERSIONS,
          TlsKeys.CIPHERS,
          TlsKeys.LOGIN_FROM,
          TlsKeys.LOGIN_SAN_TYPE,
          TlsKeys.LOGIN_SAN_INDEX,
          LOAD_DEFINITIONS,
          DEFINITIONS_PATH);

  private ConfigKeys() {}

  /// The key that a written name means; an exact name goes before a family.
  static Optional<ConfigKey<?>> find(String name) {
    ConfigKey<?> family = null;
    for (ConfigKey<?> key : ALL) {
      if (key.name().equals(name) && !key.isFamily()) {
        return Optional.of(key);
      }
      if (key.memberName(name).isPresent()) {
        family = key;
      }
    }
    return Optional.ofNullable(family);
  }

  /// The name that a mistyped one was probably meant to be; empty when none is near.
  static Optional<String> nearest(String name) {
    return Nearest.to(name, ALL.stream().map(key -> key.nameNear(name)).toList());
  }
}
