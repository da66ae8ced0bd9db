package holdfast.server;

import java.nio.file.Path;
import java.util.OptionalLong;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/// The command line of `holdfast journal` and its tools.
final class JournalCommandLines {
  static final String NAME = "journal";

  private JournalCommandLines() {}

  /// Whether help on the journal's tools was asked for, or on none in particular.
  static boolean isHelpAsked(ParseResult chosen) {
    return chosen.commandSpec().name().equals(NAME)
        && (!chosen.hasSubcommand()
            || chosen.isUsageHelpRequested()
            || chosen.subcommand().isUsageHelpRequested());
  }

  static String help(ParseResult chosen) {
    ParseResult asked = chosen.hasSubcommand() ? chosen.subcommand() : chosen;
    return asked.commandSpec().commandLine().getUsageMessage(Ansi.AUTO);
  }

  /// What was asked for, once the command line is `journal TOOL ...`.
  static Command read(ParseResult journal) {
    ParseResult tool = journal.subcommand();
    Path directory = Path.of(String.valueOf(tool.matchedPositionalValue(0, (Object) "")));
    boolean progress = tool.hasMatchedOption("--progress");
    return switch (tool.commandSpec().name()) {
      case "verify" ->
          new Command.Journal.Verify(directory, tool.hasMatchedOption("--json"), progress);
      case "inspect" -> inspect(tool, directory);
      case "salvage" ->
          new Command.Journal.Salvage(
              directory,
              Path.of(String.valueOf(tool.matchedOptionValue("--to", (Object) ""))),
              tool.hasMatchedOption("--force"),
              progress);
      default -> throw new IllegalArgumentException("no tool " + tool.commandSpec().name());
    };
  }

  private static Command inspect(ParseResult tool, Path directory) {
    OptionalLong log = OptionalLong.empty();
    if (tool.hasMatchedOption("--log")) {
      String id = String.valueOf(tool.matchedOptionValue("--log", (Object) ""));
      try {
        log = OptionalLong.of(Long.parseLong(id));
      } catch (NumberFormatException notANumber) {
        return new Command.Misuse(
            "holdfast: --log takes the id of a log, a number, not '" + id + "'\n");
      }
    }
    return new Command.Journal.Inspect(directory, log, tool.hasMatchedOption("--json"));
  }

  static CommandLine tree() {
    CommandSpec journal = CommandSpec.create().name(NAME);
    journal.usageMessage().description("Look at a data directory, or save what is left of it.");
    journal
        .usageMessage()
        .synopsisHeading("Usage: ")
        .customSynopsis("holdfast journal TOOL DIR [OPTIONS]")
        .commandListHeading("%nTools:%n")
        .footer(
            "",
            "A broker keeps everything in one data directory. These tools read such a",
            "directory while no broker works on it, and never change it.",
            "",
            "When a broker refuses to start because its data is damaged:",
            "  1. Keep a copy of the directory if there is room for one.",
            "  2. holdfast journal verify DIR            what is damaged, what is lost",
            "  3. Put back the damaged file from a copy, if there is one. Else",
            "     holdfast journal salvage DIR --to NEW  everything that can be read",
            "  4. Read NEW/salvage-report.txt, then start with --data NEW.",
            "",
            "Exit status: 0 whole, or done; 1 'verify' found damage; 2 a mistake on the",
            "command line; 3 the directory is in use, cannot be read, holds no journal or",
            "one of another version, or salvage would not write.",
            "docs/journal-tools.md tells more.");
    journal.addOption(CommandLines.helpOption());
    CommandLine line = new CommandLine(journal);
    line.addSubcommand("verify", verify());
    line.addSubcommand("inspect", inspect());
    line.addSubcommand("salvage", salvage());
    return line;
  }

  private static CommandLine verify() {
    CommandSpec spec =
        tool("verify", "Read all of it and say whether it is whole.")
            .addOption(CommandLines.flag("--json", "Print the findings as JSON, for programs."))
            .addOption(progress());
    spec.usageMessage()
        .footer(
            "",
            "Every checkpoint, every write of the journal, every page of every log segment",
            "and every message in them is read and checked. Damage is named by file and",
            "offset, and what is lost by log and sequence.",
            "",
            "A torn tail is told and is no damage: a crash left a write unfinished, nothing",
            "of it was ever confirmed, and the next start cuts it off.",
            "",
            "Exit status: 0 whole, 1 damaged, 3 could not look.");
    return new CommandLine(spec);
  }

  private static CommandLine inspect() {
    CommandSpec spec =
        tool("inspect", "Show what is in it: files, definitions, logs.")
            .addOption(
                CommandLines.option("--log", "ID")
                    .description("List the entries of this log instead.")
                    .build())
            .addOption(CommandLines.flag("--json", "Print it as JSON, for programs."));
    spec.usageMessage()
        .footer(
            "",
            "A log is what a durable queue stands on; definitions say which is whose. The",
            "journal knows no broker, so their keys are shown as they are.",
            "",
            "Exit status: 0 shown, 3 could not look.");
    return new CommandLine(spec);
  }

  private static CommandLine salvage() {
    CommandSpec spec =
        tool("salvage", "Write everything that can still be read into a new directory.")
            .addOption(
                CommandLines.option("--to", "NEW")
                    .required(true)
                    .description("The new directory: it must not exist, or be empty.")
                    .build())
            .addOption(CommandLines.flag("--force", "Salvage although the directory is whole."))
            .addOption(progress());
    spec.usageMessage()
        .footer(
            "",
            "Gives up what is damaged, and says exactly what, also in salvage-report.txt in",
            "the new directory. Messages keep their queues and their order. All of them",
            "count as redelivered, and some that were acknowledged may be back, because the",
            "acknowledgement stood in a damaged place.",
            "",
            "Exit status: 0 done, 3 refused or could not write.");
    return new CommandLine(spec);
  }

  private static CommandSpec tool(String name, String description) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage().description(description);
    return spec.addPositional(
            PositionalParamSpec.builder()
                .index("0")
                .paramLabel("DIR")
                .type(String.class)
                .arity("1")
                .required(true)
                .description("The data directory.")
                .build())
        .addOption(CommandLines.helpOption());
  }

  private static CommandLine.Model.OptionSpec progress() {
    return CommandLines.flag(
        "--progress", "Tell on standard error how far it is, though it is no terminal.");
  }
}
