package holdfast.core;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The destinations of an exchange that sends each message to one of them. Each is here once,
/// however many bindings lead there, in the order of names: so the order is the same after a
/// restart. Guarded by the gate.
final class Bound {
  private static final Destination[] NONE = {};

  /// A destination and the bindings that lead there.
  private static final class Place {
    final Destination destination;
    int bindings;

    Place(Destination destination) {
      this.destination = destination;
    }
  }

  private final Map<String, Place> places = new TreeMap<>();

  /// The destinations in order, or null when they must be gathered anew.
  private Destination @Nullable [] row;

  void add(Destination destination) {
    Place place = places.computeIfAbsent(id(destination), id -> new Place(destination));
    place.bindings++;
    row = null;
  }

  void remove(Destination destination) {
    Place place = places.get(id(destination));
    if (place != null && --place.bindings == 0) {
      places.remove(id(destination));
      row = null;
    }
  }

  Destination[] all() {
    Destination[] gathered = row;
    if (gathered == null) {
      gathered = places.values().stream().map(place -> place.destination).toList().toArray(NONE);
      row = gathered;
    }
    return gathered;
  }

  /// A name for a destination that no other of its virtual host has.
  static String id(Destination destination) {
    return (destination instanceof Queue ? "q" : "x") + destination.name();
  }
}
