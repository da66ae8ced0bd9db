package holdfast.cost;

/// What is counted.
enum Count {
  ALLOCATED_BYTES("bytes allocated"),
  OBJECTS("objects"),
  COPIED_BYTES("bytes copied"),
  JOURNAL_BYTES("journal bytes"),
  JOURNAL_WRITES("journal writes"),
  READS("socket reads"),
  FLUSHES("socket flushes"),
  TURNS("loop turns"),
  TASKS("loop tasks"),
  WAKEUPS("wake-ups");

  final String text;

  Count(String text) {
    this.text = text;
  }
}
