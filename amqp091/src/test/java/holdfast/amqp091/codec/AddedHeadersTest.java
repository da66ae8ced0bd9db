package holdfast.amqp091.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What headers that the broker adds leave of a property list as it was.
class AddedHeadersTest {
  private static BasicProperties added(BasicProperties to, Map<String, Object> headers) {
    return BasicProperties.parse(AddedHeaders.to(to.raw(), headers));
  }

  @Test
  void aListWithoutHeadersGetsThem() {
    BasicProperties from =
        BasicProperties.builder().contentType("text").deliveryMode(2).messageId("m").build();
    BasicProperties to = added(from, Map.of("x-stream-offset", 7L));
    assertThat(to.headers()).isEqualTo(Map.of("x-stream-offset", 7L));
    assertThat(to.contentType()).isEqualTo("text");
    assertThat(to.deliveryMode()).isEqualTo(2);
    assertThat(to.messageId()).isEqualTo("m");
    assertThat(added(BasicProperties.EMPTY, Map.of("a", 1L)).headers()).isEqualTo(Map.of("a", 1L));
  }

  @Test
  void headersThatAreThereStayBeforeThem() {
    Map<String, Object> own = new LinkedHashMap<>();
    own.put("b", "text");
    own.put("nested", Map.of("c", (byte) 3));
    own.put("a", (short) 2);
    BasicProperties from =
        BasicProperties.builder().contentEncoding("gzip").headers(own).appId("app").build();
    BasicProperties to = added(from, Map.of("x-stream-offset", 7L));
    own.put("x-stream-offset", 7L);
    assertThat(to.headers()).isEqualTo(own);
    assertThat(to.headers().keySet()).containsExactlyElementsOf(own.keySet());
    assertThat(to.contentEncoding()).isEqualTo("gzip");
    assertThat(to.appId()).isEqualTo("app");
  }

  @Test
  void headersOfTheSameNameGo() {
    BasicProperties from =
        BasicProperties.builder().headers(Map.of("x-stream-offset", "mine", "a", 1)).build();
    BasicProperties to = added(from, Map.of("x-stream-offset", 7L));
    assertThat(to.headers()).isEqualTo(Map.of("x-stream-offset", 7L, "a", 1));
    assertThat(to.raw())
        .as("each is there once")
        .hasSize(
            BasicProperties.builder()
                .headers(Map.of("x-stream-offset", 7L, "a", 1))
                .build()
                .raw()
                .length);
  }
}
