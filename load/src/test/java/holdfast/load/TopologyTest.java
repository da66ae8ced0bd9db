package holdfast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopologyTest {
  private static Topology topology(
      int queues, int producers, int consumers, int slow, LoadPlan.Routing routing) {
    return new Topology(
        new LoadPlan(
            BrokerAddress.of(BrokerAddress.DEFAULT_URI, false, Optional.empty()),
            new LoadPlan.Queues(queues, "q", "classic", Map.of(), true, true, false, routing, 0),
            new LoadPlan.Messages(16, true, 0, 0, false),
            new LoadPlan.Producing(producers, 1, 0),
            new LoadPlan.Consuming(consumers, false, 1, false, 1),
            new LoadPlan.Beside(0, slow, 1, 0, 0),
            new LoadPlan.Span(1, 0, 0, false),
            1));
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,0", "4,1,1,0", "5,2,3,0", "1,4,4,0", "3,5,7,1", "3,2,2,1", "1,1,1,2"})
  void everyQueueHasAProducerAndAConsumer(int queues, int producers, int consumers, int slow) {
    Topology topology = topology(queues, producers, consumers, slow, LoadPlan.Routing.DEFAULT);
    Set<Integer> published = new HashSet<>();
    Set<String> ranks = new HashSet<>();
    for (int producer = 0; producer < producers; producer++) {
      for (int queue : topology.targets(producer)) {
        published.add(queue);
        assertThat(ranks.add(queue + "/" + topology.rankAtQueue(producer)))
            .as("two producers of a queue have one place")
            .isTrue();
      }
    }
    assertThat(published).hasSize(topology.sharedCount());
    assertThat(IntStream.range(0, consumers).flatMap(c -> IntStream.of(topology.queuesOf(c))))
        .containsAll(IntStream.range(0, queues).boxed().toList());
    assertThat(topology.isOrdered()).isEqualTo(consumers <= queues);
    assertThat(topology.allNames()).doesNotHaveDuplicates().hasSize(queues + (slow > 0 ? 1 : 0));
  }

  @Test
  void consumersOfAQueueShareItsLoop() {
    Topology topology = topology(3, 1, 8, 0, LoadPlan.Routing.DEFAULT);
    for (int consumer = 0; consumer < 8; consumer++) {
      assertThat(topology.loopOfConsumer(consumer)).isEqualTo(topology.queuesOf(consumer)[0]);
    }
  }

  @Test
  void aMessageToAFanoutExchangeReachesEveryQueue() {
    Topology topology = topology(3, 2, 3, 1, LoadPlan.Routing.FANOUT);
    assertThat(topology.targets(1)).containsExactly(0);
    assertThat(topology.copies(0)).as("without the slow one").isEqualTo(3);
    assertThat(topology.exchange()).isEqualTo("q.fanout");
  }

  @Test
  void strayBindingsMatchNothingThatIsPublished() {
    Topology topology = topology(2, 1, 1, 0, LoadPlan.Routing.TOPIC);
    for (int binding = 0; binding < 100; binding++) {
      String pattern = topology.strayKey(binding).replace(".", "\\.").replace("*", "[^.]+");
      assertThat(topology.key(0)).doesNotMatch(pattern);
      assertThat(topology.key(1)).doesNotMatch(pattern);
    }
  }
}
