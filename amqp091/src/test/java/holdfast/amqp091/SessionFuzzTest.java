package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConfirmMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.ExchangeMethod;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.QueueMethod;
import holdfast.core.Event;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Valid sessions with random damage, sent blindly: whatever comes, the broker meets no bug, holds
/// nothing afterwards, and serves another client all the time.
class SessionFuzzTest {
  private static final long FOR_MS = 8_000;
  private static final int SESSIONS_MAX = 4_000;
  private static final int THREADS = 3;

  /// Set to repeat a run; a new one every time otherwise.
  private static final String SEED = "holdfast.seed";

  private static final List<byte[]> LOGIN =
      List.of(
          Wire.PROTOCOL_HEADER,
          Wire.method(0, RawClient.startOk("guest", "guest", Map.of("basic.nack", true))),
          Wire.method(0, new ConnectionMethod.TuneOk(0, 0, 60)),
          Wire.method(0, new ConnectionMethod.Open("/")));

  @TempDir Path directory;

  private final AtomicInteger sessions = new AtomicInteger();

  @Test
  void survivesAnyDamageToAnySession() throws Exception {
    long seed = Long.getLong(SEED, System.nanoTime());
    System.out.println("SessionFuzzTest: -D" + SEED + "=" + seed);
    try (TestBroker broker = TestBroker.open(directory);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      Witness witness = new Witness(broker.port());
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FOR_MS);
      List<Future<@Nullable Void>> runs = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed + i);
        Callable<@Nullable Void> run =
            () -> {
              run(broker, random, end);
              return null;
            };
        runs.add(threads.submit(run));
      }
      while (runs.stream().anyMatch(run -> !run.isDone()) && broker.troubles().isEmpty()) {
        witness.check();
        TimeUnit.MILLISECONDS.sleep(20);
      }
      for (Future<@Nullable Void> run : runs) {
        run.get(FOR_MS, TimeUnit.MILLISECONDS);
      }
      System.out.println("SessionFuzzTest: " + sessions.get() + " sessions");
      assertThat(broker.troubles()).as("seed %s", seed).isEmpty();
      deleteWhatIsLeft(broker, witness.client());
      witness.check();
      witness.close();
      broker.awaitNothingHeld();
    }
  }

  private void run(TestBroker broker, RandomGenerator random, long end) throws IOException {
    while (System.nanoTime() < end
        && broker.troubles().isEmpty()
        && sessions.incrementAndGet() <= SESSIONS_MAX) {
      List<byte[]> frames = session(random);
      byte[] octets = damaged(frames, random);
      try (RawClient client = RawClient.connect(broker.port())) {
        client.send(octets);
        client.socket().shutdownOutput();
        client.drain();
      } catch (java.net.SocketException hungUp) {
        // what a broken session may expect
      }
    }
  }

  /// Queues whose names came out of the damage, too.
  private static void deleteWhatIsLeft(TestBroker broker, RawClient client) throws Exception {
    TestBroker.await(
        () -> "the end of " + clients(broker), 5_000, () -> clients(broker).size() == 1);
    for (var queue : broker.inspect().queues()) {
      if (!queue.name().equals("witness")) {
        client.delete(1, queue.name());
      }
    }
  }

  private static List<Event.ClientInfo> clients(TestBroker broker) {
    try {
      return broker.inspect().clients();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  // --- sessions ---

  private static List<byte[]> session(RandomGenerator random) {
    List<byte[]> frames = new ArrayList<>(LOGIN);
    int channel = 1 + random.nextInt(3);
    frames.add(Wire.method(channel, new ChannelMethod.Open()));
    for (int left = 3 + random.nextInt(25); left > 0; left--) {
      add(frames, random, channel);
    }
    if (random.nextBoolean()) {
      frames.add(Wire.method(channel, new ChannelMethod.Close(200, "", 0, 0)));
    }
    if (random.nextBoolean()) {
      frames.add(Wire.method(0, new ConnectionMethod.Close(200, "bye", 0, 0)));
    }
    return frames;
  }

  private static void add(List<byte[]> frames, RandomGenerator random, int channel) {
    String queue = "fuzz" + random.nextInt(4);
    Method method =
        switch (random.nextInt(16)) {
          case 0 -> new ConfirmMethod.Select(random.nextBoolean());
          case 1 -> declare(random, queue);
          case 2 -> new QueueMethod.Bind(queue, "amq.headers", "k", false, arguments(random));
          case 3 -> new QueueMethod.Unbind(queue, "amq.topic", "a.#", Map.of());
          case 4 -> new BasicMethod.Get(queue, random.nextBoolean());
          case 5 -> RawClient.consume(queue, random.nextBoolean());
          case 6 -> new BasicMethod.Ack(random.nextInt(4), random.nextBoolean());
          case 7 -> new BasicMethod.Nack(random.nextInt(4), random.nextBoolean(), true);
          case 8 -> new QueueMethod.Purge(queue, random.nextBoolean());
          case 9 -> new QueueMethod.Delete(queue, false, random.nextBoolean(), false);
          case 10 -> exchange(random);
          case 11 -> new BasicMethod.Recover(true);
          case 12 -> new BasicMethod.Qos(0, random.nextInt(5), random.nextBoolean());
          case 13 -> new BasicMethod.Cancel("c", random.nextBoolean());
          default ->
              new BasicMethod.Publish(exchangeOf(random), queue, random.nextBoolean(), false);
        };
    frames.add(Wire.method(channel, method));
    if (method instanceof BasicMethod.Publish) {
      byte[] body = new byte[random.nextInt(10) == 0 ? 300_000 : random.nextInt(200)];
      BasicProperties properties =
          BasicProperties.builder()
              .deliveryMode(1 + random.nextInt(2))
              .headers(arguments(random))
              .build();
      frames.add(Wire.content(channel, properties.raw(), body, RawClient.FRAME_BYTES_MAX));
    }
  }

  private static String exchangeOf(RandomGenerator random) {
    return random.nextInt(4) == 0 ? "amq.headers" : "";
  }

  private static Method declare(RandomGenerator random, String queue) {
    return new QueueMethod.Declare(
        queue,
        false,
        random.nextBoolean(),
        random.nextInt(4) == 0,
        random.nextInt(4) == 0,
        false,
        random.nextBoolean() ? Map.of() : arguments(random));
  }

  private static Method exchange(RandomGenerator random) {
    return new ExchangeMethod.Declare(
        "fuzz",
        List.of("direct", "topic", "fanout", "headers").get(random.nextInt(4)),
        random.nextInt(4) == 0,
        random.nextBoolean(),
        random.nextBoolean(),
        false,
        random.nextBoolean(),
        arguments(random));
  }

  private static Map<String, @Nullable Object> arguments(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> Map.of();
      case 1 -> Map.of("x-match", "any", "when", Instant.ofEpochSecond(random.nextInt()));
      case 2 -> Map.of("list", List.of(1, 2L, "three", Map.of("four", 4.0)), "b", new byte[3]);
      default -> Map.of("n", BigDecimal.valueOf(random.nextInt(), 3), "x", 'x' + "y");
    };
  }

  // --- damage ---

  private static byte[] damaged(List<byte[]> frames, RandomGenerator random) {
    List<byte[]> parts = new ArrayList<>(frames);
    int from = random.nextInt(5) == 0 ? 0 : LOGIN.size();
    for (int left = random.nextInt(3); left > 0; left--) {
      damageOrder(parts, from, random);
    }
    int safe = from == 0 ? 0 : Wire.concat(LOGIN.toArray(byte[][]::new)).length;
    byte[] octets = Wire.concat(parts.toArray(byte[][]::new));
    for (int left = random.nextInt(4); left > 0 && octets.length > safe; left--) {
      octets = damageOctets(octets, safe, random);
    }
    return octets;
  }

  private static void damageOrder(List<byte[]> parts, int from, RandomGenerator random) {
    int at = from + random.nextInt(parts.size() - from);
    switch (random.nextInt(3)) {
      case 0 -> parts.add(at, parts.get(at));
      case 1 -> {
        if (parts.size() > from + 1) {
          parts.remove(at);
        }
      }
      default -> parts.add(parts.remove(at));
    }
  }

  private static byte[] damageOctets(byte[] octets, int safe, RandomGenerator random) {
    int at = safe + random.nextInt(octets.length - safe);
    int length = Math.min(octets.length - at, 1 + random.nextInt(20));
    switch (random.nextInt(5)) {
      case 0 -> octets[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> octets[at] = (byte) random.nextInt();
      case 2 -> {
        return Arrays.copyOf(octets, at);
      }
      case 3 -> {
        byte[] again = Arrays.copyOfRange(octets, at, at + length);
        return Wire.concat(Arrays.copyOf(octets, at), again, rest(octets, at));
      }
      default -> {
        return Wire.concat(Arrays.copyOf(octets, at), rest(octets, at + length));
      }
    }
    return octets;
  }

  private static byte[] rest(byte[] octets, int from) {
    return Arrays.copyOfRange(octets, from, octets.length);
  }
}
