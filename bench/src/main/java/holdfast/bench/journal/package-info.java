/// The load that `bench/journal-compare` puts on a journal: one program for each peer, and what
/// they all measure alike.
package holdfast.bench.journal;
