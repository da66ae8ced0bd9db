package holdfast.store;

/// What every checkpoint says first.
///
/// @param number counts the checkpoints of a journal
/// @param rest number of the checkpoint that says what this one leaves out; 0 if this one is whole
/// @param replayFrom the oldest segment of the journal that is needed: replay starts there
/// @param begin where the journal stood when the checkpoint was begun: definitions are replayed
///   from there
/// @param nextLogId id of the next log
record CheckpointHead(
    JournalId journalId,
    long number,
    long rest,
    long epoch,
    long replayFrom,
    JournalFront.Place begin,
    long nextLogId) {

  void encode(ByteWriter out) {
    out.fixed64(Checkpoint.MAGIC).varint(Checkpoint.VERSION);
    out.fixed64(journalId.high()).fixed64(journalId.low());
    out.varint(number).varint(rest).varint(epoch).varint(replayFrom);
    out.varint(begin.generation()).varint(begin.write()).varint(begin.records());
    out.varint(nextLogId);
  }

  boolean isWhole() {
    return rest == 0;
  }

  /// Reads it behind magic and version.
  static CheckpointHead decode(ByteReader in) {
    return new CheckpointHead(
        new JournalId(in.fixed64(), in.fixed64()),
        in.varint(),
        in.varint(),
        in.varint(),
        in.varint(),
        new JournalFront.Place(in.varint(), in.varint(), (int) in.varint()),
        in.varint());
  }
}
