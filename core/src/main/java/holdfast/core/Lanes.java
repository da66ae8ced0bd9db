package holdfast.core;

import holdfast.store.Log;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The lanes of one queue, highest priority first. A lane beside the usual one is made when the
/// first message of its priority comes. Guarded by the gate.
final class Lanes {
  private final Queue queue;
  private final Shard shard;

  /// Of messages that name no priority; its log is the queue's own.
  private final Lane usual;

  private Lane[] lanes;

  Lanes(Queue queue, Shard shard, int usualPriority, @Nullable Log log) {
    this.queue = queue;
    this.shard = shard;
    usual = new Lane(queue, shard, usualPriority, log);
    lanes = new Lane[] {usual};
  }

  /// Highest priority first. Not to be changed.
  Lane[] all() {
    return lanes;
  }

  Lane usual() {
    return usual;
  }

  /// The lane that a message belongs to.
  Lane of(Message message) {
    QueueSettings settings = queue.settings();
    if (settings.priorityMax() == 0) {
      return usual;
    }
    int priority = settings.lane(message.priority());
    for (Lane lane : lanes) {
      if (lane.priority == priority) {
        return lane;
      }
    }
    if (usual.log() != null && !shard.publishing().mayDefine(queue)) {
      return usual; // one message for very many queues, and the first of its priority in all of
      // them
    }
    Log log = usual.log() == null ? null : shard.store().newLog();
    Lane made = add(priority, log);
    if (log != null) {
      // With nothing in it yet, it does no harm if it is all that a crash leaves of this step.
      shard.writeDefinition(
          shard.newBatch().createLog(log).put(Definitions.key(queue), Definitions.value(queue)));
    }
    return made;
  }

  Lane add(int priority, @Nullable Log log) {
    Lane lane = new Lane(queue, shard, priority, log);
    int at = 0;
    while (at < lanes.length && lanes[at].priority > priority) {
      at++;
    }
    Lane[] more = Arrays.copyOf(lanes, lanes.length + 1);
    System.arraycopy(lanes, at, more, at + 1, lanes.length - at);
    more[at] = lane;
    lanes = more;
    return lane;
  }

  /// The first lane with something ready, or null.
  @Nullable Lane top() {
    for (Lane lane : lanes) {
      if (lane.backlog().count() > 0) {
        return lane;
      }
    }
    return null;
  }

  long readyCount() {
    long count = 0;
    for (Lane lane : lanes) {
      count += lane.count();
    }
    return count;
  }
}
