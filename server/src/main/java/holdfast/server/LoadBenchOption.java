package holdfast.server;

/// The options of `holdfast bench amqp` and what `--help` says of them, in its order.
enum LoadBenchOption {
  URI(
      "--uri",
      "URI",
      "Broker (default: amqp://guest:guest@127.0.0.1:5672/%%2f).",
      "amqps: is TLS."),
  INSECURE("--insecure", "", "With TLS: trust any certificate."),
  CACERT("--cacert", "FILE", "With TLS: trust this authority, in PEM."),
  PRODUCERS("--producers", "N", "Connections that publish (default: 1)."),
  CONSUMERS("--consumers", "N", "Connections that consume (default: 1)."),
  QUEUES(
      "--queues",
      "N",
      "Queues (default: 1). Producers and consumers share them;",
      "who has several publishes to them in turn."),
  QUEUE("--queue", "PREFIX", "Queues are PREFIX.0 and so on (default: holdfast.bench)."),
  QUEUE_TYPE("--queue-type", "TYPE", "classic (default), quorum or stream."),
  QUEUE_ARG("--queue-arg", "KEY=VALUE", "An argument of the queues. May be repeated."),
  TRANSIENT_QUEUE("--transient-queue", "", "Queues that do not outlive the broker."),
  KEEP("--keep", "", "Leave the queues and what is in them."),
  NO_DECLARE("--no-declare", "", "Use queues that are there; neither make nor remove any."),
  EXCHANGE_FANOUT(
      "--exchange-fanout", "", "Publish to a fanout exchange, bound to all the queues."),
  BINDINGS(
      "--bindings",
      "N",
      "Publish to a topic exchange on which N bindings match",
      "nothing, beside one a queue that does."),
  SIZE("--size", "BYTES", "Body, at least 16 (default: 1024)."),
  PERSISTENT("--persistent", "", "Delivery mode 2 (default)."),
  TRANSIENT("--transient", "", "Delivery mode 1."),
  HEADERS("--headers", "N", "Headers, short strings (default: 0)."),
  EXPIRATION("--expiration", "MS", "Time to live of each message."),
  MANDATORY("--mandatory", "", "Have unroutable messages returned."),
  CONFIRMS(
      "--confirms", "N", "Unconfirmed at most, a producer (default: 1000).", "0: no confirms."),
  AUTO_ACK("--auto-ack", "", "Consume without acknowledging."),
  ACK_EVERY("--ack-every", "N", "Acknowledge N together (default: 1, each by itself)."),
  PREFETCH("--prefetch", "N", "Unacknowledged at most, a consumer (default: 1000)."),
  RATE("--rate", "R", "Messages a second, all producers together (default: 0,", "all that goes)."),
  IDLE_CONNECTIONS("--idle-connections", "N", "More connections that do nothing."),
  SLOW_CONSUMERS(
      "--slow-consumers",
      "N",
      "More consumers, slow ones, on PREFIX.slow, which gets as",
      "many messages as another queue."),
  CONSUMER_DELAY("--consumer-delay-ms", "MS", "What they take for a message (default: 10)."),
  LARGE_SIZE(
      "--large-size",
      "BYTES",
      "One more producer sends large bodies through PREFIX.large",
      "to one more consumer, one at a time; reported apart."),
  LARGE_EVERY("--large-every", "N", "One of those for N others (default: 0, all that goes)."),
  SECONDS("--seconds", "S", "Time that is measured (default: 10)."),
  WARMUP("--warmup", "S", "Time before it that is not (default: 3)."),
  COUNT("--count", "N", "Publish N messages, instead of for a time; all measured."),
  DRAIN("--drain", "", "Then wait until everything has arrived."),
  PRODUCE_ONLY("--produce-only", "", "Without consumers. Mind --keep."),
  CONSUME_ONLY("--consume-only", "", "Without producers, from queues that are there."),
  THREADS("--threads", "N", "Event loops (default: 1)."),
  JSON("--json", "FILE", "Write the whole result there."),
  QUIET("--quiet", "", "No line a second on standard error.");

  private final String option;
  private final String label;
  private final String[] help;

  LoadBenchOption(String option, String label, String... help) {
    this.option = option;
    this.label = label;
    this.help = help;
  }

  String option() {
    return option;
  }

  /// Empty for one without a value.
  String label() {
    return label;
  }

  String[] help() {
    return help.clone();
  }
}
