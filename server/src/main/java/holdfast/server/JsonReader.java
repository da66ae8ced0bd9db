package holdfast.server;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads what [Json] writes, for the client commands: null, strings, booleans, lists, maps, and
/// numbers as BigDecimal, so that they print as they came. Malformed text is an
/// IllegalArgumentException that says where.
final class JsonReader {
  private static final int DEPTH_MAX = 64;

  private final String text;
  private int at;
  private int depth;

  private JsonReader(String text) {
    this.text = text;
  }

  static @Nullable Object read(String text) {
    JsonReader reader = new JsonReader(text);
    Object value = reader.value();
    reader.skipBlanks();
    if (reader.at != text.length()) {
      throw reader.malformed("the end");
    }
    return value;
  }

  private @Nullable Object value() {
    skipBlanks();
    if (at == text.length()) {
      throw malformed("a value");
    }
    return switch (text.charAt(at)) {
      case '{' -> map();
      case '[' -> list();
      case '"' -> string();
      case 't' -> word("true", Boolean.TRUE);
      case 'f' -> word("false", Boolean.FALSE);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Map<String, @Nullable Object> map() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    enter();
    if (!takes('}')) {
      do {
        skipBlanks();
        String key = string();
        expect(':');
        map.put(key, value());
      } while (takes(','));
      expect('}');
    }
    depth--;
    return map;
  }

  private List<@Nullable Object> list() {
    List<@Nullable Object> list = new ArrayList<>();
    enter();
    if (!takes(']')) {
      do {
        list.add(value());
      } while (takes(','));
      expect(']');
    }
    depth--;
    return list;
  }

  private String string() {
    expect('"');
    StringBuilder out = new StringBuilder();
    while (at < text.length() && text.charAt(at) != '"') {
      char c = text.charAt(at++);
      out.append(c == '\\' ? escaped() : c);
    }
    if (at == text.length()) {
      throw malformed("'\"'");
    }
    at++;
    return out.toString();
  }

  private char escaped() {
    if (at == text.length()) {
      throw malformed("an escaped letter");
    }
    char c = text.charAt(at++);
    return switch (c) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case '"', '\\', '/' -> c;
      case 'u' -> unicode();
      default -> throw malformed("an escaped letter");
    };
  }

  private char unicode() {
    if (at + 4 > text.length()) {
      throw malformed("four hexadecimal digits");
    }
    int code = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(text.charAt(at++), 16);
      if (digit < 0) {
        throw malformed("four hexadecimal digits");
      }
      code = code * 16 + digit;
    }
    return (char) code;
  }

  private BigDecimal number() {
    int start = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    try {
      return new BigDecimal(text.substring(start, at));
    } catch (NumberFormatException notOne) {
      throw new IllegalArgumentException("expected a value at " + start, notOne);
    }
  }

  private @Nullable Object word(String word, @Nullable Object meaning) {
    if (!text.startsWith(word, at)) {
      throw malformed(word);
    }
    at += word.length();
    return meaning;
  }

  private void enter() {
    at++;
    if (++depth > DEPTH_MAX) {
      throw malformed("less depth than " + DEPTH_MAX);
    }
  }

  private boolean takes(char c) {
    skipBlanks();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char c) {
    if (!takes(c)) {
      throw malformed("'" + c + "'");
    }
  }

  private void skipBlanks() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private IllegalArgumentException malformed(String expected) {
    return new IllegalArgumentException("expected " + expected + " at " + at);
  }
}
