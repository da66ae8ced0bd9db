package holdfast.load;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What has come out of one queue, by producer. Shared by the consumers of that queue, which are
/// all on the loop that owns it.
final class QueueArrivals {
  private final Topology topology;
  private final int run;
  private final boolean ordered;
  private @Nullable SequenceCheck[] checks = new SequenceCheck[1];

  /// @param run the number in the stamps of this run; negative for any run, whose numbers may then
  ///   begin anywhere
  QueueArrivals(Topology topology, int run, boolean ordered) {
    this.topology = topology;
    this.run = run;
    this.ordered = ordered;
  }

  void arrived(long stamp, boolean redelivered, Lane lane, Tally tally) {
    if (run >= 0 && HotFrames.run(stamp) != run) {
      tally.foreign++;
      return;
    }
    switch (check(stamp).arrived(HotFrames.number(stamp))) {
      case IN_ORDER -> lane.distinct++;
      case LATE -> {
        lane.distinct++;
        lane.disordered += ordered && !redelivered ? 1 : 0;
      }
      case DUPLICATE -> lane.duplicates += redelivered ? 0 : 1;
    }
  }

  private SequenceCheck check(long stamp) {
    int rank = topology.rankAtQueue(HotFrames.producer(stamp));
    if (rank >= checks.length) {
      checks = Arrays.copyOf(checks, Math.max(rank + 1, 2 * checks.length));
    }
    SequenceCheck check = checks[rank];
    if (check == null) {
      check = new SequenceCheck(run < 0 ? HotFrames.number(stamp) : 0);
      checks[rank] = check;
    }
    return check;
  }

  /// Messages that are missing between others that have come.
  long gaps() {
    long gaps = 0;
    for (SequenceCheck check : checks) {
      gaps += check == null ? 0 : check.gaps();
    }
    return gaps;
  }
}
