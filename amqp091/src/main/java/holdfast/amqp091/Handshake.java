package holdfast.amqp091;

import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.FieldTable;
import holdfast.amqp091.codec.LongString;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.ProtocolError;
import holdfast.amqp091.codec.ProtocolException;
import holdfast.amqp091.codec.ReplyCode;
import holdfast.core.Admission;
import holdfast.core.Client;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From the protocol header to `connection.open-ok`: who is it, how large is a frame, which virtual
/// host. One a connection, on its event loop; before it is done nothing else is listened to.
final class Handshake {
  /// Letters of a client's property that are kept to be shown.
  private static final int SHOWN_LENGTH_MAX = 256;

  private static final Logger LOG = LoggerFactory.getLogger(Handshake.class);
  private static final int FRAME_BYTES_MIN = 4096;

  /// The largest frame of a peer that has not said who it is. Half-open connections are cheap to
  /// make: they must be cheap to keep.
  static final int FRAME_BYTES_BEFORE_TUNED = 8192;

  private enum Expects {
    START_OK,
    TUNE_OK,
    OPEN,
    /// The login was refused, and the peer is to hear of it in a while: nothing more is listened
    /// to.
    NOTHING
  }

  private final AmqpConnection connection;
  private final AmqpSettings settings;
  private final Login login;
  private Expects expects = Expects.START_OK;
  private String user = "";
  private Map<?, ?> capabilities = Map.of();
  private Map<String, String> clientProperties = Map.of();
  private int frameBytesMax;
  private int channelsMax;
  private int heartbeatSeconds;

  Handshake(AmqpConnection connection, AmqpSettings settings, Login login) {
    this.connection = connection;
    this.settings = settings;
    this.login = login;
    this.frameBytesMax = settings.frameBytesMax();
    this.channelsMax = settings.channelsMax();
  }

  /// What the broker says of itself.
  ConnectionMethod.Start start() {
    Map<String, @Nullable Object> capabilities = new LinkedHashMap<>();
    for (String capability :
        new String[] {
          "publisher_confirms",
          "exchange_exchange_bindings",
          "basic.nack",
          "consumer_cancel_notify",
          "connection.blocked",
          "consumer_priorities",
          "authentication_failure_close",
          "per_consumer_qos",
          "direct_reply_to"
        }) {
      capabilities.put(capability, true);
    }
    Map<String, @Nullable Object> properties = new LinkedHashMap<>();
    properties.put("capabilities", capabilities);
    properties.put("cluster_name", settings.clusterName());
    properties.put("copyright", "Copyright the Holdfast authors");
    properties.put("information", "Licensed under the Apache License 2.0");
    properties.put("platform", "Java " + Runtime.version().feature());
    properties.put("product", settings.product());
    properties.put("version", settings.version());
    return new ConnectionMethod.Start(
        0, 9, properties, LongString.of(mechanisms()), LongString.of("en_US"));
  }

  /// A certificate can only be taken for a name where TLS has verified one.
  private String mechanisms() {
    return connection.peer().certificate() == null ? "PLAIN AMQPLAIN" : "PLAIN AMQPLAIN EXTERNAL";
  }

  /// True when the connection is open.
  boolean on(Method method) {
    if (expects == Expects.NOTHING) {
      return false;
    }
    switch (method) {
      case ConnectionMethod.StartOk m when expects == Expects.START_OK -> startOk(m);
      case ConnectionMethod.TuneOk m when expects == Expects.TUNE_OK -> tuneOk(m);
      case ConnectionMethod.Open m when expects == Expects.OPEN -> {
        open(m);
        return true;
      }
      default ->
          throw new ProtocolException(
              new ProtocolError(
                  ReplyCode.COMMAND_INVALID,
                  "this method is not expected before the connection is open",
                  method.classId(),
                  method.methodId()));
    }
    return false;
  }

  private void startOk(ConnectionMethod.StartOk m) {
    if (m.clientProperties().get("capabilities") instanceof Map<?, ?> announced) {
      capabilities = announced;
    }
    clientProperties = shown(m.clientProperties());
    InetAddress from = connection.peer().address().getAddress();
    X509Certificate certificate = connection.peer().certificate();
    String refused;
    if (m.mechanism().equals("EXTERNAL") && certificate != null) {
      String named = settings.certificateLogin().user(certificate);
      user = named == null ? "" : named;
      refused =
          named == null ? "its certificate lacks the name" : login.refuseCertified(named, from);
    } else {
      String[] credentials = credentials(m);
      user = credentials[0];
      refused = login.refuse(user, credentials[1], from);
    }
    if (refused != null) {
      LOG.warn("{}: login of '{}' refused: {}", connection.name(), user, refused);
      expects = Expects.NOTHING;
      connection.later(settings.loginRefusedDelayMs(), () -> refuse(m.mechanism()));
      return;
    }
    expects = Expects.TUNE_OK;
    connection.write(
        0,
        new ConnectionMethod.Tune(
            settings.channelsMax(), settings.frameBytesMax(), settings.heartbeatSeconds()));
  }

  private static String[] credentials(ConnectionMethod.StartOk m) {
    return switch (m.mechanism()) {
      case "PLAIN" -> plain(m.response().bytes());
      case "AMQPLAIN" -> amqplain(m.response().bytes());
      default ->
          throw new ProtocolException(
              ReplyCode.ACCESS_REFUSED, "unknown authentication mechanism '" + m.mechanism() + "'");
    };
  }

  private void refuse(String mechanism) {
    if (!understands("authentication_failure_close")) {
      connection.hangUp(); // how the protocol says it to clients that cannot be told
      return;
    }
    connection.close(
        ProtocolError.of(
            ReplyCode.ACCESS_REFUSED,
            "Login was refused using authentication mechanism "
                + mechanism
                + ". For details see the broker logfile."));
  }

  /// A client whose secret ends before its connection does shows the next one: judged as at login.
  void updateSecret(ConnectionMethod.UpdateSecret m) {
    String secret = new String(m.newSecret().bytes(), StandardCharsets.UTF_8);
    String refused = login.refuse(user, secret, connection.peer().address().getAddress());
    if (refused != null) {
      LOG.warn("{}: new secret of '{}' refused: {}", connection.name(), user, refused);
      throw new ProtocolException(
          new ProtocolError(
              ReplyCode.ACCESS_REFUSED, "New secret was refused", m.classId(), m.methodId()));
    }
    LOG.info("{}: new secret of '{}' accepted: {}", connection.name(), user, m.reason());
    connection.write(0, new ConnectionMethod.UpdateSecretOk());
  }

  /// `authorization id NUL user NUL password`.
  private static String[] plain(byte[] response) {
    String text = new String(response, StandardCharsets.UTF_8);
    String[] parts = text.split("\0", -1);
    if (parts.length != 3) {
      throw new ProtocolException(
          ReplyCode.ACCESS_REFUSED, "the PLAIN response is not made of three parts");
    }
    return new String[] {parts[1], parts[2]};
  }

  /// A table without its length: `LOGIN` and `PASSWORD`.
  private static String[] amqplain(byte[] response) {
    ByteBuf table = Unpooled.buffer(4 + response.length);
    table.writeInt(response.length).writeBytes(response);
    Map<String, @Nullable Object> fields = FieldTable.decode(table);
    if (fields.get("LOGIN") instanceof String user
        && fields.get("PASSWORD") instanceof String password) {
      return new String[] {user, password};
    }
    throw new ProtocolException(
        ReplyCode.ACCESS_REFUSED, "the AMQPLAIN response lacks LOGIN or PASSWORD");
  }

  private void tuneOk(ConnectionMethod.TuneOk m) {
    long frame = m.frameMax() == 0 ? settings.frameBytesMax() : m.frameMax();
    if (frame > settings.frameBytesMax()) {
      throw notAllowed("frame_max", frame, "higher than the maximum", settings.frameBytesMax());
    }
    if (frame < FRAME_BYTES_MIN) {
      throw notAllowed("frame_max", frame, "lower than the minimum", FRAME_BYTES_MIN);
    }
    int channels = m.channelMax() == 0 ? settings.channelsMax() : m.channelMax();
    if (channels > settings.channelsMax()) {
      throw notAllowed("channel_max", channels, "higher than the maximum", settings.channelsMax());
    }
    frameBytesMax = (int) frame;
    channelsMax = channels;
    heartbeatSeconds = m.heartbeatSeconds();
    expects = Expects.OPEN;
    connection.tuned(frameBytesMax, heartbeatSeconds);
  }

  private static ProtocolException notAllowed(String what, long asked, String how, long limit) {
    return new ProtocolException(
        ReplyCode.NOT_ALLOWED,
        "negotiated " + what + " = " + asked + " is " + how + " allowed value (" + limit + ")");
  }

  private void open(ConnectionMethod.Open m) {
    switch (connection.broker().admit(user, m.virtualHost())) {
      case Admission.Granted granted -> connection.opened(granted);
      case Admission.Refused refused ->
          throw new ProtocolException(
              new ProtocolError(
                  ReplyCode.NOT_ALLOWED, refused.error().text(), m.classId(), m.methodId()));
    }
    connection.write(0, new ConnectionMethod.OpenOk());
  }

  /// Whether the peer has said that it can do this: not every client knows every method of ours.
  boolean understands(String capability) {
    return Boolean.TRUE.equals(capabilities.get(capability));
  }

  /// Who has come, for a person.
  Client.Facts facts() {
    InetSocketAddress peer = connection.peer().address();
    String from = peer.getAddress().getHostAddress() + ":" + peer.getPort();
    return new Client.Facts(user, from, connection.peer().encrypted(), clientProperties);
  }

  private static Map<String, String> shown(Map<String, ? extends @Nullable Object> properties) {
    Map<String, String> shown = new LinkedHashMap<>();
    for (String name : new String[] {"product", "version", "platform", "connection_name"}) {
      Object value = properties.get(name);
      if (value != null) {
        String text = value.toString();
        shown.put(name, text.substring(0, Math.min(text.length(), SHOWN_LENGTH_MAX)));
      }
    }
    return shown;
  }

  String user() {
    return user;
  }

  int frameBytesMax() {
    return frameBytesMax;
  }

  int channelsMax() {
    return channelsMax;
  }
}
