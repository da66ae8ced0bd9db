package holdfast.server;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads JSON, whole or a value at a time: null, strings, booleans, lists, maps, and numbers as
/// BigDecimal, so that they print as they came. Malformed text is an IllegalArgumentException that
/// says where; so is a value that is larger or deeper than its limit.
final class JsonReader {
  /// Maps and lists inside each other.
  static final int DEPTH_MAX = 64;

  /// Letters of a number: none that anybody means is longer.
  private static final int NUMBER_LENGTH_MAX = 64;

  /// Decimal places either way: a number beyond could be written in a few letters, and would take
  /// hours to turn into another type.
  private static final int SCALE_MAX = 400;

  private static final int BUFFER_CHARS = 1 << 16;
  private static final int END = -1;

  private final Reader in;
  private final char[] buffer = new char[BUFFER_CHARS];
  private int at;
  private int filled;
  private int depth;

  /// The letter read last is the first of what is still to come.
  private int next;

  private long line = 1;
  private long column = 1;

  /// Letters that the value being read may still have.
  private long allowed = Long.MAX_VALUE;

  JsonReader(Reader in) {
    this.in = in;
    advance();
    column = 1;
  }

  /// The one value of a text.
  static @Nullable Object read(String text) {
    JsonReader reader = new JsonReader(new StringReader(text));
    Object value = reader.value(Long.MAX_VALUE);
    reader.expectEnd();
    return value;
  }

  /// The next value.
  ///
  /// @param lengthMax letters it may have
  @Nullable Object value(long lengthMax) {
    allowed = lengthMax;
    Object value = value();
    allowed = Long.MAX_VALUE;
    return value;
  }

  /// What is done with a member of a map whose key has just been read: it reads the value.
  interface Member {
    void read(String key);
  }

  /// What is done with an element of a list: it reads the value.
  interface Element {
    void read();
  }

  /// A map, member by member.
  void eachMember(Member member) {
    enter('{');
    if (!takes('}')) {
      do {
        skipBlanks();
        String key = string();
        expect(':');
        member.read(key);
      } while (takes(','));
      expect('}');
    }
    depth--;
  }

  /// A list, element by element.
  void eachElement(Element element) {
    enter('[');
    if (!takes(']')) {
      do {
        element.read();
      } while (takes(','));
      expect(']');
    }
    depth--;
  }

  /// Whether a list comes next.
  boolean isList() {
    skipBlanks();
    return next == '[';
  }

  void expectEnd() {
    skipBlanks();
    if (next != END) {
      throw malformed("the end");
    }
  }

  /// Where the next letter stands.
  String place() {
    return "line " + line + ", column " + column;
  }

  private @Nullable Object value() {
    skipBlanks();
    return switch (next) {
      case '{' -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        eachMember(key -> map.put(key, value()));
        yield map;
      }
      case '[' -> {
        List<@Nullable Object> list = new ArrayList<>();
        eachElement(() -> list.add(value()));
        yield list;
      }
      case '"' -> string();
      case 't' -> word("true", Boolean.TRUE);
      case 'f' -> word("false", Boolean.FALSE);
      case 'n' -> word("null", null);
      case END -> throw malformed("a value");
      default -> number();
    };
  }

  private String string() {
    expect('"');
    StringBuilder out = new StringBuilder();
    while (next != END && next != '"') {
      int c = next;
      advance();
      out.append(c == '\\' ? escaped() : (char) c);
    }
    expect('"');
    return out.toString();
  }

  private char escaped() {
    int c = next;
    char meant =
        switch (c) {
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          case 'b' -> '\b';
          case 'f' -> '\f';
          case '"', '\\', '/' -> (char) c;
          case 'u' -> 0;
          default -> throw malformed("an escaped letter");
        };
    advance();
    return c == 'u' ? unicode() : meant;
  }

  private char unicode() {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      int digit = next == END ? -1 : Character.digit(next, 16);
      if (digit < 0) {
        throw malformed("four hexadecimal digits");
      }
      code = code * 16 + digit;
      advance();
    }
    return (char) code;
  }

  private BigDecimal number() {
    String where = place();
    StringBuilder digits = new StringBuilder();
    while (next != END && "+-.eE0123456789".indexOf(next) >= 0) {
      digits.append((char) next);
      advance();
      if (digits.length() > NUMBER_LENGTH_MAX) {
        throw malformed("a shorter number");
      }
    }
    try {
      BigDecimal number = new BigDecimal(digits.toString());
      if (Math.abs((long) number.scale()) <= SCALE_MAX) {
        return number;
      }
    } catch (NumberFormatException notOne) {
      throw new IllegalArgumentException("expected a value at " + where, notOne);
    }
    throw new IllegalArgumentException("expected a number of a usual size at " + where);
  }

  private @Nullable Object word(String word, @Nullable Object meaning) {
    for (int i = 0; i < word.length(); i++) {
      if (next != word.charAt(i)) {
        throw malformed(word);
      }
      advance();
    }
    return meaning;
  }

  private void enter(char c) {
    expect(c);
    if (++depth > DEPTH_MAX) {
      throw malformed("less depth than " + DEPTH_MAX);
    }
  }

  private boolean takes(char c) {
    skipBlanks();
    if (next != c) {
      return false;
    }
    advance();
    return true;
  }

  private void expect(char c) {
    if (!takes(c)) {
      throw malformed("'" + c + "'");
    }
  }

  private void skipBlanks() {
    while (next == ' ' || next == '\t' || next == '\r' || next == '\n') {
      advance();
    }
  }

  private void advance() {
    if (--allowed < 0) {
      throw malformed("a shorter value");
    }
    if (next == '\n') {
      line++;
      column = 1;
    } else {
      column++;
    }
    if (at == filled) {
      fill();
    }
    next = filled == 0 ? END : buffer[at++];
  }

  private void fill() {
    try {
      filled = Math.max(0, in.read(buffer, 0, buffer.length));
      at = 0;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private IllegalArgumentException malformed(String expected) {
    return new IllegalArgumentException("expected " + expected + " at " + place());
  }
}
