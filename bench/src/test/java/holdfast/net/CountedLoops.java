package holdfast.net;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.concurrent.atomic.AtomicLong;

/// Event loops that count what they do. In the package of the loops, for a constructor that is
/// nobody else's business.
public final class CountedLoops {
  private final AtomicLong turns = new AtomicLong();
  private final AtomicLong tasks = new AtomicLong();
  private final AtomicLong wakeups = new AtomicLong();

  public EventLoops open(int threads) {
    return new EventLoops(threads, factory -> new CountedFactory(factory));
  }

  /// How often a loop has asked the system what there is to do: at least one system call each.
  public long turns() {
    return turns.get();
  }

  /// What was put on a loop to be done there, by itself or by another thread.
  public long tasks() {
    return tasks.get();
  }

  /// Those of other threads. A loop that sleeps is woken for one, with a system call.
  public long wakeups() {
    return wakeups.get();
  }

  private final class CountedFactory implements IoHandlerFactory {
    private final IoHandlerFactory inner;

    CountedFactory(IoHandlerFactory inner) {
      this.inner = inner;
    }

    @Override
    public IoHandler newHandler(ThreadAwareExecutor loop) {
      return new CountedHandler(inner.newHandler(loop), loop);
    }

    @Override
    public boolean isChangingThreadSupported() {
      return inner.isChangingThreadSupported();
    }
  }

  private final class CountedHandler implements IoHandler {
    private final IoHandler inner;
    private final ThreadAwareExecutor loop;

    CountedHandler(IoHandler inner, ThreadAwareExecutor loop) {
      this.inner = inner;
      this.loop = loop;
    }

    @Override
    public void initialize() {
      inner.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
      turns.incrementAndGet();
      return inner.run(context);
    }

    @Override
    public void prepareToDestroy() {
      inner.prepareToDestroy();
    }

    @Override
    public void destroy() {
      inner.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
      return inner.register(handle);
    }

    /// Called with every task that is put on the loop.
    @Override
    public void wakeup() {
      tasks.incrementAndGet();
      if (!loop.isExecutorThread(Thread.currentThread())) {
        wakeups.incrementAndGet();
      }
      inner.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
      return inner.isCompatible(handleType);
    }
  }
}
