package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The basic class: publishing, consuming, settling. `nack` is an extension.
public sealed interface BasicMethod extends Method {
  int CLASS_ID = 60;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /// Reads the arguments of the method with this id.
  static BasicMethod read(int methodId, ArgumentReader in) {
    return switch (methodId) {
      case Qos.ID -> Qos.read(in);
      case QosOk.ID -> QosOk.read(in);
      case Consume.ID -> Consume.read(in);
      case ConsumeOk.ID -> ConsumeOk.read(in);
      case Cancel.ID -> Cancel.read(in);
      case CancelOk.ID -> CancelOk.read(in);
      case Publish.ID -> Publish.read(in);
      case Return.ID -> Return.read(in);
      case Deliver.ID -> Deliver.read(in);
      case Get.ID -> Get.read(in);
      case GetOk.ID -> GetOk.read(in);
      case GetEmpty.ID -> GetEmpty.read(in);
      case Ack.ID -> Ack.read(in);
      case Reject.ID -> Reject.read(in);
      case RecoverAsync.ID -> RecoverAsync.read(in);
      case Recover.ID -> Recover.read(in);
      case RecoverOk.ID -> RecoverOk.read(in);
      case Nack.ID -> Nack.read(in);
      default -> throw Methods.unknown(CLASS_ID, methodId);
    };
  }

  /// `basic.qos`.
  record Qos(long prefetchSize, int prefetchCount, boolean global) implements BasicMethod {
    public static final int ID = 10;

    static Qos read(ArgumentReader in) {
      return new Qos(in.uint32(), in.uint16(), (in.octet() & 1) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeInt((int) prefetchSize);
      out.writeShort(prefetchCount);
      out.writeBoolean(global);
    }
  }

  /// `basic.qos-ok`.
  record QosOk() implements BasicMethod {
    public static final int ID = 11;

    static QosOk read(ArgumentReader in) {
      return new QosOk();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }

  /// `basic.consume`.
  record Consume(
      String queue,
      String consumerTag,
      boolean noLocal,
      boolean noAck,
      boolean exclusive,
      boolean noWait,
      Map<String, @Nullable Object> arguments)
      implements BasicMethod {
    public static final int ID = 20;

    static Consume read(ArgumentReader in) {
      in.uint16();
      String queue = in.shortString();
      String consumerTag = in.shortString();
      int bits = in.octet();
      Map<String, @Nullable Object> arguments = in.table();
      return new Consume(
          queue,
          consumerTag,
          (bits & 1) != 0,
          (bits & 2) != 0,
          (bits & 4) != 0,
          (bits & 8) != 0,
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
      ArgumentWriter.shortString(out, consumerTag);
      out.writeByte((noLocal ? 1 : 0) | (noAck ? 2 : 0) | (exclusive ? 4 : 0) | (noWait ? 8 : 0));
      FieldTable.encode(arguments, out);
    }
  }

  /// `basic.consume-ok`.
  record ConsumeOk(String consumerTag) implements BasicMethod {
    public static final int ID = 21;

    static ConsumeOk read(ArgumentReader in) {
      return new ConsumeOk(in.shortString());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      ArgumentWriter.shortString(out, consumerTag);
    }
  }

  /// `basic.cancel`. Also sent by the server when a consumer loses its queue (an extension).
  record Cancel(String consumerTag, boolean noWait) implements BasicMethod {
    public static final int ID = 30;

    static Cancel read(ArgumentReader in) {
      return new Cancel(in.shortString(), (in.octet() & 1) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      ArgumentWriter.shortString(out, consumerTag);
      out.writeBoolean(noWait);
    }
  }

  /// `basic.cancel-ok`.
  record CancelOk(String consumerTag) implements BasicMethod {
    public static final int ID = 31;

    static CancelOk read(ArgumentReader in) {
      return new CancelOk(in.shortString());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      ArgumentWriter.shortString(out, consumerTag);
    }
  }

  /// `basic.publish`.
  record Publish(String exchange, String routingKey, boolean mandatory, boolean immediate)
      implements BasicMethod {
    public static final int ID = 40;

    static Publish read(ArgumentReader in) {
      in.uint16();
      String exchange = in.cachedString();
      String routingKey = in.cachedString();
      int bits = in.octet();
      return new Publish(exchange, routingKey, (bits & 1) != 0, (bits & 2) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public boolean hasContent() {
      return true;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(0);
      ArgumentWriter.shortString(out, exchange);
      ArgumentWriter.shortString(out, routingKey);
      out.writeByte((mandatory ? 1 : 0) | (immediate ? 2 : 0));
    }
  }

  /// `basic.return`.
  record Return(int replyCode, String replyText, String exchange, String routingKey)
      implements BasicMethod {
    public static final int ID = 50;

    static Return read(ArgumentReader in) {
      return new Return(in.uint16(), in.shortString(), in.shortString(), in.shortString());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public boolean hasContent() {
      return true;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(replyCode);
      ArgumentWriter.shortString(out, replyText);
      ArgumentWriter.shortString(out, exchange);
      ArgumentWriter.shortString(out, routingKey);
    }
  }

  /// `basic.deliver`. [FrameWriter#deliver] writes one without making it.
  record Deliver(
      String consumerTag, long deliveryTag, boolean redelivered, String exchange, String routingKey)
      implements BasicMethod {
    public static final int ID = 60;

    static Deliver read(ArgumentReader in) {
      return new Deliver(
          in.shortString(), in.int64(), (in.octet() & 1) != 0, in.shortString(), in.shortString());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public boolean hasContent() {
      return true;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      ArgumentWriter.shortString(out, consumerTag);
      out.writeLong(deliveryTag);
      out.writeBoolean(redelivered);
      ArgumentWriter.shortString(out, exchange);
      ArgumentWriter.shortString(out, routingKey);
    }
  }

  /// `basic.get`.
  record Get(String queue, boolean noAck) implements BasicMethod {
    public static final int ID = 70;

    static Get read(ArgumentReader in) {
      in.uint16();
      return new Get(in.shortString(), (in.octet() & 1) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(0);
      ArgumentWriter.shortString(out, queue);
      out.writeBoolean(noAck);
    }
  }

  /// `basic.get-ok`.
  record GetOk(
      long deliveryTag, boolean redelivered, String exchange, String routingKey, long messageCount)
      implements BasicMethod {
    public static final int ID = 71;

    static GetOk read(ArgumentReader in) {
      return new GetOk(
          in.int64(), (in.octet() & 1) != 0, in.shortString(), in.shortString(), in.uint32());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public boolean hasContent() {
      return true;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeLong(deliveryTag);
      out.writeBoolean(redelivered);
      ArgumentWriter.shortString(out, exchange);
      ArgumentWriter.shortString(out, routingKey);
      out.writeInt((int) messageCount);
    }
  }

  /// `basic.get-empty`.
  record GetEmpty() implements BasicMethod {
    public static final int ID = 72;

    static GetEmpty read(ArgumentReader in) {
      in.skipShortString();
      return new GetEmpty();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeByte(0);
    }
  }

  /// `basic.ack`. From a consumer, or to a publisher as a confirm.
  record Ack(long deliveryTag, boolean multiple) implements BasicMethod {
    public static final int ID = 80;

    static Ack read(ArgumentReader in) {
      return new Ack(in.int64(), (in.octet() & 1) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeLong(deliveryTag);
      out.writeBoolean(multiple);
    }
  }

  /// `basic.reject`.
  record Reject(long deliveryTag, boolean requeue) implements BasicMethod {
    public static final int ID = 90;

    static Reject read(ArgumentReader in) {
      return new Reject(in.int64(), (in.octet() & 1) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeLong(deliveryTag);
      out.writeBoolean(requeue);
    }
  }

  /// `basic.recover-async`.
  record RecoverAsync(boolean requeue) implements BasicMethod {
    public static final int ID = 100;

    static RecoverAsync read(ArgumentReader in) {
      return new RecoverAsync((in.octet() & 1) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeBoolean(requeue);
    }
  }

  /// `basic.recover`.
  record Recover(boolean requeue) implements BasicMethod {
    public static final int ID = 110;

    static Recover read(ArgumentReader in) {
      return new Recover((in.octet() & 1) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeBoolean(requeue);
    }
  }

  /// `basic.recover-ok`.
  record RecoverOk() implements BasicMethod {
    public static final int ID = 111;

    static RecoverOk read(ArgumentReader in) {
      return new RecoverOk();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }

  /// `basic.nack`. From a consumer, or to a publisher whose message was not taken.
  record Nack(long deliveryTag, boolean multiple, boolean requeue) implements BasicMethod {
    public static final int ID = 120;

    static Nack read(ArgumentReader in) {
      long deliveryTag = in.int64();
      int bits = in.octet();
      return new Nack(deliveryTag, (bits & 1) != 0, (bits & 2) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeLong(deliveryTag);
      out.writeByte((multiple ? 1 : 0) | (requeue ? 2 : 0));
    }
  }
}
