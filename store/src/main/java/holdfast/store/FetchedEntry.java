package holdfast.store;

/// An entry that was read back.
///
/// @param offered whether its log had somebody to hand entries to when it was appended
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record FetchedEntry(long sequence, byte[] header, byte[] body, boolean offered) {}
