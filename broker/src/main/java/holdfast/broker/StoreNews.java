package holdfast.broker;

import holdfast.store.Store;
import holdfast.store.StoreFailedException;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// News from the store's threads, passed on to the broker. The store is there first: until the
/// broker wants to be told, whoever opens it waits here for what a write of the journal brings.
final class StoreNews implements Store.Listener {
  private final Broker.Listener listener;
  private final Object monitor = new Object();
  private volatile @Nullable Broker broker;

  /// Guarded by `monitor`.
  private @Nullable StoreFailedException failure;

  StoreNews(Broker.Listener listener) {
    this.listener = listener;
  }

  /// Waits until the journal's writes have made this true.
  ///
  /// @throws IOException if the journal fails before
  void await(BooleanSupplier condition) throws IOException {
    synchronized (monitor) {
      try {
        while (failure == null && !condition.getAsBoolean()) {
          monitor.wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while the broker was opened", e);
      }
      requireNoFailure();
    }
  }

  private void requireNoFailure() throws IOException {
    if (failure != null) {
      throw new IOException(
          "the journal failed while the broker was opened: " + failure.getMessage(), failure);
    }
  }

  /// Tells this broker from now on.
  ///
  /// @throws IOException if the journal has failed already
  void tell(Broker opened) throws IOException {
    synchronized (monitor) {
      requireNoFailure();
      broker = opened;
    }
  }

  @Override
  public void durable(long position) {
    Broker told = broker;
    if (told != null) {
      told.wake();
      return;
    }
    synchronized (monitor) {
      monitor.notifyAll();
    }
  }

  @Override
  public void room() {
    Broker told = broker;
    if (told != null) {
      told.room();
    }
  }

  @Override
  public void fetched() {
    Broker told = broker;
    if (told != null) {
      told.wake();
      told.checkDisk();
    }
  }

  @Override
  public void failed(StoreFailedException cause) {
    Broker told;
    synchronized (monitor) {
      failure = cause;
      told = broker;
      monitor.notifyAll();
    }
    if (told == null) {
      listener.failed(cause);
    } else {
      told.fail(cause);
    }
  }

  @Override
  public void warned(String what, Exception cause) {
    listener.warned(what, cause);
  }
}
