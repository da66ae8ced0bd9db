package holdfast.core;

import java.util.ArrayList;
import java.util.List;

/// What a session has asked for since it last committed, and what has not happened yet: publishes
/// that nobody sees, and settlements of deliveries that stay as they are. Guarded by the gate.
final class Transaction {
  /// A delivery that is to be settled: under its tag until now.
  record Settlement(long tag, Entry entry, Command.Outcome outcome) {}

  private final List<Command.Publish> publishes = new ArrayList<>();
  private final List<Settlement> settlements = new ArrayList<>();

  void add(Command.Publish publish) {
    publishes.add(publish);
  }

  void add(Settlement settlement) {
    settlements.add(settlement);
  }

  List<Command.Publish> publishes() {
    return publishes;
  }

  List<Settlement> settlements() {
    return settlements;
  }
}
