package holdfast.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerAddressTest {
  private static BrokerAddress address(String uri) {
    return BrokerAddress.of(uri, false, Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({
    "amqp://h, h, 5672, guest, guest, /, false",
    "amqps://h, h, 5671, guest, guest, /, true",
    "amqp://h:1/, h, 1, guest, guest, /, false",
    "amqp://h/%2f, h, 5672, guest, guest, /, false",
    "amqp://h/tests, h, 5672, guest, guest, tests, false",
    "amqp://a:b%40c+d@h/x%2fy, h, 5672, a, b@c+d, x/y, false",
  })
  void whatAUriLeavesOutIsTheUsual(
      String uri, String host, int port, String user, String password, String vhost, boolean tls) {
    assertThat(address(uri))
        .isEqualTo(
            new BrokerAddress(host, port, user, password, vhost, tls, false, Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "http://h", "amqp:h", "amqp://", "amqp://h:x", "a b"})
  void whatIsNoAddressIsRefused(String uri) {
    assertThatThrownBy(() -> address(uri)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void itShowsNoPassword() {
    assertThat(address("amqp://anna:secret@h").toString()).isEqualTo("amqp://h:5672");
  }
}
