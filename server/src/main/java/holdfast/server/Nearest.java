package holdfast.server;

import java.util.List;
import java.util.Optional;

/// Finds the word that a mistyped one was probably meant to be.
final class Nearest {
  private Nearest() {}

  /// Empty when every candidate is too far off to be a slip of the fingers.
  static Optional<String> to(String word, List<String> candidates) {
    int distanceMax = Math.max(2, word.length() / 3);
    Optional<String> nearest = Optional.empty();
    for (String candidate : candidates) {
      int distance = editDistance(word, candidate);
      if (distance <= distanceMax) {
        distanceMax = distance - 1;
        nearest = Optional.of(candidate);
      }
    }
    return nearest;
  }

  /// Levenshtein's: the fewest letters to put in, take out or change.
  private static int editDistance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int change = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
