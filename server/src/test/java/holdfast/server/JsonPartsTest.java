package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class JsonPartsTest {
  private static String whole(Object document) {
    StringBuilder text = new StringBuilder();
    new JsonParts(document)
        .forEachRemaining(part -> text.append(StandardCharsets.UTF_8.decode(part)));
    return text.toString();
  }

  @Test
  void thePartsAreTheDocument() {
    List<Object> documents = new ArrayList<>();
    documents.addAll(
        Arrays.asList(
            null, "text", 7, List.of(), Map.of(), List.of(1, List.of(2, Map.of("a", 3)))));
    documents.add(Map.of("rows", List.of(Map.of("deep", List.of(List.of("ä"), Map.of())))));
    for (Object document : documents) {
      assertThat(whole(document)).isEqualTo(Json.write(document) + "\n");
    }
  }

  @Test
  void aRowIsMadeWhenItsPartIs() {
    AtomicInteger made = new AtomicInteger();
    List<Object> rows =
        new AbstractList<>() {
          @Override
          public Object get(int index) {
            made.incrementAndGet();
            return Map.of("name", "queue-" + index);
          }

          @Override
          public int size() {
            return 100_000;
          }
        };
    JsonParts parts = new JsonParts(rows);
    int first = parts.next().remaining();
    assertThat(first).isLessThan(40_000);
    assertThat(made.get()).isLessThan(3_000);
    parts.forEachRemaining(part -> assertThat(part.remaining()).isLessThan(40_000));
    assertThat(made.get()).isEqualTo(100_000);
  }
}
