package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopOnSignalTest {
  private final List<Integer> halts = new ArrayList<>();
  private final StopOnSignal stop = new StopOnSignal(halts::add);

  @Test
  void aSignalBeforeTheStartEndsCleanly() {
    stop.stop();
    assertThat(halts).containsExactly(0);
  }

  @Test
  void theBrokerIsClosedBeforeTheProcessEnds() {
    List<String> events = new ArrayList<>();
    stop.started(new Broker(() -> events.add("closed, halts " + halts)));
    stop.stop();
    assertThat(events).containsExactly("closed, halts []");
    assertThat(halts).containsExactly(0);
  }

  @Test
  void aBrokerThatEndedByItselfGivesTheProcessItsStatus() {
    stop.started(new Broker(() -> {}));
    assertThat(stop.ending(ExitStatus.JOURNAL_FAILED)).isEqualTo(ExitStatus.JOURNAL_FAILED);
    stop.stop();
    assertThat(halts).containsExactly(70);
  }

  @Test
  void aBugInTheStopIsNotTakenForAnOrderlyEnd() {
    stop.started(
        new Broker(() -> {
          throw new IllegalStateException("on purpose");
        }));
    stop.stop();
    assertThat(halts).containsExactly(1);
  }

  private record Broker(Runnable closing) implements Running {
    @Override
    public List<InetSocketAddress> amqpsAddresses() {
      return List.of();
    }

    @Override
    public List<InetSocketAddress> amqpAddresses() {
      return List.of();
    }

    @Override
    public ExitStatus await() {
      return ExitStatus.CLEAN;
    }

    @Override
    public void close() {
      closing.run();
    }
  }
}
