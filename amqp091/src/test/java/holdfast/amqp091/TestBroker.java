package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.broker.Broker;
import holdfast.broker.BrokerOptions;
import holdfast.core.Event;
import holdfast.core.Limits;
import holdfast.core.Passwords;
import holdfast.core.User;
import holdfast.net.Admission;
import holdfast.net.CertificateLogin;
import holdfast.net.EventLoops;
import holdfast.net.ListenOptions;
import holdfast.net.Listener;
import holdfast.net.Tls;
import holdfast.store.Disk;
import holdfast.store.LocalDisk;
import holdfast.store.StoreOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// A real broker on a directory with a listener on a free loopback port, and an eye on its log: a
/// bug, a failed broker and a leaked buffer fail the test that closes it.
final class TestBroker implements AutoCloseable {
  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;
  private static final long PATIENCE_MS = 20_000;
  static final int MESSAGE_BYTES_MAX = 4 * MIB;
  static final int LOGIN_REFUSED_DELAY_MS = 100;

  static final StoreOptions SIZES =
      new StoreOptions(4L * MIB, 16L * MIB, 2 * MIB, 256 * KIB, 75, 1);

  /// What a test may choose.
  record Setup(
      long memoryBytesHigh,
      int handshakeTimeoutMs,
      StoreOptions store,
      UnaryOperator<Disk> disk,
      int handshakesMax,
      boolean proxyProtocol,
      @Nullable Tls tls) {
    static final Setup USUAL =
        new Setup(256L * MIB, 10_000, SIZES, disk -> disk, 10_000, false, null);

    Setup memory(long bytes) {
      return new Setup(bytes, handshakeTimeoutMs, store, disk, handshakesMax, proxyProtocol, tls);
    }

    Setup handshakeTimeout(int ms) {
      return new Setup(memoryBytesHigh, ms, store, disk, handshakesMax, proxyProtocol, tls);
    }

    Setup handshakes(int max) {
      return new Setup(memoryBytesHigh, handshakeTimeoutMs, store, disk, max, proxyProtocol, tls);
    }

    Setup behindProxy() {
      return new Setup(memoryBytesHigh, handshakeTimeoutMs, store, disk, handshakesMax, true, tls);
    }

    Setup encrypted(Tls by) {
      return new Setup(
          memoryBytesHigh, handshakeTimeoutMs, store, disk, handshakesMax, proxyProtocol, by);
    }

    Setup on(StoreOptions sizes, UnaryOperator<Disk> wrapped) {
      return new Setup(
          memoryBytesHigh, handshakeTimeoutMs, sizes, wrapped, handshakesMax, proxyProtocol, tls);
    }
  }

  private final LogEar ear = new LogEar();
  private final ResourceLeakDetector.Level leaksBefore = ResourceLeakDetector.getLevel();
  private static final User GUEST = user("guest", "guest");

  private final EventLoops loops = new EventLoops(2);
  private final Broker broker;
  private final Listener listener;

  TestBroker(Path directory, Setup setup) throws IOException {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    BrokerOptions options =
        new BrokerOptions(
            directory,
            setup.store,
            Limits.standard(setup.memoryBytesHigh),
            List.of(AmqpProtocol.PROPERTIES),
            List.of("/"),
            GUEST);
    broker =
        Broker.open(
            options, setup.disk.apply(LocalDisk.open(directory)), loops.executor(), new Ear());
    AmqpSettings settings =
        new AmqpSettings(
            "Holdfast",
            "0",
            "test",
            60,
            LOGIN_REFUSED_DELAY_MS,
            CertificateLogin.DISTINGUISHED_NAME,
            RawClient.FRAME_BYTES_MAX,
            2047,
            MESSAGE_BYTES_MAX);
    Login login = new LocalLogin(broker);
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    listener =
        Listener.open(
            loops,
            anyPort,
            new ListenOptions(
                List.of(new AmqpProtocol(broker, settings, login)),
                new Admission(10_000, setup.handshakesMax),
                setup.handshakeTimeoutMs,
                setup.proxyProtocol,
                setup.tls));
  }

  static User user(String name, String password) {
    byte[] hash = Passwords.hash(new byte[] {1, 2, 3, 4}, password, User.Hashing.SHA_256);
    return new User(name, hash, User.Hashing.SHA_256, List.of());
  }

  static TestBroker open(Path directory) throws IOException {
    return new TestBroker(directory, Setup.USUAL);
  }

  int port() {
    return listener.address().getPort();
  }

  Broker broker() {
    return broker;
  }

  /// What the log, or the broker itself, has complained of.
  Queue<String> troubles() {
    return ear.troubles();
  }

  Event.Inspection inspect() throws Exception {
    return broker.inspect().get(PATIENCE_MS, TimeUnit.MILLISECONDS);
  }

  /// Waits until nothing is held for anybody any more.
  void awaitNothingHeld() {
    await("memory of " + broker.memory().used() + " bytes to be let go of", () -> held() == 0);
  }

  private long held() {
    return broker.memory().used();
  }

  /// Waits for a condition, with a deadline.
  static void await(String what, BooleanSupplier condition) {
    await(() -> what, PATIENCE_MS, condition);
  }

  static void await(
      java.util.function.Supplier<String> what, long timeoutMs, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited in vain for %s", what.get()).isLessThan(deadline);
      try {
        TimeUnit.MILLISECONDS.sleep(2);
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    broker.close();
    loops.close();
    lookForLeaks();
    ear.close();
    ResourceLeakDetector.setLevel(leaksBefore);
    assertThat(ear.troubles()).as("what the log complains of").isEmpty();
  }

  /// A leaked buffer is found when it has been collected and another one is made.
  private static void lookForLeaks() {
    for (int i = 0; i < 3; i++) {
      System.gc();
      ByteBuf buffer = ByteBufAllocator.DEFAULT.buffer(64);
      buffer.release();
    }
  }

  /// Told of what must not happen.
  private final class Ear implements Broker.Listener {
    @Override
    public void failed(Throwable cause) {
      LoggerFactory.getLogger(TestBroker.class).error("the broker has failed", cause);
    }

    @Override
    public void warned(String what, @Nullable Exception cause) {
      if (cause != null) {
        ear.troubles().add(what + ": " + cause);
      }
    }
  }
}
