package holdfast.cost;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.management.JMException;
import javax.management.ObjectName;

/// What lies in this process's heap, living or not, by class. Two of them with no collection in
/// between tell exactly which objects were made. It is taken as text and read later, so that the
/// reading makes no objects in between.
///
/// @param collections garbage collections so far
/// @param histogram a line for each class
record Heap(long collections, String histogram) {
  private static final int MOST = 20;

  /// What the collector puts where a thread has left a gap.
  private static final String FILLER = "[Ljdk.internal.vm.FillerElement;";

  static Heap now() {
    try {
      Object text =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "gcClassHistogram",
                  new Object[] {new String[] {"-all"}},
                  new String[] {String[].class.getName()});
      return new Heap(collectionsSoFar(), (String) text);
    } catch (JMException e) {
      throw new IllegalStateException("this JVM tells nothing of its heap", e);
    }
  }

  private static long collectionsSoFar() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
        .sum();
  }

  /// The objects that were made since then, by class.
  Map<String, Long> madeSince(Heap before) {
    if (collections != before.collections) {
      throw new IllegalStateException("garbage was collected meanwhile: the young heap is small");
    }
    Map<String, Long> made = objects();
    before.objects().forEach((name, count) -> made.merge(name, -count, Long::sum));
    return made;
  }

  private Map<String, Long> objects() {
    Map<String, Long> objects = new HashMap<>();
    histogram
        .lines()
        .map(line -> line.strip().split("\\s+"))
        .filter(words -> words[0].matches("\\d+:") && !words[3].equals(FILLER))
        .forEach(words -> objects.merge(words[3], Long.parseLong(words[1]), Long::sum));
    return objects;
  }

  /// The classes of which there are most, each with how many there are of it a message.
  static List<String> most(Map<String, Long> objects, long messages) {
    return objects.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(MOST)
        .map(e -> String.format("%.2f %s", (double) e.getValue() / messages, e.getKey()))
        .toList();
  }
}
