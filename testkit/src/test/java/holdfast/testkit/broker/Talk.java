package holdfast.testkit.broker;

import holdfast.core.Command;
import holdfast.core.Session;
import holdfast.testkit.broker.BrokerTopology.Msg;
import holdfast.testkit.broker.BrokerTopology.Place;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A session as its client sees it.
final class Talk {
  final Session session;
  final Object client;
  final boolean confirms;

  /// Commands that will be answered, in their order.
  final ArrayDeque<Command> asked = new ArrayDeque<>();

  final TreeMap<Long, Msg> unconfirmed = new TreeMap<>();
  final List<Msg> published = new ArrayList<>();
  final TreeMap<Long, Place> unsettled = new TreeMap<>();
  final Map<String, Taker> takers = new LinkedHashMap<>();
  long lastTag;
  boolean closing;

  Talk(Session session, Object client, boolean confirms) {
    this.session = session;
    this.client = client;
    this.confirms = confirms;
  }

  boolean isIdle() {
    return asked.isEmpty() && !closing;
  }

  boolean hasLargeUnderWay() {
    return unconfirmed.values().stream().anyMatch(m -> m.large);
  }
}
