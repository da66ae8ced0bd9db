package holdfast.server;

import holdfast.net.CertificateLogin;
import holdfast.net.TlsOptions;
import holdfast.store.SyncPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// All the settings of a broker, typed and immutable: what the assembly starts from. Defaults and
/// bounds stand in [ConfigKeys].
record Settings(
    /* At least one here or in `encryption`. Hosts are not resolved yet; port 0 takes a free one. */
    List<ListenAddress> listeners,
    /* Absolute; may not exist yet. */
    Path dataDir,
    /* A file of definitions, or a directory of them, taken at every start. */
    Optional<Path> definitions,
    Access access,
    ConnectionLimits connections,
    MessageLimits messages,
    Watermarks watermarks,
    JournalSizes journal,
    Identity identity,
    LogLevel logLevel,
    Encryption encryption) {

  /// Who may come in. `vhosts` starts with `defaultVhost` and names none twice; `loopbackUsers` may
  /// connect from this machine only.
  record Access(
      String defaultUser,
      String defaultPass,
      String defaultVhost,
      List<String> vhosts,
      Set<String> loopbackUsers) {

    /// Without the password: records end up in logs.
    @Override
    public String toString() {
      return ("Access[defaultUser=" + defaultUser + ", defaultVhost=" + defaultVhost)
          + (", vhosts=" + vhosts + ", loopbackUsers=" + loopbackUsers + "]");
    }
  }

  /// `heartbeatSeconds` 0 is none; `connectionCountMax` is `Integer.MAX_VALUE` for no limit.
  record ConnectionLimits(
      int heartbeatSeconds,
      int frameBytesMax,
      int channelCountMax,
      int connectionCountMax,
      Handshakes handshakes) {}

  /// Of connections that have not logged in. `countMax` is `Integer.MAX_VALUE` for no limit.
  record Handshakes(int timeoutMs, int countMax, int refusedDelayMs, boolean proxyProtocol) {}

  /// `queueCountMax` is `Integer.MAX_VALUE` for no limit.
  record MessageLimits(int bodyBytesMax, int queueCountMax, long consumerTimeoutMs) {}

  /// Where publishers are blocked. `memoryBytes`, when present, is what counts, else the fraction
  /// of the largest heap. `cacheBytes`, when present, is what messages may take that are on disk as
  /// well.
  record Watermarks(
      double memoryFraction,
      OptionalLong memoryBytes,
      long diskFreeBytesMin,
      OptionalLong cacheBytes) {
    /// The memory that may be used before publishers are blocked.
    long memoryBytesOf(long heapBytesMax) {
      return memoryBytes.orElse((long) (heapBytesMax * memoryFraction));
    }
  }

  /// A buffer is never larger than a segment.
  record JournalSizes(
      long segmentBytes, int bufferBytes, int idleMarkMs, SyncPolicy sync, long replayBytesMax) {}

  /// What the broker calls itself to its clients.
  record Identity(String product, String version, String clusterName) {}

  /// Listeners with TLS; `options` are there when one of them is.
  record Encryption(
      List<ListenAddress> listeners, Optional<TlsOptions> options, CertificateLogin login) {}
}
