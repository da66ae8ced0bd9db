package holdfast.server;

import holdfast.store.SyncPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// All the settings of a broker, typed and immutable: what the assembly starts from. Defaults and
/// bounds stand in [ConfigKeys].
record Settings(
    /* At least one. Hosts are not resolved yet; port 0 takes a free one. */
    List<ListenAddress> listeners,
    /* Absolute; may not exist yet. */
    Path dataDir,
    Access access,
    ConnectionLimits connections,
    MessageLimits messages,
    Watermarks watermarks,
    JournalSizes journal,
    Identity identity,
    LogLevel logLevel) {

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
      int handshakeTimeoutMs,
      int frameBytesMax,
      int channelCountMax,
      int connectionCountMax) {}

  /// `queueCountMax` is `Integer.MAX_VALUE` for no limit.
  record MessageLimits(int bodyBytesMax, int queueCountMax) {}

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
  record Identity(String product, String clusterName) {}
}
