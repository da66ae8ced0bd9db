package holdfast.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// Turns a checked [Config] into [Settings]: the places where several keys make one setting, and
/// the one check between two keys.
final class SettingsReader {
  private final Config config;

  private SettingsReader(Config config) {
    this.config = config;
  }

  static Settings read(Config config) throws ConfigRefused {
    return new SettingsReader(config).settings();
  }

  private Settings settings() throws ConfigRefused {
    return new Settings(
        listeners(),
        config.value(ConfigKeys.DATA_DIR).toAbsolutePath().normalize(),
        definitions(),
        access(),
        new Settings.ConnectionLimits(
            intValue(ConfigKeys.HEARTBEAT),
            intValue(ConfigKeys.FRAME_MAX),
            config.value(ConfigKeys.CHANNEL_MAX),
            config.value(ConfigKeys.CONNECTION_MAX),
            new Settings.Handshakes(
                intValue(ConfigKeys.HANDSHAKE_TIMEOUT),
                config.value(ConfigKeys.HANDSHAKE_MAX),
                intValue(ConfigKeys.LOGIN_REFUSED_DELAY),
                config.value(ConfigKeys.PROXY_PROTOCOL))),
        new Settings.MessageLimits(
            intValue(ConfigKeys.MAX_MESSAGE_SIZE),
            config.value(ConfigKeys.QUEUE_MAX),
            config.value(ConfigKeys.CONSUMER_TIMEOUT)),
        watermarks(),
        journal(),
        new Settings.Identity(
            config.value(ConfigKeys.PRODUCT),
            config.find(ConfigKeys.REPORTED_VERSION).orElseGet(Version::text),
            config.value(ConfigKeys.CLUSTER_NAME)),
        config.value(ConfigKeys.LOG_LEVEL),
        new TlsReader(config).read());
  }

  /// As in RabbitMQ, naming listeners replaces the default one, unless that is given as well.
  private List<ListenAddress> listeners() throws ConfigRefused {
    if (config.isGiven(ConfigKeys.NO_LISTENERS)) {
      return noListeners();
    }
    String bind = config.value(ConfigKeys.BIND);
    List<ListenAddress> listeners = new ArrayList<>();
    List<ListenAddress> named = List.copyOf(config.family(ConfigKeys.LISTENERS).values());
    if (named.isEmpty() || config.isGiven(ConfigKeys.LISTENER)) {
      listeners.add(config.value(ConfigKeys.LISTENER).orHost(bind));
    }
    named.forEach(address -> listeners.add(address.orHost(bind)));
    return List.copyOf(listeners);
  }

  private List<ListenAddress> noListeners() throws ConfigRefused {
    if (config.isGiven(ConfigKeys.LISTENER) || !config.family(ConfigKeys.LISTENERS).isEmpty()) {
      throw new ConfigRefused(
          List.of(
              "listeners.tcp = none stands beside listeners.tcp.<name>: leave one of them out"));
    }
    return List.of();
  }

  private Optional<Path> definitions() {
    return config
        .find(ConfigKeys.LOAD_DEFINITIONS)
        .or(() -> config.find(ConfigKeys.DEFINITIONS_PATH));
  }

  private Settings.Access access() {
    Set<String> vhosts = new LinkedHashSet<>();
    vhosts.add(config.value(ConfigKeys.DEFAULT_VHOST));
    vhosts.addAll(config.value(ConfigKeys.VHOSTS));
    Set<String> loopback = new LinkedHashSet<>(config.value(ConfigKeys.LOOPBACK_USERS));
    config
        .family(ConfigKeys.LOOPBACK_USER)
        .forEach((user, local) -> {
          if (local) {
            loopback.add(user);
          } else {
            loopback.remove(user);
          }
        });
    return new Settings.Access(
        config.value(ConfigKeys.DEFAULT_USER),
        config.value(ConfigKeys.DEFAULT_PASS),
        config.value(ConfigKeys.DEFAULT_VHOST),
        List.copyOf(vhosts),
        Set.copyOf(loopback));
  }

  private Settings.Watermarks watermarks() {
    return new Settings.Watermarks(
        config.value(ConfigKeys.MEMORY_RELATIVE),
        optional(ConfigKeys.MEMORY_ABSOLUTE),
        config.value(ConfigKeys.DISK_FREE_LIMIT),
        optional(ConfigKeys.STORE_CACHE));
  }

  private Settings.JournalSizes journal() throws ConfigRefused {
    long segmentBytes = config.value(ConfigKeys.JOURNAL_SEGMENT);
    int bufferBytes = intValue(ConfigKeys.JOURNAL_BUFFER);
    if (2L * bufferBytes > segmentBytes) {
      throw new ConfigRefused(
          List.of(
              ("journal.buffer_bytes (" + ValueType.Bytes.text(bufferBytes))
                  + (") is more than half of journal.segment_bytes (")
                  + (ValueType.Bytes.text(segmentBytes) + "): a segment must hold two buffers")));
    }
    return new Settings.JournalSizes(
        segmentBytes,
        bufferBytes,
        intValue(ConfigKeys.JOURNAL_IDLE_MARK),
        config.value(ConfigKeys.JOURNAL_SYNC),
        config.value(ConfigKeys.STORE_JOURNAL));
  }

  private OptionalLong optional(ConfigKey<Long> key) {
    Optional<Long> value = config.find(key);
    return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
  }

  /// For keys whose bounds lie within an int.
  private int intValue(ConfigKey<Long> key) {
    return Math.toIntExact(config.value(key));
  }
}
