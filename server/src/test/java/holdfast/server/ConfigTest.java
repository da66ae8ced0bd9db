package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigTest {
  @TempDir Path dir;

  // -- the file --

  @Test
  void readsKeysValuesAndComments() throws ConfigRefused {
    List<ConfigEntry> entries =
        ConfigFile.parse(
            List.of(
                "# a comment",
                "",
                "  heartbeat=30s   # half the default",
                "default_pass = se#cret",
                "cluster_name = ' # kept '  # not this",
                "amqp.reported.product = it's"),
            "broker.conf");
    assertThat(entries)
        .containsExactly(
            new ConfigEntry("heartbeat", "30s", "broker.conf:3"),
            new ConfigEntry("default_pass", "se#cret", "broker.conf:4"),
            new ConfigEntry("cluster_name", " # kept ", "broker.conf:5"),
            new ConfigEntry("amqp.reported.product", "it's", "broker.conf:6"));
  }

  @Test
  void namesEveryLineThatIsNotASetting() {
    assertThat(problems("heartbeat 30", "= 5"))
        .containsExactly(
            "broker.conf:1: expected 'key = value', found 'heartbeat 30'",
            "broker.conf:2: expected 'key = value', found '= 5'");
  }

  @Test
  void saysWhyTheFileCannotBeRead() throws Exception {
    Path missing = dir.resolve("none.conf");
    assertThat(refusalOf(missing))
        .isEqualTo("cannot read the configuration file " + missing + ": no such file");
    Path binary = Files.write(dir.resolve("b.conf"), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThat(refusalOf(binary)).endsWith("it is not UTF-8 text");
    assertThat(refusalOf(dir)).startsWith("cannot read the configuration file " + dir + ": ");
  }

  // -- keys and values --

  @Test
  void suggestsTheNearestKeyForAnUnknownOne() {
    assertThat(problems("heartbeet = 30"))
        .containsExactly("broker.conf:1: unknown key 'heartbeet'; did you mean 'heartbeat'?");
    assertThat(problems("listener.tcp.2 = 5673"))
        .containsExactly(
            "broker.conf:1: unknown key 'listener.tcp.2'; did you mean 'listeners.tcp.2'?");
    assertThat(problems("vm_memory_high_watermark.relativ = 0.3"))
        .singleElement()
        .asString()
        .endsWith("did you mean 'vm_memory_high_watermark.relative'?");
  }

  @Test
  void suggestsNothingFarFetched() {
    assertThat(problems("zzzzzzzz = 1"))
        .containsExactly(
            "broker.conf:1: unknown key 'zzzzzzzz'; docs/configuration.md lists all keys");
  }

  @Test
  void saysWhatWasExpected() {
    assertThat(problems("frame_max = lots", "heartbeat = -1", "log.level = loud"))
        .containsExactly(
            "broker.conf:1: frame_max = 'lots': expected a size such as 64MiB, 128MB or plain"
                + " bytes, from 4KiB to 16MiB",
            "broker.conf:2: heartbeat = '-1': expected a time such as 10s, 500ms or a plain number"
                + " of seconds, from 0s to 65535s",
            "broker.conf:3: log.level = 'loud': expected one of trace, debug, info, warn, error,"
                + " off");
  }

  @Test
  void refusesTheBareNameOfAFamily() {
    assertThat(problems("listeners.tcp.<name> = 1", "loopback_users. = true")).hasSize(1);
  }

  @Test
  void neverShowsAPassword() {
    assertThat(problems("default_pass = " + "x".repeat(300)))
        .containsExactly("broker.conf:1: default_pass: expected text of 1 to 255 bytes");
  }

  @Test
  void everyDefaultIsAValueOfItsKey() {
    for (ConfigKey<?> key : ConfigKeys.ALL) {
      assertThat(key.defaultText().isEmpty() || key.defaultValue().isPresent())
          .as(key.name())
          .isTrue();
    }
  }

  @Test
  void everyKeyIsFoundByItsName() {
    for (ConfigKey<?> key : ConfigKeys.ALL) {
      assertThat(ConfigKeys.find(key.name().replace("<name>", "x")).orElseThrow()).isSameAs(key);
    }
  }

  // -- precedence --

  @Test
  void setGoesBeforeOptionsBeforeTheFileBeforeDefaults() throws Exception {
    Path file =
        Files.writeString(
            dir.resolve("broker.conf"),
            "listeners.tcp.default = 1\nbind = 10.0.0.1\ndata_dir = /file\nheartbeat = 1\n");
    Settings settings =
        settings("--config", file.toString(), "--data", "/option", "--bind=10.0.0.2");
    assertThat(settings.dataDir()).isEqualTo(Path.of("/option"));
    assertThat(settings.listeners()).containsExactly(new ListenAddress("10.0.0.2", 1));
    assertThat(settings.connections().heartbeatSeconds()).isEqualTo(1);
    assertThat(settings.connections().channelCountMax()).isEqualTo(2047);

    settings =
        settings(
            ("--set bind=10.0.0.3 --bind 10.0.0.2 --set heartbeat=2 --set heartbeat=3 --config "
                    + file)
                .split(" "));
    assertThat(settings.listeners()).containsExactly(new ListenAddress("10.0.0.3", 1));
    assertThat(settings.connections().heartbeatSeconds()).isEqualTo(3);
  }

  @Test
  void aPortOptionReplacesAllListenersOfTheFile() throws Exception {
    Path file =
        Files.writeString(
            dir.resolve("broker.conf"),
            "listeners.tcp.default = 1\nlisteners.tcp.1 = 127.0.0.1:2\n");
    assertThat(settings("--config", file.toString()).listeners()).hasSize(2);
    assertThat(settings("--config", file.toString(), "--port", "0").listeners())
        .containsExactly(new ListenAddress("0.0.0.0", 0));
  }

  @Test
  void namesTheOptionThatIsWrong() {
    assertThat(refusal("--port", "70000"))
        .startsWith("--port: listeners.tcp.default = '70000': expected a port from 0 to 65535");
    assertThat(refusal("--set", "heartbeat"))
        .isEqualTo("--set: expected key=value, found 'heartbeat'");
    assertThat(refusal("--set", "heart=1")).startsWith("--set: unknown key 'heart'");
  }

  private static Settings settings(String... args) throws ConfigRefused {
    return SettingsReader.read(ServeArguments.parsePlain(args).orElseThrow().load());
  }

  private static String refusal(String... args) {
    return catchThrowableOfType(ConfigRefused.class, () -> settings(args)).getMessage();
  }

  private static String refusalOf(Path file) {
    return catchThrowableOfType(ConfigRefused.class, () -> ConfigFile.read(file)).getMessage();
  }

  private static List<String> problems(String... lines) {
    return catchThrowableOfType(
            ConfigRefused.class, () -> Config.of(ConfigFile.parse(List.of(lines), "broker.conf")))
        .problems();
  }
}
