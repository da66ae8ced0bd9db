package holdfast.broker;

import holdfast.core.Event;
import java.util.List;

/// Takes what a round of the gate has produced for one client. Called by the gate's owner: it hands
/// the events on to the client's own thread and returns.
public interface EventSink {
  void events(List<Event> events);
}
