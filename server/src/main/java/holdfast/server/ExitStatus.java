package holdfast.server;

/// What the process says with its exit status. The numbers are a promise to scripts and service
/// managers; docs/configuration.md lists them.
enum ExitStatus {
  CLEAN(0, "stopped cleanly, or the command did what it was asked"),
  BUG(1, "an unexpected error; the log has its stack trace"),
  DAMAGED(1, "`journal verify` found damage, and has named it"),
  USAGE(2, "a mistake on the command line or in the configuration"),
  DATA_REFUSED(3, "the data directory is in use, cannot be used, or is damaged"),
  ADDRESS_REFUSED(4, "a listener's address cannot be had, most often because it is in use"),
  NO_BROKER(5, "no broker is running on the data directory, or it does not answer"),
  REFUSED(6, "the broker would not do what it was asked, or only a part of it, and has said why"),
  VIOLATED(
      7, "`bench amqp` saw messages lost, doubled, out of order or refused, and has said how many"),
  JOURNAL_FAILED(70, "the journal failed while running; nothing was confirmed after that"),
  STOP_OVERDUE(71, "told to stop, but not done within five seconds; what was confirmed is safe");

  private final int code;
  private final String meaning;

  ExitStatus(int code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  int code() {
    return code;
  }

  String meaning() {
    return meaning;
  }
}
