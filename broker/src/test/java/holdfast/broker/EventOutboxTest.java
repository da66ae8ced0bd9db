package holdfast.broker;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Event;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What holds deliveries back, and what lets them go on.
@Timeout(60)
class EventOutboxTest {
  private static final long BYTES_MAX = 1_000;

  @TempDir Path directory;

  /// Events of the round that is under way count as well: what is sent meanwhile must make the
  /// count fall below the limit, or nobody would ever be told to go on.
  @Test
  void tellsThatDeliveriesArePossibleAgainWhenTheRoundHasFilledIt() throws Exception {
    try (Broker broker = Broker.open(BrokerOptions.of(directory), Runnable::run, new Silent())) {
      Client client = broker.newClient("c", broker.host("/"), events -> {}, BYTES_MAX);
      EventOutbox outbox = broker.outboxOf(client);
      onTheGate(
          broker,
          () -> {
            long first = add(outbox, client, 6);
            outbox.handOver();
            long second = add(outbox, client, 4);
            assertThat(outbox.hasRoom()).isFalse();
            assertThat(outbox.sent(first)).isTrue();
            assertThat(outbox.hasRoom()).isTrue();
            outbox.handOver();
            assertThat(outbox.sent(second)).as("it was possible all the time").isFalse();
          });
    }
  }

  /// Adds some events; returns their bytes.
  private static long add(EventOutbox outbox, Client client, int count) {
    Event event = new Event.Taken(client);
    for (int i = 0; i < count; i++) {
      outbox.add(event);
    }
    return count * EventOutbox.bytes(event);
  }

  /// The gate's owner tells a client of something, and there it is on our side.
  private static void onTheGate(Broker broker, Runnable work) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    EventSink worker =
        events -> {
          if (!done.isDone()) {
            try {
              work.run();
              done.complete(null);
            } catch (AssertionError e) {
              done.completeExceptionally(e);
            }
          }
        };
    Client asking = broker.newClient("asking", broker.host("/"), worker, BYTES_MAX);
    broker.submit(List.of(new Command.SelectConfirms(asking.newSession(1), false)));
    done.get();
  }

  private static final class Silent implements Broker.Listener {
    @Override
    public void failed(Throwable cause) {
      throw new AssertionError("the broker failed", cause);
    }

    @Override
    public void warned(String what, @Nullable Exception cause) {}
  }
}
