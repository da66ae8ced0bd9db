package holdfast.core;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// A regular expression of an administrator, searched for in names that clients choose: found
/// anywhere unless it is anchored; an empty one is found in the empty name only.
///
/// Some expressions try exponentially many ways to match a name made for the purpose. So a search
/// ends after [Limits#PATTERN_STEPS_MAX] looks at a character, and has found nothing then: what is
/// decided by it is refused, or does not apply.
final class NamePattern {
  /// Found in no name, not even in the empty one.
  static final NamePattern NOWHERE = new NamePattern("(?!)");

  private static final NeverFound NEVER_FOUND = new NeverFound();

  private final String regex;
  private final Pattern pattern;

  NamePattern(String regex) {
    this.regex = regex;
    this.pattern = Pattern.compile(regex);
  }

  /// What is wrong with an expression, or null.
  static @Nullable String problem(String regex) {
    if (regex.length() > Limits.PATTERN_CHARS_MAX) {
      return "longer than " + Limits.PATTERN_CHARS_MAX + " characters";
    }
    try {
      Pattern.compile(regex);
      return null;
    } catch (PatternSyntaxException e) {
      return e.getDescription() + " at character " + Math.max(0, e.getIndex());
    }
  }

  boolean isFoundIn(String name) {
    if (regex.isEmpty()) {
      return name.isEmpty();
    }
    try {
      return pattern.matcher(new Watched(name)).find();
    } catch (NeverFound e) {
      return false;
    }
  }

  /// Thrown through the search of the JDK, which has no other end.
  private static final class NeverFound extends RuntimeException {
    private static final long serialVersionUID = 1;

    NeverFound() {
      super("too many steps", null, false, false);
    }
  }

  /// A name that can be looked at so many times.
  private static final class Watched implements CharSequence {
    private final String name;
    private int looks;

    Watched(String name) {
      this.name = name;
    }

    @Override
    public char charAt(int index) {
      if (++looks > Limits.PATTERN_STEPS_MAX) {
        throw NEVER_FOUND;
      }
      return name.charAt(index);
    }

    @Override
    public int length() {
      return name.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return name.substring(start, end);
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
