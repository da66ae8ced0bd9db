package holdfast.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A JSON document in parts, each made when the one before has left: of a list of a hundred
/// thousand rows, itself made row by row, never more than a part is there as text.
final class JsonParts implements Iterator<ByteBuffer> {
  /// About the letters of a part; a single row may be longer.
  private static final int PART_CHARS = 1 << 15;

  /// Lists and maps on the outside are opened; what is deeper is written at once.
  private static final int OPENED_DEPTH = 2;

  private final ArrayDeque<Open> open = new ArrayDeque<>();
  private final StringBuilder text = new StringBuilder();
  private boolean ended;

  JsonParts(@Nullable Object document) {
    put(document);
  }

  @Override
  public boolean hasNext() {
    return !ended;
  }

  @Override
  public ByteBuffer next() {
    while (!open.isEmpty() && text.length() < PART_CHARS) {
      open.getLast().step();
    }
    if (open.isEmpty()) {
      text.append('\n');
      ended = true;
    }
    ByteBuffer part = StandardCharsets.UTF_8.encode(text.toString());
    text.setLength(0);
    return part;
  }

  private void put(@Nullable Object value) {
    if (open.size() < OPENED_DEPTH && value instanceof List<?> list) {
      text.append('[');
      open.add(new Open(list.iterator(), ']'));
    } else if (open.size() < OPENED_DEPTH && value instanceof Map<?, ?> map) {
      text.append('{');
      open.add(new Open(map.entrySet().iterator(), '}'));
    } else {
      text.append(Json.write(value));
    }
  }

  /// A list or map that was begun and has not ended.
  private final class Open {
    private final Iterator<?> rest;
    private final char end;
    private boolean begun;

    Open(Iterator<?> rest, char end) {
      this.rest = rest;
      this.end = end;
    }

    void step() {
      if (!rest.hasNext()) {
        open.removeLast();
        text.append(end);
        return;
      }
      if (begun) {
        text.append(',');
      }
      begun = true;
      Object one = rest.next();
      if (one instanceof Map.Entry<?, ?> member) {
        text.append(Json.write(String.valueOf(member.getKey()))).append(':');
        put(member.getValue());
      } else {
        put(one);
      }
    }
  }
}
