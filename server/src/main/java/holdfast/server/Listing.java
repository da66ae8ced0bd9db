package holdfast.server;

import java.util.AbstractList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What of a list an administrator wants to see: one virtual host's, names that contain something,
/// so many from the first or a later one on. Sorted by virtual host and name.
///
/// @param vhost only this one's; all if empty
/// @param name what the name is to contain; anything if empty
record Listing(Optional<String> vhost, String name, long offset, long limit) {
  static final Listing EVERYTHING = new Listing(Optional.empty(), "", 0, Long.MAX_VALUE);

  static Listing of(Asked asked) throws OperationRefused {
    long offset = asked.number("offset", 0);
    long limit = asked.number("limit", Long.MAX_VALUE);
    if (offset < 0 || limit < 1) {
      throw OperationRefused.bad("--offset is 0 or more, --limit 1 or more");
    }
    return new Listing(asked.optional("vhost"), asked.text("name", ""), offset, limit);
  }

  /// The rows of what is to be seen, each made when it is asked for.
  <T> List<Map<String, @Nullable Object>> rows(
      List<T> all,
      Function<T, String> vhostOf,
      Function<T, String> nameOf,
      Function<T, Map<String, @Nullable Object>> rowOf) {
    List<T> seen =
        all.stream()
            .filter(one -> vhost.isEmpty() || vhost.get().equals(vhostOf.apply(one)))
            .filter(one -> nameOf.apply(one).contains(name))
            .sorted(Comparator.comparing(vhostOf).thenComparing(nameOf))
            .skip(offset)
            .limit(limit)
            .toList();
    return new Rows<>(seen, rowOf);
  }

  private static final class Rows<T> extends AbstractList<Map<String, @Nullable Object>> {
    private final List<T> items;
    private final Function<T, Map<String, @Nullable Object>> rowOf;

    Rows(List<T> items, Function<T, Map<String, @Nullable Object>> rowOf) {
      this.items = items;
      this.rowOf = rowOf;
    }

    @Override
    public Map<String, @Nullable Object> get(int index) {
      return rowOf.apply(items.get(index));
    }

    @Override
    public int size() {
      return items.size();
    }
  }
}
