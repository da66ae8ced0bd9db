package holdfast.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line with all its commands, help and complaints, built without annotations: these
/// are read by reflection, which costs more than the parsing.
///
/// `serve` is also what happens without a command, so the root takes its options too.
final class CommandLines {
  private static final String DEFAULT_DATA_DIR = ConfigKeys.DATA_DIR.defaultText();

  private CommandLines() {}

  static Command parse(String... args) {
    CommandLine root = tree();
    try {
      ParseResult top = root.parseArgs(args);
      ParseResult command = top.hasSubcommand() ? top.subcommand() : top;
      if (JournalCommandLines.isHelpAsked(command)) {
        return new Command.Say(JournalCommandLines.help(command));
      }
      if (command.commandSpec().name().equals(JournalCommandLines.NAME)) {
        return strayOption(JournalCommandLines.NAME, top)
            .orElseGet(() -> JournalCommandLines.read(command));
      }
      ParseResult chosen = innermost(top);
      if (AdministrationLines.isMeant(command.commandSpec().name())
          && !chosen.isUsageHelpRequested()) {
        Path data = dataDir(chosen, command.hasMatchedOption("--data") ? command : top);
        return onlyServes(command.commandSpec().name(), top)
            .orElseGet(() -> AdministrationLines.read(command, data));
      }
      if (chosen.isUsageHelpRequested()) {
        CommandLine asked = chosen.commandSpec().commandLine();
        return new Command.Say(asked.getUsageMessage(Ansi.AUTO));
      }
      if (top.isVersionHelpRequested() || chosen.isVersionHelpRequested()) {
        return new Command.Say("Holdfast " + Version.text() + System.lineSeparator());
      }
      String name = chosen.commandSpec().name();
      if (name.equals("bench")) {
        return new Command.Misuse(
            "holdfast: bench what? 'holdfast bench disk' or 'holdfast bench amqp'; 'holdfast bench --help'"
                + " explains.\n");
      }
      if (name.equals(LoadBenchLines.NAME)) {
        return strayOption("bench amqp", top).orElseGet(() -> LoadBenchLines.read(chosen));
      }
      if (name.equals("disk")) {
        return benchDisk(chosen, top);
      }
      return name.equals("holdfast") || name.equals("serve")
          ? new Command.Serve(ServeArguments.of(option -> given(option, chosen, top)))
          : inspect(name, chosen, top);
    } catch (ParameterException mistake) {
      return misuse(mistake);
    }
  }

  private static ParseResult innermost(ParseResult result) {
    return result.hasSubcommand() ? innermost(result.subcommand()) : result;
  }

  private static Command inspect(String name, ParseResult chosen, ParseResult top) {
    return onlyServes(name, top)
        .orElseGet(() ->
            new Command.Inspect(name, dataDir(chosen, top), chosen.hasMatchedOption("--json")));
  }

  private static Command benchDisk(ParseResult chosen, ParseResult top) {
    Optional<Command> misuse = onlyServes("bench disk", top);
    if (misuse.isPresent()) {
      return misuse.get();
    }
    try {
      return new Command.BenchDisk(
          DiskBenchArguments.of(
              option -> values(option, chosen),
              dataDir(chosen, top),
              chosen.hasMatchedOption("--json")));
    } catch (DiskBenchArguments.Mistake mistake) {
      return new Command.Misuse("holdfast: " + mistake.getMessage() + "\n");
    }
  }

  private static Path dataDir(ParseResult chosen, ParseResult top) {
    List<String> data = given("--data", chosen, top);
    return Path.of(data.isEmpty() ? DEFAULT_DATA_DIR : data.getFirst());
  }

  private static Optional<Command> onlyServes(String name, ParseResult top) {
    return Stream.of("--port", "--bind", "--config", "--set")
        .filter(top::hasMatchedOption)
        .findFirst()
        .map(option ->
            new Command.Misuse(
                "holdfast: " + option + " is for 'serve', not for '" + name + "'\n"));
  }

  /// The tools of the journal name their directory themselves.
  private static Optional<Command> strayOption(String name, ParseResult top) {
    return top.hasMatchedOption("--data")
        ? Optional.of(
            new Command.Misuse(
                "holdfast: '"
                    + name
                    + "' takes the directory behind the tool's name, without"
                    + " --data\n"))
        : onlyServes(name, top);
  }

  /// An option may stand before the command or behind it; behind goes first, and `--set` adds up,
  /// the later going last.
  private static List<String> given(String option, ParseResult chosen, ParseResult top) {
    List<String> before = top.hasSubcommand() ? values(option, top) : List.of();
    List<String> behind = values(option, chosen);
    boolean addsUp = option.equals("--set");
    List<String> values = new ArrayList<>(addsUp ? before : behind);
    values.addAll(addsUp ? behind : before);
    return values;
  }

  private static List<String> values(String option, ParseResult result) {
    Object value = result.matchedOptionValue(option, (Object) List.of());
    return value instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of(String.valueOf(value));
  }

  private static Command misuse(ParameterException mistake) {
    StringBuilder text = new StringBuilder("holdfast: ").append(mistake.getMessage()).append('\n');
    if (mistake instanceof UnmatchedArgumentException unmatched) {
      CommandSpec spec = mistake.getCommandLine().getCommandSpec();
      List<String> known = new ArrayList<>(spec.subcommands().keySet());
      known.addAll(spec.optionsMap().keySet());
      Nearest.to(unmatched.getUnmatched().getFirst(), known)
          .ifPresent(word -> text.append("Did you mean ").append(word).append("?\n"));
    }
    return new Command.Misuse(text.append("'holdfast --help' explains.\n").toString());
  }

  private static CommandLine tree() {
    CommandSpec root = serveOptions(CommandSpec.create().name("holdfast"));
    root.usageMessage()
        .header("Holdfast: a durable message broker for AMQP 0-9-1.", "")
        .synopsisHeading("Usage: ")
        .customSynopsis(
            "holdfast [serve] [OPTIONS]", "       holdfast COMMAND [--data DIR] [--json]")
        .description(
            "",
            "Without a command a broker is started. Everything it keeps lives in one data",
            "directory, " + DEFAULT_DATA_DIR + " unless --data names another; what it confirms has",
            "reached stable storage there. Clients connect to port "
                + ConfigKeys.LISTENER.defaultText()
                + " on every interface,",
            "user guest with password guest, from this machine only.",
            "")
        .optionListHeading("Options:%n")
        .commandListHeading("%nCommands:%n")
        .footer(footer());
    CommandLine line = new CommandLine(root);
    CommandSpec serve = serveOptions(CommandSpec.create().name("serve"));
    serve
        .usageMessage()
        .description("Start a broker in the foreground (also without a command).")
        .footer(footer());
    line.addSubcommand(serve.name(), new CommandLine(serve));
    addInspection(line, "status", "Show how the running broker is.");
    AdministrationLines.addTo(line, dataOption("Data directory of the broker to ask."));
    addBench(line);
    line.addSubcommand(JournalCommandLines.NAME, JournalCommandLines.tree());
    return line;
  }

  private static void addInspection(CommandLine line, String name, String description) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage().description(description);
    spec.addOption(dataOption("Data directory of the broker to ask."));
    spec.addOption(flag("--json", "Print the answer as JSON, for programs."));
    spec.addOption(helpOption());
    line.addSubcommand(name, new CommandLine(spec));
  }

  private static void addBench(CommandLine line) {
    CommandSpec disk = CommandSpec.create().name("disk");
    disk.usageMessage()
        .description(
            "Measure how long the disk takes to keep a record, and how well that is",
            "predicted: docs/persistence-model.md. Writes up to 1 GiB beside the data, into",
            "a directory of its own, and removes it. A broker on the same disk is slowed down.");
    disk.addOption(dataOption("Data directory whose disk it is."))
        .addOption(
            option("--seconds", "N")
                .description("Time to measure each sync policy for (default: 15).")
                .build())
        .addOption(
            option("--latency-ms", "N")
                .description("Wish: 99 of 100 confirms within so many ms. Chooses a policy.")
                .build())
        .addOption(option("--rate", "N").description("Wish: so many records a second.").build())
        .addOption(
            option("--record-bytes", "N")
                .description("The size of record the wishes are for (default: 1024).")
                .build())
        .addOption(option("--svg", "FILE").description("Draw predicted and measured.").build())
        .addOption(flag("--json", "Print the figures as JSON, for programs."))
        .addOption(helpOption());
    CommandSpec bench = CommandSpec.create().name("bench");
    bench
        .usageMessage()
        .description("Measure this machine: 'bench disk', or a broker: 'bench amqp'.");
    bench.addOption(dataOption("Data directory whose disk it is.")).addOption(helpOption());
    CommandLine benchLine = new CommandLine(bench);
    benchLine.addSubcommand(disk.name(), new CommandLine(disk));
    benchLine.addSubcommand(LoadBenchLines.NAME, LoadBenchLines.tree());
    line.addSubcommand(bench.name(), benchLine);
  }

  private static CommandSpec serveOptions(CommandSpec spec) {
    return spec.addOption(dataOption("Data directory, made if it does not exist."))
        .addOption(
            option("--port", "N")
                .description(
                    "Port for AMQP clients (default: "
                        + ConfigKeys.LISTENER.defaultText()
                        + "). 0 takes a free one.")
                .build())
        .addOption(
            option("--bind", "ADDR")
                .description(
                    "Address to listen on (default: " + ConfigKeys.BIND.defaultText() + ").")
                .build())
        .addOption(
            option("--config", "FILE")
                .description("Configuration file, 'key = value' a line.")
                .build())
        .addOption(
            OptionSpec.builder("--set")
                .paramLabel("KEY=VALUE")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .description(
                    "One setting, over the file and the options.",
                    "May be repeated. Keys: docs/configuration.md")
                .build())
        .addOption(helpOption())
        .addOption(
            OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .type(boolean.class)
                .description("Print the version.")
                .build());
  }

  private static OptionSpec dataOption(String description) {
    return option("--data", "DIR").description(description, "Default: " + DEFAULT_DATA_DIR).build();
  }

  static OptionSpec.Builder option(String name, String label) {
    return OptionSpec.builder(name).paramLabel(label).type(String.class).arity("1");
  }

  static OptionSpec flag(String name, String description) {
    return OptionSpec.builder(name).type(boolean.class).description(description).build();
  }

  static OptionSpec helpOption() {
    return OptionSpec.builder("-h", "--help")
        .usageHelp(true)
        .type(boolean.class)
        .description("Show this help.")
        .build();
  }

  private static String[] footer() {
    List<String> lines = new ArrayList<>();
    lines.addAll(
        List.of(
            "",
            "Examples:",
            "  holdfast                            port 5672, data in ./holdfast-data",
            "  holdfast --port 0 --data /tmp/try   a free port, named in the ready line",
            "  holdfast --config broker.conf --set heartbeat=30s",
            "  holdfast queues --json              ask the broker on ./holdfast-data",
            "",
            "Of a setting given twice --set counts, then --port --bind --data, then the",
            "file, then the default.",
            "",
            "When it accepts clients the broker prints one line to standard output:",
            "  Holdfast VERSION ready in N ms: amqp ADDRESS:PORT data DIR",
            "Its log goes to standard error. SIGTERM or Ctrl-C stops it cleanly within 5 s.",
            "",
            "Exit status:"));
    for (ExitStatus status : ExitStatus.values()) {
      lines.add("  %2d  %s".formatted(status.code(), status.meaning()));
    }
    return lines.toArray(String[]::new);
  }
}
