package holdfast.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Topic patterns as a tree of words. A key is matched by walking all places it may stand at, word
/// by word, each place at most once a word: the work is at most words times nodes, whatever
/// combination of `#` the patterns hold. (Trying the ways that `#` can stretch one after the other
/// would take exponential time for a pattern like `#.a.#.a.#`.) A hundred thousand bindings made
/// for it can still keep a key busy for seconds, so a match has a limit.
final class TopicTrie {
  private static final class Node {
    /// Null while there are none, as is the other: most nodes have either, and few of it.
    private @Nullable Map<String, Node> children;

    private @Nullable Set<Binding> bindings;
    private final boolean anyWords;

    /// The last step that put this node among the places.
    private long stamp = -1;

    Node(boolean anyWords) {
      this.anyWords = anyWords;
    }

    @Nullable Node child(String word) {
      return children == null ? null : children.get(word);
    }

    Node childOrNew(String word) {
      if (children == null) {
        children = new HashMap<>(2);
      }
      return children.computeIfAbsent(word, w -> new Node(w.equals("#")));
    }

    void remove(String word) {
      if (children != null) {
        children.remove(word);
      }
    }

    void add(Binding binding) {
      if (bindings == null) {
        bindings = new LinkedHashSet<>(2);
      }
      bindings.add(binding);
    }

    void remove(Binding binding) {
      if (bindings != null) {
        bindings.remove(binding);
      }
    }

    void found(Consumer<Binding> found) {
      if (bindings != null) {
        bindings.forEach(found);
      }
    }

    boolean isEmpty() {
      return (bindings == null || bindings.isEmpty()) && (children == null || children.isEmpty());
    }
  }

  private final Node root = new Node(false);
  private long step;

  /// Places that the current match has stood at: what it costs.
  private long steps;

  private List<Node> places = new ArrayList<>();
  private List<Node> nextPlaces = new ArrayList<>();

  void add(Binding binding) {
    Node node = root;
    for (String word : words(binding.key())) {
      node = node.childOrNew(word);
    }
    node.add(binding);
  }

  void remove(Binding binding) {
    remove(root, words(binding.key()), 0, binding);
  }

  /// True when the node holds nothing any more.
  private static boolean remove(Node node, List<String> words, int index, Binding binding) {
    if (index == words.size()) {
      node.remove(binding);
    } else {
      Node child = node.child(words.get(index));
      if (child != null && remove(child, words, index + 1, binding)) {
        node.remove(words.get(index));
      }
    }
    return node.isEmpty();
  }

  /// Tells the bindings that a key matches, and returns how many steps that took; more than
  /// `stepsMax` mean that it was given up and nothing was told.
  long match(String key, long stepsMax, Consumer<Binding> found) {
    steps = 0;
    if (root.isEmpty()) {
      return steps;
    }
    places.clear();
    step++;
    enter(root, places);
    for (String word : words(key)) {
      step++;
      nextPlaces.clear();
      for (Node place : places) {
        if (place.anyWords) {
          enter(place, nextPlaces);
        }
        enter(place.child(word), nextPlaces);
        enter(place.child("*"), nextPlaces);
      }
      List<Node> swap = places;
      places = nextPlaces;
      nextPlaces = swap;
      if (steps > stepsMax) {
        return steps;
      }
    }
    for (Node place : places) {
      place.found(found);
    }
    return steps;
  }

  /// Stands at a node, and so at a `#` behind it, which may be no word at all.
  private void enter(@Nullable Node node, List<Node> into) {
    Node at = node;
    while (at != null && at.stamp != step) {
      at.stamp = step;
      steps++;
      into.add(at);
      at = at.child("#");
    }
  }

  /// The words between the dots; a key without a character has no word.
  private static List<String> words(String key) {
    List<String> words = new ArrayList<>();
    if (key.isEmpty()) {
      return words;
    }
    int from = 0;
    for (int dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', from)) {
      words.add(key.substring(from, dot));
      from = dot + 1;
    }
    words.add(key.substring(from));
    return words;
  }
}
