package holdfast.core;

import org.jspecify.annotations.Nullable;

/// A message on its way to disk: what happens once it is there.
///
/// @param position the journal's
/// @param session the publisher
/// @param confirmTag 0 if nothing is to be confirmed
/// @param entry its place in a queue that waits for this position
/// @param further the others, if it has several
record Arrival(
    long position, Session session, long confirmTag, Entry entry, Entry @Nullable [] further)
    implements Pending {}
