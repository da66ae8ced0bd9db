package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.QueueMethod;
import holdfast.core.Arguments;
import holdfast.core.Change;
import holdfast.core.Permissions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Users, permissions and limits as a client on a socket meets them.
class AccessControlTest {
  private static final int FRAME_BYTES = RawClient.FRAME_BYTES_MAX;

  @TempDir Path directory;
  private TestBroker broker;

  @BeforeEach
  void open() throws Exception {
    broker = TestBroker.open(directory);
    change(new Change.PutUser(TestBroker.user("ann", "secret")));
    change(new Change.PutPermissions("/", "ann", new Permissions("^ann", "^ann", "^ann")));
  }

  @AfterEach
  void close() throws IOException {
    broker.awaitNothingHeld();
    broker.close();
  }

  private void change(Change change) throws Exception {
    broker.broker().administer(change).get(8, TimeUnit.SECONDS);
  }

  /// A peer that has said who it is and which virtual host it wants.
  private RawClient asking(String user, String password, String host) throws IOException {
    RawClient client = RawClient.connect(broker.port()).send(Wire.PROTOCOL_HEADER);
    client.expect(0, ConnectionMethod.Start.class);
    client.send(0, RawClient.startOk(user, password, Map.of("authentication_failure_close", true)));
    Method answer = client.frame().method();
    if (answer instanceof ConnectionMethod.Close close) {
      assertThat(close.replyCode()).isEqualTo(403);
      assertThat(close.replyText()).startsWith("ACCESS_REFUSED - Login was refused using");
      client.send(0, new ConnectionMethod.CloseOk());
      client.expectHungUp();
      return client;
    }
    assertThat(answer).isInstanceOf(ConnectionMethod.Tune.class);
    client.send(0, new ConnectionMethod.TuneOk(0, FRAME_BYTES, 0));
    client.send(0, new ConnectionMethod.Open(host));
    return client;
  }

  private RawClient open(String user, String password) throws IOException {
    RawClient client = asking(user, password, "/");
    client.expect(0, ConnectionMethod.OpenOk.class);
    return client.channel(1);
  }

  private void refused(String user, String host, String text) throws IOException {
    try (RawClient client = asking(user, "secret", host)) {
      ConnectionMethod.Close close = client.expect(0, ConnectionMethod.Close.class);
      assertThat(close.replyText()).isEqualTo(text);
      assertThat(close.replyCode()).isEqualTo(530);
      client.send(0, new ConnectionMethod.CloseOk());
      client.expectHungUp();
    }
  }

  private static void channelRefused(RawClient client, int channel, String text)
      throws IOException {
    ChannelMethod.Close close = client.expect(channel, ChannelMethod.Close.class);
    assertThat(close.replyText()).isEqualTo("ACCESS_REFUSED - " + text);
    assertThat(close.replyCode()).isEqualTo(403);
    client.send(channel, new ChannelMethod.CloseOk());
  }

  @Test
  void aUserComesInWithTheRightPasswordOnly() throws Exception {
    open("ann", "secret").bye();
    asking("ann", "wrong", "/").close();
    asking("ann", "", "/").close();
    asking("nobody", "secret", "/").close();
    change(new Change.PutUser(TestBroker.user("ann", "other")));
    asking("ann", "secret", "/").close();
    open("ann", "other").bye();
  }

  @Test
  void aVirtualHostLetsInWhoHasPermissionsThere() throws Exception {
    refused("ann", "none", "NOT_ALLOWED - vhost 'none' not found");
    change(new Change.PutHost("shop", Arguments.NONE));
    refused("ann", "shop", "NOT_ALLOWED - access to vhost 'shop' refused for user 'ann'");
    change(new Change.PutPermissions("shop", "ann", new Permissions("", "", "")));
    try (RawClient client = asking("ann", "secret", "shop")) {
      client.expect(0, ConnectionMethod.OpenOk.class);
      client.bye();
    }
  }

  @Test
  void limitsOfConnectionsAndChannelsHold() throws Exception {
    change(new Change.PutUserLimits("ann", Map.of("max-connections", 1L, "max-channels", 1L)));
    RawClient first = open("ann", "secret");
    refused(
        "ann",
        "/",
        "NOT_ALLOWED - connection refused for user 'ann': user connection limit (1) is reached");
    first.send(2, new ChannelMethod.Open());
    first.expectClosed(530);
    TestBroker.await("the connection to be forgotten", () -> connections() == 0);
    open("ann", "secret").bye();
    // One that goes without a word counts no longer either.
    TestBroker.await("the connection to be forgotten", () -> connections() == 0);
    open("ann", "secret").close();
    TestBroker.await("the connection to be forgotten", () -> connections() == 0);
    open("ann", "secret").bye();
  }

  private int connections() {
    try {
      return broker.inspect().clients().size();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatIsNotPermittedClosesTheChannel() throws Exception {
    RawClient client = open("ann", "secret").declare(1, "ann.q", true);
    client.send(1, RawClient.queue("bob.q", true));
    channelRefused(
        client, 1, "configure access to queue 'bob.q' in vhost '/' refused for user 'ann'");
    client.channel(1).publish(1, "ann.q", new byte[] {0, 0}, new byte[10]);
    channelRefused(
        client, 1, "write access to exchange 'amq.default' in vhost '/' refused for user 'ann'");
    client.channel(1).send(1, RawClient.consume("bob.q", true));
    channelRefused(client, 1, "read access to queue 'bob.q' in vhost '/' refused for user 'ann'");
    client.channel(1);
    client.call(1, new BasicMethod.Get("ann.q", true), BasicMethod.GetEmpty.class);
    client.send(1, new QueueMethod.Declare("bob.q", true, false, false, false, false, Map.of()));
    channelRefused(client, 1, "access to queue 'bob.q' in vhost '/' refused for user 'ann'");
    client.bye();
  }

  @Test
  void whoseUserOrVirtualHostIsDeletedIsTold() throws Exception {
    change(new Change.PutHost("shop", Arguments.NONE));
    change(new Change.PutPermissions("shop", "ann", new Permissions(".*", ".*", ".*")));
    RawClient inShop = asking("ann", "secret", "shop");
    inShop.expect(0, ConnectionMethod.OpenOk.class);
    inShop.channel(1).declare(1, "q", true);
    RawClient inRoot = open("ann", "secret");
    change(new Change.DeleteHost("shop"));
    forcedOut(inShop, "vhost 'shop' is deleted");
    inRoot.declare(1, "ann.q", true);
    change(new Change.DeleteUser("ann"));
    forcedOut(inRoot, "user 'ann' is deleted");
    asking("ann", "secret", "/").close();
  }

  private static void forcedOut(RawClient client, String why) throws IOException {
    ConnectionMethod.Close close = client.expect(0, ConnectionMethod.Close.class);
    assertThat(close.replyCode()).isEqualTo(320);
    assertThat(close.replyText()).isEqualTo("CONNECTION_FORCED - " + why);
    client.send(0, new ConnectionMethod.CloseOk());
    client.expectHungUp();
    client.close();
  }

  @Test
  void takingPermissionsAwayClosesNobody() throws Exception {
    RawClient client = open("ann", "secret").declare(1, "ann.q", true);
    change(new Change.DeletePermissions("/", "ann"));
    client.send(1, new BasicMethod.Get("ann.q", true));
    channelRefused(client, 1, "read access to queue 'ann.q' in vhost '/' refused for user 'ann'");
    client.bye();
  }
}
