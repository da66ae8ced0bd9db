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
/// would take exponential time for a pattern like `#.a.#.a.#`.)
final class TopicTrie {
  private static final class Node {
    private final Map<String, Node> children = new HashMap<>();
    private final Set<Binding> bindings = new LinkedHashSet<>();
    private final boolean anyWords;

    /// The last step that put this node among the places.
    private long stamp = -1;

    Node(boolean anyWords) {
      this.anyWords = anyWords;
    }
  }

  private final Node root = new Node(false);
  private long step;
  private List<Node> places = new ArrayList<>();
  private List<Node> nextPlaces = new ArrayList<>();

  void add(Binding binding) {
    Node node = root;
    for (String word : words(binding.key())) {
      node = node.children.computeIfAbsent(word, w -> new Node(w.equals("#")));
    }
    node.bindings.add(binding);
  }

  void remove(Binding binding) {
    remove(root, words(binding.key()), 0, binding);
  }

  /// True when the node holds nothing any more.
  private static boolean remove(Node node, List<String> words, int index, Binding binding) {
    if (index == words.size()) {
      node.bindings.remove(binding);
    } else {
      Node child = node.children.get(words.get(index));
      if (child != null && remove(child, words, index + 1, binding)) {
        node.children.remove(words.get(index));
      }
    }
    return node.bindings.isEmpty() && node.children.isEmpty();
  }

  void match(String key, Consumer<Binding> found) {
    if (root.children.isEmpty() && root.bindings.isEmpty()) {
      return;
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
        enter(place.children.get(word), nextPlaces);
        enter(place.children.get("*"), nextPlaces);
      }
      List<Node> swap = places;
      places = nextPlaces;
      nextPlaces = swap;
    }
    for (Node place : places) {
      place.bindings.forEach(found);
    }
  }

  /// Stands at a node, and so at a `#` behind it, which may be no word at all.
  private void enter(@Nullable Node node, List<Node> into) {
    Node at = node;
    while (at != null && at.stamp != step) {
      at.stamp = step;
      into.add(at);
      at = at.children.get("#");
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
