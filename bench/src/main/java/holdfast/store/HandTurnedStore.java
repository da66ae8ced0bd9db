package holdfast.store;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/// Opens a store without a writer's thread: who measures it has it write with [Store#writeOnce], so
/// that nothing else is in the figure, and knows by that what is durable.
final class HandTurnedStore {
  private static final Executor BACKGROUND =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());

  private HandTurnedStore() {}

  static Store open(Disk disk) throws IOException {
    return Store.open(disk, StoreOptions.standard(), new Trouble(), BACKGROUND, BACKGROUND);
  }

  /// Hears trouble alone, and throws it: a failed store would be measured as a fast one.
  private static final class Trouble implements Store.Listener {
    @Override
    public void durable(long position) {}

    @Override
    public void room() {}

    @Override
    public void fetched() {}

    @Override
    public void failed(StoreFailedException failure) {
      throw failure;
    }

    @Override
    public void warned(String what, Exception cause) {
      throw new IllegalStateException(what, cause);
    }
  }
}
