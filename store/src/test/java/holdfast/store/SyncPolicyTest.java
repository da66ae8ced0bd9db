package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyncPolicyTest {
  @ParameterizedTest
  @CsvSource({
    "sync, sync",
    "written, written",
    "interval:100ms, interval:100ms",
    "interval:1ms, interval:1ms",
    "interval:2s, interval:2000ms",
    "interval:60s, interval:60000ms"
  })
  void readsWhatItPrints(String text, String printed) {
    SyncPolicy policy = SyncPolicy.parse(text);
    assertThat(policy).hasToString(printed);
    assertThat(SyncPolicy.parse(policy.toString())).isEqualTo(policy);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Sync", " sync", "always", "interval ", "fsync", "intervals:1ms"})
  void refusesAnythingElseAndNamesWhatIsAllowed(String text) {
    assertThatThrownBy(() -> SyncPolicy.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining("sync, interval:100ms or written");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "interval",
        "interval:",
        "interval:100",
        "interval:-5ms",
        "interval:1.5s",
        "interval:9999999999ms"
      })
  void refusesAnIntervalThatIsNone(String text) {
    assertThatThrownBy(() -> SyncPolicy.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining("interval:100ms or interval:2s");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"interval:0ms", "interval:60001ms", "interval:61s", "interval:999999999s"})
  void refusesAnIntervalOutOfItsBounds(String text) {
    assertThatThrownBy(() -> SyncPolicy.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from 1 ms to 60000 ms");
  }

  @Test
  void isSyncWhereNothingElseIsSaid() {
    assertThat(StoreOptions.standard().sync()).isEqualTo(SyncPolicy.SYNC);
    SyncPolicy written = new SyncPolicy.Written();
    assertThat(StoreOptions.tiny().withSync(written).sync()).isEqualTo(written);
  }
}
