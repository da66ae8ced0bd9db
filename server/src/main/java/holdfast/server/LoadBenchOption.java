package holdfast.server;

/// The options of `holdfast bench amqp` and what `--help` says of them, in its order.
enum LoadBenchOption {
  URI("--uri", "URI", "Broker. Default: as guest to port 5672 of this machine. amqps: is TLS."),
  INSECURE("--insecure", "", "With TLS: trust any certificate."),
  CACERT("--cacert", "FILE", "With TLS: trust this authority, in PEM."),
  PRODUCERS("--producers", "N", "Connections that publish (default: 1)."),
  CONSUMERS("--consumers", "N", "Connections that consume (default: 1)."),
  QUEUES(
      "--queues",
      "N",
      "Queues (default: 1). Producers and consumers share them; a producer with several publishes to them in turn."),
  QUEUE("--queue", "PREFIX", "Name of the queues, a number follows. Default: holdfast.bench"),
  QUEUE_TYPE("--queue-type", "TYPE", "classic (default), quorum or stream."),
  QUEUE_ARG("--queue-arg", "KEY=VALUE", "An argument of the queues. May be repeated."),
  TRANSIENT_QUEUE("--transient-queue", "", "Queues that do not outlive the broker."),
  KEEP("--keep", "", "Leave the queues and what is in them."),
  NO_DECLARE("--no-declare", "", "Use queues that are there; neither make nor remove any."),
  EXCHANGE_FANOUT(
      "--exchange-fanout", "", "Publish to a fanout exchange that is bound to all the queues."),
  BINDINGS(
      "--bindings",
      "N",
      "Publish to a topic exchange on which N bindings match nothing, beside one for each queue that matches what is meant for it."),
  SIZE("--size", "BYTES", "Body, at least 16 (default: 1024)."),
  PERSISTENT("--persistent", "", "Delivery mode 2 (default)."),
  TRANSIENT("--transient", "", "Delivery mode 1."),
  HEADERS("--headers", "N", "Headers, short strings (default: 0)."),
  EXPIRATION("--expiration", "MS", "Time to live of each message."),
  MANDATORY("--mandatory", "", "Have unroutable messages returned."),
  CONFIRMS(
      "--confirms", "N", "Unconfirmed at most, for each producer (default: 1000). 0: no confirms."),
  AUTO_ACK("--auto-ack", "", "Consume without acknowledging."),
  ACK_EVERY("--ack-every", "N", "Acknowledge N together (default: 1, each by itself)."),
  ACK_ALTERNATELY(
      "--ack-alternately",
      "",
      "Of those first every second one, then the others, each by itself: out of order."),
  PREFETCH(
      "--prefetch",
      "N",
      "Unacknowledged at most, for each consumer (default: 1000). 0: any number."),
  RATE("--rate", "R", "Messages a second, all producers together. Default: as many as go."),
  IDLE_CONNECTIONS("--idle-connections", "N", "More connections, which do nothing."),
  SLOW_CONSUMERS(
      "--slow-consumers",
      "N",
      "More consumers, slow ones, on one more queue, PREFIX.slow, which gets as many messages as another."),
  CONSUMER_DELAY("--consumer-delay-ms", "MS", "What those take for a message (default: 10)."),
  LARGE_SIZE(
      "--large-size",
      "BYTES",
      "One more producer sends large bodies through PREFIX.large to one more consumer, each when the one before is confirmed. Reported apart."),
  LARGE_EVERY("--large-every", "N", "One of those for N others. Default: as many as go."),
  SECONDS("--seconds", "S", "Time that is measured (default: 10)."),
  WARMUP("--warmup", "S", "Time before it that is not (default: 3)."),
  COUNT("--count", "N", "Publish N messages, instead of for a time; all are measured."),
  DRAIN("--drain", "", "Then wait until everything has arrived."),
  PRODUCE_ONLY("--produce-only", "", "Without consumers. Mind --keep."),
  CONSUME_ONLY("--consume-only", "", "Without producers, from queues that are there."),
  THREADS("--threads", "N", "Event loops (default: 1)."),
  JSON("--json", "FILE", "Write the whole result there."),
  QUIET("--quiet", "", "No line a second on standard error.");

  private final String option;
  private final String label;
  private final String help;

  LoadBenchOption(String option, String label, String help) {
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

  String help() {
    return help;
  }
}
