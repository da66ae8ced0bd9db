package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The queue class.
public sealed interface QueueMethod extends Method {
  int CLASS_ID = 50;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /// Reads the arguments of the method with this id.
  static QueueMethod read(int methodId, ArgumentReader in) {
    return switch (methodId) {
      case Declare.ID -> Declare.read(in);
      case DeclareOk.ID -> DeclareOk.read(in);
      case Bind.ID -> Bind.read(in);
      case BindOk.ID -> BindOk.read(in);
      case Purge.ID -> Purge.read(in);
      case PurgeOk.ID -> PurgeOk.read(in);
      case Delete.ID -> Delete.read(in);
      case DeleteOk.ID -> DeleteOk.read(in);
      case Unbind.ID -> Unbind.read(in);
      case UnbindOk.ID -> UnbindOk.read(in);
      default -> throw Methods.unknown(CLASS_ID, methodId);
    };
  }

  /// `queue.declare`. An empty name asks the server for one.
  record Declare(
      String queue,
      boolean passive,
      boolean durable,
      boolean exclusive,
      boolean autoDelete,
      boolean noWait,
      Map<String, @Nullable Object> arguments)
      implements QueueMethod {
    public static final int ID = 10;

    static Declare read(ArgumentReader in) {
      in.uint16();
      String queue = in.shortString();
      int bits = in.octet();
      Map<String, @Nullable Object> arguments = in.table();
      return new Declare(
          queue,
          (bits & 1) != 0,
          (bits & 2) != 0,
          (bits & 4) != 0,
          (bits & 8) != 0,
          (bits & 16) != 0,
          arguments);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(0);
      ArgumentWriter.shortString(out, queue);
      out.writeByte(
          (passive ? 1 : 0)
              | (durable ? 2 : 0)
              | (exclusive ? 4 : 0)
              | (autoDelete ? 8 : 0)
              | (noWait ? 16 : 0));
      FieldTable.encode(arguments, out);
    }
  }

  /// `queue.declare-ok`.
  record DeclareOk(String queue, long messageCount, long consumerCount) implements QueueMethod {
    public static final int ID = 11;

    static DeclareOk read(ArgumentReader in) {
      return new DeclareOk(in.shortString(), in.uint32(), in.uint32());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      ArgumentWriter.shortString(out, queue);
      out.writeInt((int) messageCount);
      out.writeInt((int) consumerCount);
    }
  }

  /// `queue.bind`.
  record Bind(
      String queue,
      String exchange,
      String routingKey,
      boolean noWait,
      Map<String, @Nullable Object> arguments)
      implements QueueMethod {
    public static final int ID = 20;

    static Bind read(ArgumentReader in) {
      in.uint16();
      return new Bind(
          in.shortString(), in.shortString(), in.shortString(), (in.octet() & 1) != 0, in.table());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(0);
      ArgumentWriter.shortString(out, queue);
      ArgumentWriter.shortString(out, exchange);
      ArgumentWriter.shortString(out, routingKey);
      out.writeBoolean(noWait);
      FieldTable.encode(arguments, out);
    }
  }

  /// `queue.bind-ok`.
  record BindOk() implements QueueMethod {
    public static final int ID = 21;

    static BindOk read(ArgumentReader in) {
      return new BindOk();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }

  /// `queue.purge`.
  record Purge(String queue, boolean noWait) implements QueueMethod {
    public static final int ID = 30;

    static Purge read(ArgumentReader in) {
      in.uint16();
      return new Purge(in.shortString(), (in.octet() & 1) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(0);
      ArgumentWriter.shortString(out, queue);
      out.writeBoolean(noWait);
    }
  }

  /// `queue.purge-ok`.
  record PurgeOk(long messageCount) implements QueueMethod {
    public static final int ID = 31;

    static PurgeOk read(ArgumentReader in) {
      return new PurgeOk(in.uint32());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeInt((int) messageCount);
    }
  }

  /// `queue.delete`.
  record Delete(String queue, boolean ifUnused, boolean ifEmpty, boolean noWait)
      implements QueueMethod {
    public static final int ID = 40;

    static Delete read(ArgumentReader in) {
      in.uint16();
      String queue = in.shortString();
      int bits = in.octet();
      return new Delete(queue, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(0);
      ArgumentWriter.shortString(out, queue);
      out.writeByte((ifUnused ? 1 : 0) | (ifEmpty ? 2 : 0) | (noWait ? 4 : 0));
    }
  }

  /// `queue.delete-ok`.
  record DeleteOk(long messageCount) implements QueueMethod {
    public static final int ID = 41;

    static DeleteOk read(ArgumentReader in) {
      return new DeleteOk(in.uint32());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeInt((int) messageCount);
    }
  }

  /// `queue.unbind`.
  record Unbind(
      String queue, String exchange, String routingKey, Map<String, @Nullable Object> arguments)
      implements QueueMethod {
    public static final int ID = 50;

    static Unbind read(ArgumentReader in) {
      in.uint16();
      return new Unbind(in.shortString(), in.shortString(), in.shortString(), in.table());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(0);
      ArgumentWriter.shortString(out, queue);
      ArgumentWriter.shortString(out, exchange);
      ArgumentWriter.shortString(out, routingKey);
      FieldTable.encode(arguments, out);
    }
  }

  /// `queue.unbind-ok`.
  record UnbindOk() implements QueueMethod {
    public static final int ID = 51;

    static UnbindOk read(ArgumentReader in) {
      return new UnbindOk();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }
}
