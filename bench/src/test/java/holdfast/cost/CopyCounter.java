package holdfast.cost;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/// Makes buffers that count the bytes copied into them and out of them, by whichever method moves
/// more than one primitive at a time, and when a buffer is made larger. What the system itself puts
/// in and takes out does not count.
final class CopyCounter extends AbstractByteBufAllocator {
  private final AtomicLong bytes = new AtomicLong();

  /// Whether a copy is under way on this thread: a buffer may use one of its methods, or another
  /// buffer's, for another.
  private final ThreadLocal<boolean[]> copying = ThreadLocal.withInitial(() -> new boolean[1]);

  CopyCounter() {
    super(true);
  }

  long bytes() {
    return bytes.get();
  }

  @Override
  protected ByteBuf newHeapBuffer(int capacity, int capacityMax) {
    return new Heap(capacity, capacityMax);
  }

  @Override
  protected ByteBuf newDirectBuffer(int capacity, int capacityMax) {
    return new Direct(capacity, capacityMax);
  }

  @Override
  public boolean isDirectBufferPooled() {
    return false;
  }

  private void counting(int length, Runnable how) {
    boolean[] within = copying.get();
    if (within[0]) {
      how.run();
      return;
    }
    bytes.addAndGet(length);
    within[0] = true;
    try {
      how.run();
    } finally {
      within[0] = false;
    }
  }

  private final class Direct extends UnpooledDirectByteBuf {
    Direct(int capacity, int capacityMax) {
      super(CopyCounter.this, capacity, capacityMax);
    }

    @Override
    public ByteBuf capacity(int newCapacity) {
      counting(Math.min(capacity(), newCapacity), () -> super.capacity(newCapacity));
      return this;
    }

    @Override
    public ByteBuf getBytes(int index, byte[] to, int at, int length) {
      counting(length, () -> super.getBytes(index, to, at, length));
      return this;
    }

    @Override
    public ByteBuf getBytes(int index, ByteBuf to, int at, int length) {
      counting(length, () -> super.getBytes(index, to, at, length));
      return this;
    }

    @Override
    public ByteBuf getBytes(int index, ByteBuffer to) {
      counting(to.remaining(), () -> super.getBytes(index, to));
      return this;
    }

    @Override
    public ByteBuf setBytes(int index, byte[] from, int at, int length) {
      counting(length, () -> super.setBytes(index, from, at, length));
      return this;
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuf from, int at, int length) {
      counting(length, () -> super.setBytes(index, from, at, length));
      return this;
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuffer from) {
      counting(from.remaining(), () -> super.setBytes(index, from));
      return this;
    }

    /// For who moves bytes past the methods above. The transport takes the address.
    @Override
    public ByteBuffer internalNioBuffer(int index, int length) {
      if (!copying.get()[0]) {
        bytes.addAndGet(length);
      }
      return super.internalNioBuffer(index, length);
    }

    @Override
    public ByteBuf copy(int index, int length) {
      bytes.addAndGet(length);
      return super.copy(index, length);
    }
  }

  private final class Heap extends UnpooledHeapByteBuf {
    Heap(int capacity, int capacityMax) {
      super(CopyCounter.this, capacity, capacityMax);
    }

    @Override
    public ByteBuf capacity(int newCapacity) {
      counting(Math.min(capacity(), newCapacity), () -> super.capacity(newCapacity));
      return this;
    }

    @Override
    public ByteBuf getBytes(int index, byte[] to, int at, int length) {
      counting(length, () -> super.getBytes(index, to, at, length));
      return this;
    }

    @Override
    public ByteBuf getBytes(int index, ByteBuf to, int at, int length) {
      counting(length, () -> super.getBytes(index, to, at, length));
      return this;
    }

    @Override
    public ByteBuf getBytes(int index, ByteBuffer to) {
      counting(to.remaining(), () -> super.getBytes(index, to));
      return this;
    }

    @Override
    public ByteBuf setBytes(int index, byte[] from, int at, int length) {
      counting(length, () -> super.setBytes(index, from, at, length));
      return this;
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuf from, int at, int length) {
      counting(length, () -> super.setBytes(index, from, at, length));
      return this;
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuffer from) {
      counting(from.remaining(), () -> super.setBytes(index, from));
      return this;
    }

    @Override
    public ByteBuf copy(int index, int length) {
      bytes.addAndGet(length);
      return super.copy(index, length);
    }
  }
}
