package holdfast.load;

/// Everything that one loop has counted. The loop's own until it is copied.
final class Tally {
  final Lane small;
  final Lane large;
  final Lane slow;

  /// Publishes that came back as unroutable.
  long returned;

  /// Deliveries that this run has not published.
  long foreign;

  long blockedNs;

  /// When this was copied, and 0 before.
  final long atNs;

  Tally() {
    this(new Lane(), new Lane(), new Lane(), 0);
  }

  private Tally(Lane small, Lane large, Lane slow, long atNs) {
    this.small = small;
    this.large = large;
    this.slow = slow;
    this.atNs = atNs;
  }

  Tally copy(long nowNs) {
    Tally copy = new Tally(small.copy(), large.copy(), slow.copy(), nowNs);
    copy.returned = returned;
    copy.foreign = foreign;
    copy.blockedNs = blockedNs;
    return copy;
  }

  /// Adds the tally of another loop. Loops are blocked at the same time.
  void add(Tally other) {
    small.add(other.small);
    large.add(other.large);
    slow.add(other.slow);
    returned += other.returned;
    foreign += other.foreign;
    blockedNs = Math.max(blockedNs, other.blockedNs);
  }
}
