package holdfast.testkit;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A directory's names twice over: as a program sees them, and as they are on stable storage, with
/// the changes that lie between.
final class NameTable {
  private final TreeMap<String, SectorFile> now = new TreeMap<>();
  private final TreeMap<String, SectorFile> stable = new TreeMap<>();
  private final List<Change> unforced = new ArrayList<>();

  private sealed interface Change {
    /// The names it touches: changes of one name reach the disk in their order.
    Set<String> names();

    void applyTo(Map<String, SectorFile> names);
  }

  private record Create(String name, SectorFile file) implements Change {
    @Override
    public Set<String> names() {
      return Set.of(name);
    }

    @Override
    public void applyTo(Map<String, SectorFile> names) {
      names.put(name, file);
    }
  }

  private record Delete(String name) implements Change {
    @Override
    public Set<String> names() {
      return Set.of(name);
    }

    @Override
    public void applyTo(Map<String, SectorFile> names) {
      names.remove(name);
    }
  }

  /// Whole or not at all, as on every file system with a journal.
  private record Rename(String from, String to) implements Change {
    @Override
    public Set<String> names() {
      return Set.of(from, to);
    }

    @Override
    public void applyTo(Map<String, SectorFile> names) {
      SectorFile file = names.remove(from);
      if (file != null) {
        names.put(to, file);
      }
    }
  }

  List<String> list() {
    return List.copyOf(now.keySet());
  }

  @Nullable SectorFile find(String name) {
    return now.get(name);
  }

  long allocatedBytes() {
    long bytes = 0;
    for (SectorFile file : now.values()) {
      bytes += file.allocatedBytes();
    }
    return bytes;
  }

  void create(String name, SectorFile file) {
    change(new Create(name, file));
  }

  void delete(String name) {
    if (now.containsKey(name)) {
      change(new Delete(name));
    }
  }

  void rename(String from, String to) {
    if (!from.equals(to)) {
      change(new Rename(from, to));
    }
  }

  private void change(Change change) {
    change.applyTo(now);
    unforced.add(change);
  }

  void force() {
    for (Change change : unforced) {
      change.applyTo(stable);
    }
    unforced.clear();
  }

  /// The same names over copies of the same files.
  NameTable copy() {
    Map<SectorFile, SectorFile> copies = new IdentityHashMap<>();
    UnaryOperator<SectorFile> once = file -> copies.computeIfAbsent(file, SectorFile::copy);
    NameTable copy = new NameTable();
    now.forEach((name, file) -> copy.now.put(name, once.apply(file)));
    stable.forEach((name, file) -> copy.stable.put(name, once.apply(file)));
    for (Change change : unforced) {
      copy.unforced.add(
          change instanceof Create(String name, SectorFile file)
              ? new Create(name, once.apply(file))
              : change);
    }
    return copy;
  }

  /// The names after a loss of power, over files as that leaves them: of each name's unforced
  /// changes a prefix, and of different names any.
  NameTable afterCrash(CrashMode mode, SplittableRandom dice, double survival) {
    TreeMap<String, SectorFile> left = new TreeMap<>(stable);
    Set<String> stopped = new HashSet<>();
    for (Change change : unforced) {
      boolean survives =
          switch (mode) {
            case NOTHING_UNFORCED -> false;
            case EVERYTHING -> true;
            case ANY_SUBSET -> dice.nextDouble() < survival;
          };
      if (survives && change.names().stream().noneMatch(stopped::contains)) {
        change.applyTo(left);
      } else {
        stopped.addAll(change.names());
      }
    }
    NameTable image = new NameTable();
    left.forEach((name, file) -> image.create(name, file.afterCrash(mode, dice, survival)));
    image.force();
    return image;
  }
}
