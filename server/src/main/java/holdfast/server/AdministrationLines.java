package holdfast.server;

import holdfast.server.Topic.Parameter;
import holdfast.server.Topic.Shape;
import holdfast.server.Topic.Verb;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/// The command lines of [Topics], and of definitions: from words to an operation and its arguments.
final class AdministrationLines {
  static final String DEFINITIONS = "definitions";

  private static final String LIST = "list";
  private static final String SECRET_FILE = "--password-file";

  private AdministrationLines() {}

  // --- building ---

  static void addTo(CommandLine root, OptionSpec dataOption) {
    for (Topic topic : Topics.ALL) {
      root.addSubcommand(topic.name(), tree(topic, dataOption));
    }
    root.addSubcommand(DEFINITIONS, definitions(dataOption));
  }

  private static CommandLine tree(Topic topic, OptionSpec dataOption) {
    CommandSpec spec = common(CommandSpec.create().name(topic.name()), dataOption);
    Verb list = topic.verbs().getFirst();
    list.parameters().forEach(parameter -> add(spec, parameter, 0));
    spec.usageMessage()
        .synopsisHeading("Usage: ")
        .customSynopsis("holdfast " + topic.name() + " [VERB] [OPTIONS]")
        .description(topic.description(), "Without a verb they are listed.")
        .commandListHeading("%nVerbs:%n")
        .footer(footer(topic));
    CommandLine line = new CommandLine(spec);
    for (Verb verb : topic.verbs()) {
      CommandSpec one = common(CommandSpec.create().name(verb.name()), dataOption);
      int place = 0;
      for (Parameter parameter : verb.parameters()) {
        add(one, parameter, place);
        place += isWord(parameter.shape()) ? 1 : 0;
      }
      one.usageMessage().description(verb.description()).footer(footer(topic));
      line.addSubcommand(verb.name(), new CommandLine(one), aliases(verb.name()));
    }
    return line;
  }

  private static String[] aliases(String verb) {
    return switch (verb) {
      case "set" -> new String[] {"add"};
      case "clear" -> new String[] {"delete"};
      default -> new String[0];
    };
  }

  private static String[] footer(Topic topic) {
    List<String> lines = new ArrayList<>(List.of("", "Examples:"));
    for (String example : topic.examples()) {
      lines.add("  " + (example.startsWith("echo") ? example : "holdfast " + example));
    }
    lines.add("");
    lines.add("docs/administration.md tells more.");
    return lines.toArray(String[]::new);
  }

  private static CommandSpec common(CommandSpec spec, OptionSpec dataOption) {
    return spec.addOption(OptionSpec.builder(dataOption).build())
        .addOption(CommandLines.flag("--json", "Print the answer as JSON, for programs."))
        .addOption(CommandLines.helpOption());
  }

  private static boolean isWord(Shape shape) {
    return switch (shape) {
      case WORD, LAST_WORD, WORDS, NUMBERS, JSON -> true;
      case TEXT, NUMBER, FLAG, TABLE, SECRET -> false;
    };
  }

  private static void add(CommandSpec spec, Parameter parameter, int place) {
    switch (parameter.shape()) {
      case WORD, JSON -> spec.addPositional(positional(parameter, place, "1"));
      case LAST_WORD -> spec.addPositional(positional(parameter, place, "0..1"));
      case WORDS, NUMBERS -> spec.addPositional(positional(parameter, place, "0..*"));
      case TEXT, NUMBER ->
          spec.addOption(
              CommandLines.option(parameter.option(), parameter.label())
                  .description(parameter.description())
                  .build());
      case FLAG -> spec.addOption(CommandLines.flag(parameter.option(), parameter.description()));
      case TABLE -> spec.addOption(repeated(parameter));
      case SECRET ->
          spec.addOption(
              CommandLines.option(SECRET_FILE, "FILE")
                  .description(
                      "The first line of this file is the password; - is standard input.",
                      "Without it a terminal is asked, or standard input read.")
                  .build());
    }
  }

  private static OptionSpec repeated(Parameter parameter) {
    return OptionSpec.builder(parameter.option())
        .paramLabel(parameter.label())
        .type(List.class)
        .auxiliaryTypes(String.class)
        .arity("1")
        .description(parameter.description())
        .build();
  }

  private static PositionalParamSpec positional(Parameter parameter, int place, String arity) {
    boolean many = arity.endsWith("*");
    PositionalParamSpec.Builder builder =
        PositionalParamSpec.builder()
            .index(many ? place + "..*" : String.valueOf(place))
            .paramLabel(parameter.label())
            .arity(arity)
            .required(arity.equals("1"))
            .description(parameter.description());
    return many
        ? builder.type(List.class).auxiliaryTypes(String.class).build()
        : builder.type(String.class).build();
  }

  private static CommandLine definitions(OptionSpec dataOption) {
    CommandSpec spec = common(CommandSpec.create().name(DEFINITIONS), dataOption);
    String[] footer = {
      "",
      "Examples:",
      "  holdfast definitions export all.json",
      "  holdfast definitions export - --vhost shop | less",
      "  holdfast definitions import from-rabbitmq.json",
      "",
      "What is there already stays as it is and is named; so is what cannot be taken.",
      "Exit status: 0 all is there now, 6 something was refused, 2 the file is not",
      "there or malformed, and nothing was taken. docs/moving-from-rabbitmq.md tells",
      "more."
    };
    spec.usageMessage()
        .synopsisHeading("Usage: ")
        .customSynopsis("holdfast definitions export|import FILE [--vhost NAME]")
        .description(
            "Users, virtual hosts, permissions, policies, queues, exchanges and bindings",
            "as one file, in the form that RabbitMQ writes and reads.")
        .commandListHeading("%nVerbs:%n")
        .footer(footer);
    CommandLine line = new CommandLine(spec);
    for (String verb : List.of("export", "import")) {
      boolean isExport = verb.equals("export");
      CommandSpec one = common(CommandSpec.create().name(verb), dataOption);
      one.usageMessage()
          .description(isExport ? "Write them to a file." : "Take them from a file.")
          .footer(footer);
      add(
          one,
          Topic.word("file", "The file; - is standard " + (isExport ? "output." : "input.")),
          0);
      add(
          one,
          Topic.text(
              "vhost",
              "NAME",
              isExport ? "Only this virtual host's." : "Where goes what names no virtual host."),
          0);
      line.addSubcommand(verb, new CommandLine(one));
    }
    return line;
  }

  // --- reading ---

  static boolean isMeant(String command) {
    return command.equals(DEFINITIONS)
        || Topics.ALL.stream().anyMatch(topic -> topic.name().equals(command));
  }

  /// What was asked for, once help was not.
  static Command read(ParseResult chosen, Path dataDir) {
    String topic = chosen.commandSpec().name();
    ParseResult verb = chosen.hasSubcommand() ? chosen.subcommand() : chosen;
    boolean json = chosen.hasMatchedOption("--json") || verb.hasMatchedOption("--json");
    if (topic.equals(DEFINITIONS)) {
      if (!chosen.hasSubcommand()) {
        return misuse("definitions what? There are 'holdfast definitions export' and 'import'");
      }
      return new Command.Definitions(
          verb.commandSpec().name().equals("import"),
          String.valueOf(verb.matchedPositionalValue(0, (Object) "")),
          Optional.ofNullable(verb.matchedOptionValue("--vhost", null)),
          dataDir,
          json);
    }
    String name = chosen.hasSubcommand() ? verb.commandSpec().name() : LIST;
    Verb meant = Topics.find(topic + "." + name);
    if (meant == null) {
      throw new IllegalStateException("no operation " + topic + "." + name);
    }
    Map<String, Object> arguments = new LinkedHashMap<>();
    try {
      int place = 0;
      for (Parameter parameter : meant.parameters()) {
        read(parameter, place, chosen, verb, arguments);
        place += isWord(parameter.shape()) ? 1 : 0;
      }
    } catch (OperationRefused wrong) {
      return misuse(wrong.text());
    }
    boolean plain = !chosen.hasSubcommand() && arguments.isEmpty();
    if (plain && (topic.equals("queues") || topic.equals("connections"))) {
      return new Command.Inspect(topic, dataDir, json);
    }
    boolean secret = meant.takes("password") && !arguments.containsKey("password_hash");
    return new Command.Administer(
        topic,
        name,
        arguments,
        secret,
        secret ? Optional.ofNullable(verb.matchedOptionValue(SECRET_FILE, null)) : Optional.empty(),
        dataDir,
        json);
  }

  private static Command misuse(String text) {
    return new Command.Misuse("holdfast: " + text + ".\n'holdfast --help' explains.\n");
  }

  private static void read(
      Parameter parameter,
      int place,
      ParseResult topic,
      ParseResult verb,
      Map<String, Object> arguments)
      throws OperationRefused {
    Object value =
        isWord(parameter.shape())
            ? verb.matchedPositionalValue(place, null)
            : option(parameter, topic, verb);
    if (value == null) {
      return;
    }
    Object read =
        switch (parameter.shape()) {
          case WORD, LAST_WORD, TEXT, WORDS -> value;
          case FLAG -> true;
          case NUMBER -> ArgumentTexts.number(parameter.option(), value.toString());
          case NUMBERS -> ArgumentTexts.numbers(words(value));
          case JSON -> ArgumentTexts.object(parameter.label(), value.toString());
          case TABLE -> ArgumentTexts.table(parameter.option(), words(value));
          case SECRET -> value;
        };
    if (parameter.shape() != Shape.SECRET) {
      arguments.put(parameter.key(), read);
    }
  }

  private static @org.jspecify.annotations.Nullable Object option(
      Parameter parameter, ParseResult topic, ParseResult verb) {
    if (parameter.shape() == Shape.SECRET) {
      return null;
    }
    for (ParseResult result : List.of(verb, topic)) {
      if (result.hasMatchedOption(parameter.option())) {
        return result.matchedOptionValue(parameter.option(), null);
      }
    }
    return null;
  }

  private static List<String> words(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of(value.toString());
  }
}
