package holdfast.server;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads a configuration file in RabbitMQ's style: `key = value` a line, `#` begins a comment.
///
/// Unlike RabbitMQ, a `#` inside a value belongs to the value unless white space stands before it:
/// a password with a `#` in it is not cut short without a word. Single quotes keep a value as it
/// is.
final class ConfigFile {
  private ConfigFile() {}

  static List<ConfigEntry> read(Path file) throws ConfigRefused {
    try {
      return parse(Files.readAllLines(file), String.valueOf(file.getFileName()));
    } catch (NoSuchFileException missing) {
      throw unreadable(file, "no such file");
    } catch (AccessDeniedException denied) {
      throw unreadable(file, "permission denied");
    } catch (MalformedInputException binary) {
      throw unreadable(file, "it is not UTF-8 text");
    } catch (IOException failed) {
      throw unreadable(file, String.valueOf(failed.getMessage()));
    }
  }

  static List<ConfigEntry> parse(List<String> lines, String fileName) throws ConfigRefused {
    List<ConfigEntry> entries = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      String origin = fileName + ":" + (i + 1);
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      if (equals <= 0) {
        problems.add(origin + ": expected 'key = value', found '" + line + "'");
        continue;
      }
      String value = value(line.substring(equals + 1).strip());
      entries.add(new ConfigEntry(line.substring(0, equals).strip(), value, origin));
    }
    if (!problems.isEmpty()) {
      throw new ConfigRefused(problems);
    }
    return entries;
  }

  private static String value(String written) {
    if (written.startsWith("'")) {
      int close = written.indexOf('\'', 1);
      if (close > 0 && isBlankOrComment(written.substring(close + 1).strip())) {
        return written.substring(1, close);
      }
    }
    for (int i = 0; i < written.length(); i++) {
      if (written.charAt(i) == '#' && (i == 0 || Character.isWhitespace(written.charAt(i - 1)))) {
        return written.substring(0, i).strip();
      }
    }
    return written;
  }

  private static boolean isBlankOrComment(String rest) {
    return rest.isEmpty() || rest.startsWith("#");
  }

  private static ConfigRefused unreadable(Path file, String why) {
    return new ConfigRefused(List.of("cannot read the configuration file " + file + ": " + why));
  }
}
