package holdfast.server;

import holdfast.load.BrokerAddress;
import holdfast.load.LoadPlan;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/// The command line of `holdfast bench amqp`: its options, what they mean, and the plan they make.
final class LoadBenchLines {
  static final String NAME = "amqp";

  private static final int MILLION = 1_000_000;
  private static final int BODY_BYTES_MIN = 16;
  private static final int BODY_BYTES_MAX = 128 << 20;
  private static final int LARGE_BYTES_DEFAULT = 1 << 20;

  /// An option's value is wrong: the message names it and says what would be right.
  private static final class Mistake extends Exception {
    private static final long serialVersionUID = 1;

    Mistake(String message) {
      super(message);
    }
  }

  private final ParseResult given;

  private LoadBenchLines(ParseResult given) {
    this.given = given;
  }

  static Command read(ParseResult given) {
    try {
      LoadBenchLines lines = new LoadBenchLines(given);
      return new Command.BenchAmqp(
          lines.plan(),
          Optional.ofNullable(lines.text("--json")).map(Path::of),
          lines.has("--quiet"),
          given.originalArgs());
    } catch (Mistake mistake) {
      return new Command.Misuse("holdfast: " + mistake.getMessage() + "\n");
    }
  }

  // -- options --

  static CommandLine tree() {
    CommandSpec spec = CommandSpec.create().name(NAME);
    spec.usageMessage()
        .synopsisHeading("Usage: ")
        .customSynopsis("holdfast bench amqp [OPTIONS]")
        .description(
            "",
            "Load any AMQP 0-9-1 broker, measure what it does and check that it loses,",
            "doubles and reorders nothing. Queues are removed before and afterwards, so",
            "they need names that nobody else uses.",
            "")
        .optionListHeading("Options:%n")
        .sortOptions(false)
        .footer(
            "",
            "At a fixed --rate a latency runs from the time a message was due, whether or",
            "not it could be sent then; without one, from when it was written. What is",
            "counted and measured how: bench/README.md",
            "",
            "Examples:",
            "  How much one producer and one consumer get through, each message confirmed:",
            "    holdfast bench amqp --seconds 15",
            "  How long a confirm and a delivery take at 5,000 messages a second:",
            "    holdfast bench amqp --rate 5000 --seconds 30 --json steady.json",
            "  Whether 100,000 messages all arrive, through four quorum queues of another",
            "  broker:",
            "    holdfast bench amqp --uri amqp://guest:guest@127.0.0.1:5673/%%2f \\",
            "      --queues 4 --producers 4 --consumers 4 --queue-type quorum \\",
            "      --count 100000 --drain",
            "",
            "Exit status: 0 if all went well, %d if a check failed, %d if the broker ended a"
                .formatted(ExitStatus.VIOLATED.code(), ExitStatus.REFUSED.code()),
            "connection or a channel, %d if there was none."
                .formatted(ExitStatus.NO_BROKER.code()));
    for (LoadBenchOption option : LoadBenchOption.values()) {
      spec.addOption(optionSpec(option));
    }
    spec.addOption(CommandLines.helpOption());
    return new CommandLine(spec);
  }

  private static OptionSpec optionSpec(LoadBenchOption option) {
    if (option.label().isEmpty()) {
      return OptionSpec.builder(option.option())
          .type(boolean.class)
          .description(option.help())
          .build();
    }
    OptionSpec.Builder builder =
        OptionSpec.builder(option.option()).paramLabel(option.label()).arity("1");
    if (option == LoadBenchOption.QUEUE_ARG) {
      builder.type(List.class).auxiliaryTypes(String.class);
    } else {
      builder.type(String.class);
    }
    return builder.description(option.help()).build();
  }

  // -- the plan --

  private LoadPlan plan() throws Mistake {
    boolean producesOnly = has("--produce-only");
    boolean consumesOnly = has("--consume-only");
    refuseBoth("--produce-only", "--consume-only");
    refuseBoth("--persistent", "--transient");
    refuseBoth("--exchange-fanout", "--bindings");
    int producers = consumesOnly ? 0 : integer("--producers", 1, 0, 60_000);
    int consumers = producesOnly ? 0 : integer("--consumers", 1, 0, 60_000);
    if (producers + consumers == 0) {
      throw new Mistake("there is nobody to produce or to consume");
    }
    LoadPlan.Queues queues = queues();
    LoadPlan.Consuming consuming =
        new LoadPlan.Consuming(
            consumers,
            has("--auto-ack"),
            integer("--ack-every", 1, 1, 65_535),
            has("--ack-alternately"),
            integer("--prefetch", 1000, 0, 65_535));
    if (consuming.prefetch() > 0 && consuming.ackEvery() > consuming.prefetch()) {
      throw new Mistake("--ack-every is above --prefetch: the broker would wait for ever");
    }
    refuseBoth("--ack-alternately", "--auto-ack");
    if (consuming.alternately() && consuming.ackEvery() < 2) {
      throw new Mistake("--ack-alternately is about the messages of --ack-every: 2 or more");
    }
    if (queues.isStream() && consuming.autoAck()) {
      throw new Mistake("a stream is not consumed with --auto-ack");
    }
    long count = (long) number("--count", 0, 0, 1e12);
    return new LoadPlan(
        broker(),
        queues,
        new LoadPlan.Messages(
            integer("--size", 1024, BODY_BYTES_MIN, BODY_BYTES_MAX),
            !has("--transient"),
            integer("--headers", 0, 0, 1000),
            (long) number("--expiration", 0, 1, 1e12),
            has("--mandatory")),
        new LoadPlan.Producing(
            producers, integer("--confirms", 1000, 0, MILLION), number("--rate", 0, 0, 1e9)),
        consuming,
        beside(),
        new LoadPlan.Span(
            number("--seconds", 10, 0.1, 86_400),
            count > 0 ? 0 : number("--warmup", 3, 0, 3_600),
            count,
            has("--drain")),
        integer("--threads", 1, 1, 256));
  }

  private BrokerAddress broker() throws Mistake {
    String uri = text("--uri");
    try {
      return BrokerAddress.of(
          uri == null ? BrokerAddress.DEFAULT_URI : uri,
          has("--insecure"),
          Optional.ofNullable(text("--cacert")).map(Path::of));
    } catch (IllegalArgumentException wrong) {
      throw new Mistake("--uri " + wrong.getMessage());
    }
  }

  private LoadPlan.Queues queues() throws Mistake {
    String type = text("--queue-type") == null ? "classic" : String.valueOf(text("--queue-type"));
    if (!List.of("classic", "quorum", "stream").contains(type)) {
      throw new Mistake("--queue-type " + type + ": expected classic, quorum or stream");
    }
    boolean durable = !has("--transient-queue");
    if (!durable && !type.equals("classic")) {
      throw new Mistake("--transient-queue goes with classic queues only");
    }
    Map<String, Object> arguments = new LinkedHashMap<>();
    arguments.put("x-queue-type", type);
    for (Object each : given.matchedOptionValue("--queue-arg", List.of())) {
      String[] parts = each.toString().split("=", 2);
      if (parts.length < 2) {
        throw new Mistake("--queue-arg " + each + ": expected KEY=VALUE");
      }
      arguments.put(parts[0], value(parts[1]));
    }
    int bindings = integer("--bindings", 0, 0, MILLION);
    return new LoadPlan.Queues(
        integer("--queues", 1, 1, MILLION),
        text("--queue") == null ? "holdfast.bench" : String.valueOf(text("--queue")),
        type,
        arguments,
        durable,
        !has("--no-declare"),
        has("--keep"),
        has("--exchange-fanout")
            ? LoadPlan.Routing.FANOUT
            : bindings > 0 ? LoadPlan.Routing.TOPIC : LoadPlan.Routing.DEFAULT,
        bindings);
  }

  private static Object value(String text) {
    if (text.equals("true") || text.equals("false")) {
      return Boolean.valueOf(text);
    }
    return text.matches("-?\\d{1,18}") ? (Object) Long.valueOf(text) : text;
  }

  private LoadPlan.Beside beside() throws Mistake {
    boolean large = has("--large-size") || has("--large-every");
    return new LoadPlan.Beside(
        integer("--idle-connections", 0, 0, 60_000),
        integer("--slow-consumers", 0, 0, 10_000),
        integer("--consumer-delay-ms", 10, 1, 3_600_000),
        (long) number("--large-every", 0, 0, 1e12),
        large ? integer("--large-size", LARGE_BYTES_DEFAULT, BODY_BYTES_MIN, BODY_BYTES_MAX) : 0);
  }

  // -- values --

  private boolean has(String option) {
    return given.hasMatchedOption(option);
  }

  private @Nullable String text(String option) {
    return given.matchedOptionValue(option, (String) null);
  }

  private void refuseBoth(String one, String other) throws Mistake {
    if (has(one) && has(other)) {
      throw new Mistake(one + " and " + other + " exclude each other");
    }
  }

  private int integer(String option, int otherwise, int min, int max) throws Mistake {
    double value = number(option, otherwise, min, max);
    if (value != Math.rint(value)) {
      throw new Mistake("%s %s: expected a whole number".formatted(option, text(option)));
    }
    return (int) value;
  }

  private double number(String option, double otherwise, double min, double max) throws Mistake {
    String text = text(option);
    if (text == null) {
      return otherwise;
    }
    Mistake mistake =
        new Mistake(
            "%s %s: expected a number from %s to %s"
                .formatted(option, text, DiskFigures.plain(min), DiskFigures.plain(max)));
    try {
      double value = Double.parseDouble(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException notANumber) {
      mistake.initCause(notANumber);
    }
    throw mistake;
  }
}
