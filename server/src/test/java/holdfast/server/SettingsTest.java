package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.net.CertificateLogin;
import holdfast.store.SyncPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void defaultsAreThoseOfTheDocumentation() throws ConfigRefused {
    Settings settings = settings();
    assertThat(settings)
        .isEqualTo(
            new Settings(
                List.of(new ListenAddress("0.0.0.0", 5672)),
                Path.of("holdfast-data").toAbsolutePath(),
                Optional.empty(),
                settings.access(),
                new Settings.ConnectionLimits(
                    60,
                    131_072,
                    2047,
                    Integer.MAX_VALUE,
                    new Settings.Handshakes(10_000, 2048, 500, false)),
                new Settings.MessageLimits(16 << 20, Integer.MAX_VALUE, 1_800_000),
                new Settings.Watermarks(0.4, OptionalLong.empty(), 64 << 20, OptionalLong.empty()),
                new Settings.JournalSizes(128 << 20, 2 << 20, 75, SyncPolicy.SYNC, 256L << 20),
                new Settings.Identity("Holdfast", Version.text(), "holdfast"),
                LogLevel.INFO,
                new Settings.Encryption(
                    List.of(), Optional.empty(), CertificateLogin.DISTINGUISHED_NAME)));
    assertThat(settings.access().defaultUser()).isEqualTo("guest");
    assertThat(settings.access().defaultPass()).isEqualTo("guest");
    assertThat(settings.access().vhosts()).containsExactly("/");
    assertThat(settings.access().loopbackUsers()).containsExactly("guest");
  }

  @Test
  void namedListenersReplaceTheDefaultOne() throws ConfigRefused {
    assertThat(
            settings("listeners.tcp.1 = 127.0.0.1:5672", "listeners.tcp.2 = ::1:5672").listeners())
        .containsExactly(new ListenAddress("127.0.0.1", 5672), new ListenAddress("::1", 5672));
  }

  @Test
  void aDefaultListenerThatIsGivenStaysBesideNamedOnes() throws ConfigRefused {
    assertThat(
            settings("listeners.tcp.default = 1", "listeners.tcp.x = 2", "bind = [::]").listeners())
        .containsExactly(new ListenAddress("::", 1), new ListenAddress("::", 2));
  }

  @Test
  void virtualHostsStartWithTheDefaultAndNameNoneTwice() throws ConfigRefused {
    assertThat(settings("default_vhost = main", "vhosts = a, main,b").access().vhosts())
        .containsExactly("main", "a", "b");
  }

  @Test
  void loopbackUsersAreAddedAndTakenOutByName() throws ConfigRefused {
    assertThat(settings("loopback_users = none").access().loopbackUsers()).isEmpty();
    assertThat(settings("loopback_users.guest = false").access().loopbackUsers()).isEmpty();
    assertThat(settings("loopback_users.ann = true").access().loopbackUsers())
        .containsExactlyInAnyOrder("guest", "ann");
    assertThat(settings("loopback_users.ann = true", "loopback_users = none").access())
        .extracting(Settings.Access::loopbackUsers)
        .asString()
        .isEqualTo("[ann]");
  }

  @Test
  void anAbsoluteWatermarkGoesBeforeTheFraction() throws ConfigRefused {
    assertThat(settings().watermarks().memoryBytesOf(1000)).isEqualTo(400);
    assertThat(
            settings(
                    "vm_memory_high_watermark.absolute = 1GB",
                    "vm_memory_high_watermark.relative = 0.7")
                .watermarks()
                .memoryBytesOf(1000))
        .isEqualTo(1_000_000_000);
  }

  @Test
  void aBufferFitsItsSegment() {
    assertThatThrownBy(() -> settings("journal.segment_bytes = 1MiB"))
        .isInstanceOf(ConfigRefused.class)
        .hasMessage(
            "journal.buffer_bytes (2MiB) is more than half of journal.segment_bytes (1MiB): a segment"
                + " must hold two buffers");
  }

  @Test
  void thePasswordIsNotInItsText() throws ConfigRefused {
    assertThat(settings("default_pass = hush").toString()).doesNotContain("hush");
  }

  @Test
  void sizesAreReadInBothSystems() {
    ValueType.Bytes type = new ValueType.Bytes(0, Long.MAX_VALUE);
    assertThat(type.parse("1024")).contains(1024L);
    assertThat(type.parse("64MiB")).contains(64L << 20);
    assertThat(type.parse("64 mib")).contains(64L << 20);
    assertThat(type.parse("128MB")).contains(128_000_000L);
    assertThat(type.parse("1GB")).contains(1_000_000_000L);
    assertThat(type.parse("2G")).contains(2L << 30);
    assertThat(type.parse("9999999TiB")).isEmpty();
    assertThat(type.parse("1.5GB")).isEmpty();
    assertThat(type.parse("")).isEmpty();
    assertThat(type.parse("MiB")).isEmpty();
    assertThat(type.parse("12345678901234567890")).isEmpty();
  }

  @Test
  void timesAreReadInAnyUnitAndKeptInTheirOwn() {
    ValueType.Span seconds = new ValueType.Span(ValueType.Span.Unit.SECONDS, 0, 65_535);
    assertThat(seconds.parse("60")).contains(60L);
    assertThat(seconds.parse("2m")).contains(120L);
    assertThat(seconds.parse("3000ms")).contains(3L);
    assertThat(seconds.parse("1500ms")).as("not a whole number of seconds").isEmpty();
    assertThat(seconds.parse("1d")).as("over the bound").isEmpty();
    assertThat(new ValueType.Span(ValueType.Span.Unit.MS, 1, 60_000).parse("10s"))
        .contains(10_000L);
  }

  @Test
  void countsFlagsFractionsAndLevelsAreRead() {
    ValueType.Count count = new ValueType.Count(1, Integer.MAX_VALUE, true);
    assertThat(count.parse("infinity")).contains(Integer.MAX_VALUE);
    assertThat(count.parse("7")).contains(7);
    assertThat(count.parse("0")).isEmpty();
    assertThat(count.parse("7k")).isEmpty();
    assertThat(new ValueType.Count(1, 9, false).parse("infinity")).isEmpty();
    assertThat(new ValueType.Flag().parse("Yes")).contains(true);
    assertThat(new ValueType.Flag().parse("maybe")).isEmpty();
    assertThat(new ValueType.Fraction().parse("0.4")).contains(0.4);
    assertThat(new ValueType.Fraction().parse("1")).contains(1.0);
    assertThat(new ValueType.Fraction().parse("0")).isEmpty();
    assertThat(new ValueType.Fraction().parse("1.1")).isEmpty();
    assertThat(new ValueType.Level().parse("Warning")).contains(LogLevel.WARN);
    assertThat(new ValueType.Names().parse("a,,b")).isEmpty();
  }

  @Test
  void listenAddressesAreReadAndWritten() {
    assertThat(ListenAddress.parse("5672")).contains(new ListenAddress("", 5672));
    assertThat(ListenAddress.parse("localhost:1")).contains(new ListenAddress("localhost", 1));
    assertThat(ListenAddress.parse("[::1]:2")).contains(new ListenAddress("::1", 2));
    assertThat(ListenAddress.parse("::1:2")).contains(new ListenAddress("::1", 2));
    for (String bad : List.of("", "x", "65536", "-1", ":1", "a b:1", "localhost:", "[]:1")) {
      assertThat(ListenAddress.parse(bad)).as(bad).isEmpty();
    }
    assertThat(new ListenAddress("::1", 2)).hasToString("[::1]:2");
    assertThat(new ListenAddress("127.0.0.1", 2)).hasToString("127.0.0.1:2");
  }

  @Test
  void anUnknownHostIsARefusal() {
    assertThatThrownBy(() -> new ListenAddress("nowhere.invalid", 1).resolve())
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining("unknown host 'nowhere.invalid'");
  }

  private static Settings settings(String... lines) throws ConfigRefused {
    return SettingsReader.read(Config.of(ConfigFile.parse(List.of(lines), "broker.conf")));
  }
}
