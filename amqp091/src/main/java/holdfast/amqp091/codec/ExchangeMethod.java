package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The exchange class; bindings between exchanges are an extension.
public sealed interface ExchangeMethod extends Method {
  int CLASS_ID = 40;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /// Reads the arguments of the method with this id.
  static ExchangeMethod read(int methodId, ArgumentReader in) {
    return switch (methodId) {
      case Declare.ID -> Declare.read(in);
      case DeclareOk.ID -> DeclareOk.read(in);
      case Delete.ID -> Delete.read(in);
      case DeleteOk.ID -> DeleteOk.read(in);
      case Bind.ID -> Bind.read(in);
      case BindOk.ID -> BindOk.read(in);
      case Unbind.ID -> Unbind.read(in);
      case UnbindOk.ID -> UnbindOk.read(in);
      default -> throw Methods.unknown(CLASS_ID, methodId);
    };
  }

  /// `exchange.declare`.
  record Declare(
      String exchange,
      String type,
      boolean passive,
      boolean durable,
      boolean autoDelete,
      boolean internal,
      boolean noWait,
      Map<String, @Nullable Object> arguments)
      implements ExchangeMethod {
    public static final int ID = 10;

    static Declare read(ArgumentReader in) {
      in.uint16();
      String exchange = in.shortString();
      String type = in.shortString();
      int bits = in.octet();
      Map<String, @Nullable Object> arguments = in.table();
      return new Declare(
          exchange,
          type,
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
      ArgumentWriter.shortString(out, exchange);
      ArgumentWriter.shortString(out, type);
      out.writeByte(
          (passive ? 1 : 0)
              | (durable ? 2 : 0)
              | (autoDelete ? 4 : 0)
              | (internal ? 8 : 0)
              | (noWait ? 16 : 0));
      FieldTable.encode(arguments, out);
    }
  }

  /// `exchange.declare-ok`.
  record DeclareOk() implements ExchangeMethod {
    public static final int ID = 11;

    static DeclareOk read(ArgumentReader in) {
      return new DeclareOk();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }

  /// `exchange.delete`.
  record Delete(String exchange, boolean ifUnused, boolean noWait) implements ExchangeMethod {
    public static final int ID = 20;

    static Delete read(ArgumentReader in) {
      in.uint16();
      String exchange = in.shortString();
      int bits = in.octet();
      return new Delete(exchange, (bits & 1) != 0, (bits & 2) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(0);
      ArgumentWriter.shortString(out, exchange);
      out.writeByte((ifUnused ? 1 : 0) | (noWait ? 2 : 0));
    }
  }

  /// `exchange.delete-ok`.
  record DeleteOk() implements ExchangeMethod {
    public static final int ID = 21;

    static DeleteOk read(ArgumentReader in) {
      return new DeleteOk();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }

  /// `exchange.bind`.
  record Bind(
      String destination,
      String source,
      String routingKey,
      boolean noWait,
      Map<String, @Nullable Object> arguments)
      implements ExchangeMethod {
    public static final int ID = 30;

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
      ArgumentWriter.shortString(out, destination);
      ArgumentWriter.shortString(out, source);
      ArgumentWriter.shortString(out, routingKey);
      out.writeBoolean(noWait);
      FieldTable.encode(arguments, out);
    }
  }

  /// `exchange.bind-ok`.
  record BindOk() implements ExchangeMethod {
    public static final int ID = 31;

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

  /// `exchange.unbind`.
  record Unbind(
      String destination,
      String source,
      String routingKey,
      boolean noWait,
      Map<String, @Nullable Object> arguments)
      implements ExchangeMethod {
    public static final int ID = 40;

    static Unbind read(ArgumentReader in) {
      in.uint16();
      return new Unbind(
          in.shortString(), in.shortString(), in.shortString(), (in.octet() & 1) != 0, in.table());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(0);
      ArgumentWriter.shortString(out, destination);
      ArgumentWriter.shortString(out, source);
      ArgumentWriter.shortString(out, routingKey);
      out.writeBoolean(noWait);
      FieldTable.encode(arguments, out);
    }
  }

  /// `exchange.unbind-ok`. Its id is 51, not 41: so it was first shipped.
  record UnbindOk() implements ExchangeMethod {
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
