package holdfast.store;

/// What the journal tells the thread that owns its state; called outside the lock, on the thread
/// that writes, or the one that forces.
interface JournalListener {
  /// Every position up to this one may be confirmed.
  void durable(long position);

  /// [JournalFront#forced] has risen where it does so by itself: never under [SyncPolicy.Sync],
  /// where what is durable is forced.
  default void forced() {}

  /// The room that somebody was refused is there now.
  void room();

  /// The same for what can wait: a part of a large body, or what brings messages.
  default void moreRoom() {}

  /// The journal is closed for good; told once.
  void failed(StoreFailedException failure);

  /// Passes on what a store says of its journal.
  static JournalListener of(Store.Listener store) {
    return new JournalListener() {
      @Override
      public void durable(long position) {
        store.durable(position);
      }

      @Override
      public void forced() {
        store.fetched();
      }

      @Override
      public void room() {
        store.room();
      }

      @Override
      public void moreRoom() {
        store.fetched();
      }

      @Override
      public void failed(StoreFailedException failure) {
        store.failed(failure);
      }
    };
  }
}
