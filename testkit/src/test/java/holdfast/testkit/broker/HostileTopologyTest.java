package holdfast.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.core.Arguments;
import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Message;
import holdfast.core.Outbox;
import holdfast.core.Session;
import holdfast.testkit.CrashMode;
import holdfast.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Queues, exchanges and bindings as no sensible client makes them: whatever is asked, the broker
/// refuses it or does it, and lives.
class HostileTopologyTest implements Outbox {
  private final List<String> told = new ArrayList<>();
  private SimulatedDisk disk = new SimulatedDisk(1);
  private ShardDriver driver;
  private Session session;

  @BeforeEach
  void open() throws IOException {
    driver = new ShardDriver(disk);
    driver.finish();
    Client client = driver.shard.newClient("hostile", driver.host, this);
    session = client.newSession(1);
  }

  @Override
  public void add(Event event) {
    told.add(EventText.of(event));
  }

  @Override
  public boolean hasRoom() {
    return true;
  }

  private void crash() throws IOException {
    disk = disk.crash(CrashMode.NOTHING_UNFORCED);
    told.clear();
    open();
  }

  private void queue(String name, boolean durable) {
    driver.submit(
        new Command.DeclareQueue(
            session, name, "", false, durable, false, false, Arguments.NONE, true));
  }

  private void exchange(String name, boolean autoDelete) {
    driver.submit(
        new Command.DeclareExchange(
            session, name, "fanout", false, true, autoDelete, false, Arguments.NONE, true));
  }

  private void bind(String source, String destination, boolean toQueue, Arguments arguments) {
    driver.submit(
        new Command.Bind(session, false, toQueue, source, destination, "", arguments, true));
  }

  private void publish(String exchange, String key, byte[] properties, int size) {
    Message message =
        new Message(exchange, key, TextHeaders.FORMAT, properties, new byte[size], true, 1);
    driver.submit(new Command.Publish(session, message, true));
  }

  private long ready(String queue) {
    return driver.inspect().queues().stream()
        .filter(info -> info.name().equals(queue))
        .mapToLong(Event.QueueInfo::ready)
        .sum();
  }

  @Test
  void aChainOfExchangesIsFollowedAndTakenApartWhateverItsLength() throws IOException {
    int length = 20_000;
    queue("q", true);
    for (int i = 0; i < length; i++) {
      exchange("x" + i, true);
    }
    for (int i = 1; i < length; i++) {
      bind("x" + (i - 1), "x" + i, false, Arguments.NONE);
    }
    bind("x" + (length - 1), "q", true, Arguments.NONE);
    publish("x0", "", new byte[0], 1);
    driver.finish();
    assertThat(ready("q")).isEqualTo(1);
    driver.submit(new Command.DeleteQueue(session, "q", false, false, false));
    driver.finish();
    assertThat(told).containsExactly("removed 1");
    crash();
    publish("x0", "", new byte[0], 1);
    driver.finish();
    assertThat(told).containsExactly("error NOT_FOUND: no exchange 'x0' in vhost '/'");
  }

  @Test
  void bindingsWithLargeArgumentsAreSweptAFewAtATime() throws IOException {
    queue("q", true);
    for (int i = 0; i < 300; i++) {
      bind("amq.fanout", "q", true, Arguments.of(Map.of("n", i, "much", "x".repeat(1900))));
    }
    driver.finish();
    assertThat(told).isEmpty();
    driver.submit(new Command.DeleteQueue(session, "q", false, false, false));
    driver.finish();
    assertThat(told).containsExactly("removed 0");
    queue("q", true);
    driver.finish();
    crash();
    publish("amq.fanout", "", new byte[0], 1);
    driver.finish();
    assertThat(told).singleElement().asString().startsWith("return");
  }

  @Test
  void whatIsNotSweptAtACrashIsSweptAtTheNextStart() throws IOException {
    queue("q", true);
    for (int i = 0; i < 200; i++) {
      bind("amq.fanout", "q", true, Arguments.of(Map.of("n", i, "much", "x".repeat(1900))));
    }
    driver.finish();
    int definitions = driver.store.definitions().size();
    assertThat(definitions).isGreaterThan(200);
    driver.submit(new Command.DeleteQueue(session, "q", false, false, false));
    // As far as the deletion itself: the sweeping is lazy, and goes a slice a step.
    while (told.isEmpty()) {
      driver.step();
      driver.write();
    }
    crash();
    driver.finish();
    driver.finish();
    assertThat(driver.store.definitions()).hasSizeLessThan(5);
    crash();
    assertThat(driver.store.definitions()).hasSizeLessThan(5);
  }

  @Test
  void aQueueOfTheSameNameInheritsNothingThatIsNotSweptYet() throws IOException {
    queue("q", true);
    for (int i = 0; i < 200; i++) {
      bind("amq.fanout", "q", true, Arguments.of(Map.of("n", i, "much", "x".repeat(1900))));
    }
    driver.finish();
    driver.submit(new Command.DeleteQueue(session, "q", false, false, true));
    queue("q", true);
    driver.step();
    driver.step();
    driver.write();
    crash();
    assertThat(driver.inspect().queues()).hasSize(1);
    publish("amq.fanout", "", new byte[0], 1);
    driver.finish();
    assertThat(told).singleElement().asString().startsWith("return");
    assertThat(ready("q")).isZero();
  }

  @Test
  void whatFitsIntoNoRecordIsRefused() {
    Arguments large = Arguments.of(Map.of("much", "x".repeat(3000)));
    driver.submit(
        new Command.DeclareQueue(session, "q", "", false, true, false, false, large, false));
    driver.submit(
        new Command.DeclareExchange(
            session, "x", "fanout", false, true, false, false, large, false));
    queue("r", true);
    driver.submit(new Command.Bind(session, false, true, "amq.fanout", "r", "", large, false));
    queue("n".repeat(256), true);
    queue("half \ud83d", true);
    publish("", "r", new byte[3000], 1);
    driver.finish();
    assertThat(told).hasSize(6).allMatch(text -> text.startsWith("error PRECONDITION_FAILED: "));
    assertThat(driver.memory.used()).isZero();
    publish("", "r", new byte[2000], 2000);
    driver.finish();
    assertThat(ready("r")).isEqualTo(1);
  }

  @Test
  void aMessageForManyQueuesIsInMemoryOnceAndNotAtAllAfterARestart() throws IOException {
    for (int i = 0; i < 50; i++) {
      queue("q" + i, true);
      bind("amq.fanout", "q" + i, true, Arguments.NONE);
    }
    publish("amq.fanout", "", new byte[0], 10_000);
    driver.finish();
    assertThat(driver.memory.used()).isBetween(10_000L, 20_000L);
    crash();
    assertThat(driver.memory.used()).isZero();
    for (int i = 0; i < 50; i++) {
      assertThat(ready("q" + i)).isEqualTo(1);
      driver.submit(new Command.DeleteQueue(session, "q" + i, false, false, true));
    }
    driver.finish();
    assertThat(driver.memory.used()).isZero();
  }

  @Test
  void everyNameThatIsTakenComesBackAsItWent() throws IOException {
    List<String> names =
        List.of(":", "1:", "\u0000", "\n", " ", "\ud83d\ude00", "q:1:a", "#", "\u00fc".repeat(127));
    for (String name : names) {
      queue(name, true);
      bind("amq.fanout", name, true, Arguments.of(Map.of(name, name)));
      publish("", name, name.getBytes(StandardCharsets.UTF_8), 1);
    }
    driver.finish();
    assertThat(told).isEmpty();
    crash();
    publish("amq.fanout", "", new byte[0], 1);
    driver.finish();
    for (String name : names) {
      assertThat(ready(name)).as("messages in '%s'", name).isEqualTo(2);
    }
  }
}
