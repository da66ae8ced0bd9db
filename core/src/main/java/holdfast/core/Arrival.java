package holdfast.core;

/// A message on its way to disk: what happens once it is there.
///
/// @param position the journal's
/// @param session the publisher
/// @param confirmTag 0 if nothing is to be confirmed
/// @param entries its places in queues that wait for this position
record Arrival(long position, Session session, long confirmTag, Entry[] entries)
    implements Pending {}
