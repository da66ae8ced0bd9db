package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The connection class: handshake, tuning, vhost, and the end. On channel 0 only.
public sealed interface ConnectionMethod extends Method {
  int CLASS_ID = 10;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /// Reads the arguments of the method with this id.
  static ConnectionMethod read(int methodId, ArgumentReader in) {
    return switch (methodId) {
      case Start.ID -> Start.read(in);
      case StartOk.ID -> StartOk.read(in);
      case Secure.ID -> Secure.read(in);
      case SecureOk.ID -> SecureOk.read(in);
      case Tune.ID -> Tune.read(in);
      case TuneOk.ID -> TuneOk.read(in);
      case Open.ID -> Open.read(in);
      case OpenOk.ID -> OpenOk.read(in);
      case Close.ID -> Close.read(in);
      case CloseOk.ID -> CloseOk.read(in);
      case Blocked.ID -> Blocked.read(in);
      case Unblocked.ID -> Unblocked.read(in);
      case UpdateSecret.ID -> UpdateSecret.read(in);
      case UpdateSecretOk.ID -> UpdateSecretOk.read(in);
      default -> throw Methods.unknown(CLASS_ID, methodId);
    };
  }

  /// `connection.start`. Opens the handshake: what the server is, and the mechanisms it takes,
  /// space-separated.
  record Start(
      int versionMajor,
      int versionMinor,
      Map<String, @Nullable Object> serverProperties,
      LongString mechanisms,
      LongString locales)
      implements ConnectionMethod {
    public static final int ID = 10;

    static Start read(ArgumentReader in) {
      return new Start(in.octet(), in.octet(), in.table(), in.longString(), in.longString());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeByte(versionMajor);
      out.writeByte(versionMinor);
      FieldTable.encode(serverProperties, out);
      ArgumentWriter.longString(out, mechanisms);
      ArgumentWriter.longString(out, locales);
    }
  }

  /// `connection.start-ok`. The client's properties and the first answer of the mechanism it chose.
  record StartOk(
      Map<String, @Nullable Object> clientProperties,
      String mechanism,
      LongString response,
      String locale)
      implements ConnectionMethod {
    public static final int ID = 11;

    static StartOk read(ArgumentReader in) {
      return new StartOk(in.table(), in.shortString(), in.longString(), in.shortString());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      FieldTable.encode(clientProperties, out);
      ArgumentWriter.shortString(out, mechanism);
      ArgumentWriter.longString(out, response);
      ArgumentWriter.shortString(out, locale);
    }
  }

  /// `connection.secure`.
  record Secure(LongString challenge) implements ConnectionMethod {
    public static final int ID = 20;

    static Secure read(ArgumentReader in) {
      return new Secure(in.longString());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      ArgumentWriter.longString(out, challenge);
    }
  }

  /// `connection.secure-ok`.
  record SecureOk(LongString response) implements ConnectionMethod {
    public static final int ID = 21;

    static SecureOk read(ArgumentReader in) {
      return new SecureOk(in.longString());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      ArgumentWriter.longString(out, response);
    }
  }

  /// `connection.tune`. What the server proposes; 0 is no limit, or no heartbeat.
  record Tune(int channelMax, long frameMax, int heartbeatSeconds) implements ConnectionMethod {
    public static final int ID = 30;

    static Tune read(ArgumentReader in) {
      return new Tune(in.uint16(), in.uint32(), in.uint16());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(channelMax);
      out.writeInt((int) frameMax);
      out.writeShort(heartbeatSeconds);
    }
  }

  /// `connection.tune-ok`. What the client settles on.
  record TuneOk(int channelMax, long frameMax, int heartbeatSeconds) implements ConnectionMethod {
    public static final int ID = 31;

    static TuneOk read(ArgumentReader in) {
      return new TuneOk(in.uint16(), in.uint32(), in.uint16());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(channelMax);
      out.writeInt((int) frameMax);
      out.writeShort(heartbeatSeconds);
    }
  }

  /// `connection.open`.
  record Open(String virtualHost) implements ConnectionMethod {
    public static final int ID = 40;

    static Open read(ArgumentReader in) {
      String virtualHost = in.shortString();
      in.skipShortString();
      in.octet();
      return new Open(virtualHost);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      ArgumentWriter.shortString(out, virtualHost);
      out.writeByte(0);
      out.writeByte(0);
    }
  }

  /// `connection.open-ok`.
  record OpenOk() implements ConnectionMethod {
    public static final int ID = 41;

    static OpenOk read(ArgumentReader in) {
      in.skipShortString();
      return new OpenOk();
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

  /// `connection.close`. Either side ends the connection; only `close-ok` may follow.
  record Close(int replyCode, String replyText, int causingClassId, int causingMethodId)
      implements ConnectionMethod {
    public static final int ID = 50;

    static Close read(ArgumentReader in) {
      return new Close(in.uint16(), in.shortString(), in.uint16(), in.uint16());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(replyCode);
      ArgumentWriter.shortString(out, replyText);
      out.writeShort(causingClassId);
      out.writeShort(causingMethodId);
    }
  }

  /// `connection.close-ok`.
  record CloseOk() implements ConnectionMethod {
    public static final int ID = 51;

    static CloseOk read(ArgumentReader in) {
      return new CloseOk();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }

  /// `connection.blocked`. Extension: the server takes no publishes for now.
  record Blocked(String reason) implements ConnectionMethod {
    public static final int ID = 60;

    static Blocked read(ArgumentReader in) {
      return new Blocked(in.shortString());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      ArgumentWriter.shortString(out, reason);
    }
  }

  /// `connection.unblocked`.
  record Unblocked() implements ConnectionMethod {
    public static final int ID = 61;

    static Unblocked read(ArgumentReader in) {
      return new Unblocked();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }

  /// `connection.update-secret`. Extension: fresh credentials for a connection that goes on.
  record UpdateSecret(LongString newSecret, String reason) implements ConnectionMethod {
    public static final int ID = 70;

    static UpdateSecret read(ArgumentReader in) {
      return new UpdateSecret(in.longString(), in.shortString());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      ArgumentWriter.longString(out, newSecret);
      ArgumentWriter.shortString(out, reason);
    }
  }

  /// `connection.update-secret-ok`.
  record UpdateSecretOk() implements ConnectionMethod {
    public static final int ID = 71;

    static UpdateSecretOk read(ArgumentReader in) {
      return new UpdateSecretOk();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }
}
