package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableTest {
  @Test
  void columnsAreAlignedAndNumbersStandToTheRight() {
    assertThat(
            shown(
                "queues",
                "[{'name':'orders','messages':1200,'durable':true},"
                    + "{'name':'mail','messages':3,'durable':false}]"))
        .isEqualTo(
            """
            name    messages  durable
            orders      1200  yes
            mail           3  no
            """);
  }

  @Test
  void aRowWithoutAColumnHasAnEmptyCell() {
    assertThat(shown("queues", "[{'a':1},{'b':'x','a':22},{'b':null}]"))
        .isEqualTo(
            """
             a  b
             1
            22  x

            """);
  }

  @Test
  void nothingIsSaidInWords() {
    assertThat(shown("queues", "[]")).isEqualTo("no queues" + System.lineSeparator());
    assertThat(shown("connections", "[]")).isEqualTo("no connections" + System.lineSeparator());
  }

  @Test
  void factsAreAListWithInnerMapsOpened() {
    assertThat(
            shown(
                "status", "{'version':'1','memory':{'used':12.50,'limit':null},'alarms':[1,'x']}"))
        .isEqualTo(
            """
            version       1
            memory.used   12.50
            memory.limit
            alarms        1, x
            """);
  }

  @Test
  void aNameCannotMoveTheCursorOrBreakTheRow() {
    assertThat(shown("queues", "[{'name':'a\\u001b[2J\\nb'}]")).isEqualTo("name\na?[2J?b\n");
  }

  // -- JSON --

  @Test
  void whatIsWrittenIsReadBack() {
    Map<String, Object> inner = new LinkedHashMap<>();
    inner.put("null", null);
    inner.put("text", "\"\\ \n\r\t\u0001\u007f é 😀 /");
    inner.put("list", Arrays.asList(true, false, null, List.of(), Map.of()));
    inner.put("lone", "\ud800");
    assertThat(JsonReader.read(Json.write(inner))).isEqualTo(inner);
  }

  @Test
  void numbersAreWrittenAsTheyAre() {
    assertThat(Json.write(List.of(1, -2L, 0.5, Double.NaN, Long.MAX_VALUE)))
        .isEqualTo("[1,-2,0.5,null,9223372036854775807]");
    assertThat(JsonReader.read(" [ 1 , -2.50e3 ] ")).asString().isEqualTo("[1, -2.50E+3]");
  }

  @Test
  void onlyAsciiLeavesAsControlCharacters() {
    assertThat(Json.write("\u0000\u009f\ud800")).isEqualTo("\"\\u0000\\u009f\\ud800\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[1,]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "\"",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "tru",
        "nul",
        "1 2",
        "-",
        "--1",
        "{1:2}",
        "]"
      })
  void malformedTextIsRefused(String text) {
    assertThatThrownBy(() -> JsonReader.read(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("expected ");
  }

  @Test
  void depthIsBounded() {
    assertThatThrownBy(() -> JsonReader.read("[".repeat(100_000)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static String shown(String request, String json) {
    return InspectCommand.layOut(request, JsonReader.read(json.replace('\'', '"')));
  }
}
