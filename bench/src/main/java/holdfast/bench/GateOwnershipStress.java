package holdfast.bench;

import holdfast.broker.Broker;
import holdfast.broker.BrokerOptions;
import holdfast.core.Client;
import holdfast.core.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// Two threads submit to one gate at once; either may drain it, and at times it is drained
/// elsewhere. Nothing may be lost, no two drains may overlap, and each thread's commands keep their
/// order. The commands count in plain fields: only the gate's hand-over makes one owner's writes
/// visible to the next, so a lost update is an overlap, or a hand-over without its barrier.
///
/// ```
/// ./mvnw -q package -DskipTests
/// java -cp 'bench/target/classes:server/target/dist/lib/*:'"$JCSTRESS" org.openjdk.jcstress.Main \
///     -t GateOwnership -m quick
/// ```
///
/// `JCSTRESS` names the jars of jcstress-core and of jopt-simple, which it needs, separated by a
/// colon.
@JCStressTest
@Outcome(id = "4, 4, 0", expect = Expect.ACCEPTABLE, desc = "all done, one at a time, in order")
@Outcome(expect = Expect.FORBIDDEN, desc = "lost, overlapping or out of order")
@State
public class GateOwnershipStress {
  private static final long DEADLINE_NS = 5_000_000_000L;

  /// One broker for all states: each actor is a client of it.
  private static final Place PLACE = new Place();

  private static final class Place {
    private final ExecutorService drainer =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon(true).factory());
    private final Broker broker;
    private final Client[] clients = new Client[2];

    Place() {
      try {
        Path directory = Files.createTempDirectory("gate-ownership-");
        broker = Broker.open(BrokerOptions.of(directory), drainer, new Loud());
        for (int i = 0; i < clients.length; i++) {
          clients[i] = broker.newClient("stress", broker.host("/"), events -> {}, Long.MAX_VALUE);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class Loud implements Broker.Listener {
    @Override
    public void failed(Throwable cause) {
      throw new IllegalStateException(cause);
    }

    @Override
    public void warned(String what, @Nullable Exception cause) {}
  }

  // Written by the gate's owner.
  private int plain;
  private int disorder;
  private final int[] last = new int[2];

  private final AtomicInteger done = new AtomicInteger();

  private List<Command> command(int actor, int number) {
    return List.of(
        new Command.Inspect(
            PLACE.clients[actor].control(),
            inspection -> {
              plain++;
              if (++last[actor] != number) {
                disorder++;
              }
              done.incrementAndGet();
            }));
  }

  @Actor
  public void drains() {
    PLACE.broker.submit(command(0, 1), PLACE.drainer);
    PLACE.broker.submit(command(0, 2), PLACE.drainer);
  }

  @Actor
  public void drainsAndHasItDrained() {
    PLACE.broker.submit(command(1, 1), PLACE.drainer);
    PLACE.broker.submit(command(1, 2));
  }

  @Arbiter
  public void look(III_Result result) {
    long end = System.nanoTime() + DEADLINE_NS;
    while (done.get() < 4 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    result.r1 = done.get();
    result.r2 = plain;
    result.r3 = disorder;
  }
}
