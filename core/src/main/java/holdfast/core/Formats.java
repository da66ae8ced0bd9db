package holdfast.core;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The property formats that this broker's front ends know, by the number in the journal.
public final class Formats {
  private final Map<Integer, PropertyFormat> byId = new HashMap<>();

  public Formats(List<PropertyFormat> formats) {
    byId.put(PropertyFormat.NONE.id(), PropertyFormat.NONE);
    formats.forEach(format -> byId.put(format.id(), format));
  }

  /// A format that no front end of this process knows is carried as it is.
  PropertyFormat byId(int id) {
    return byId.computeIfAbsent(id, Unknown::new);
  }

  private record Unknown(int id) implements PropertyFormat {
    @Override
    public Arguments headers(byte[] properties) {
      return Arguments.NONE;
    }

    @Override
    public long expirationMs(byte[] properties) {
      return -1;
    }

    @Override
    public int priority(byte[] properties) {
      return -1;
    }

    @Override
    public byte[] edited(
        byte[] properties, Arguments headers, Set<String> removedHeaders, boolean noExpiration) {
      return properties;
    }
  }
}
