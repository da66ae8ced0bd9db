package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.broker.Broker;
import holdfast.broker.BrokerOptions;
import holdfast.core.Change;
import holdfast.core.User;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who may log in: what the broker keeps decides, and the configuration only at the first start.
class AccountLoginTest {
  private static final InetAddress HERE = InetAddress.getLoopbackAddress();

  @TempDir Path directory;
  private ExecutorService gate;
  private Broker broker;
  private AccountLogin login;

  @BeforeEach
  void open() throws IOException {
    open("guest", "guest");
  }

  private void open(String user, String password) throws IOException {
    Settings.Access access =
        new Settings.Access(user, password, "/", List.of("/", "more"), Set.of("guest", "local"));
    BrokerOptions usual = BrokerOptions.of(directory);
    gate = Executors.newSingleThreadExecutor();
    broker =
        Broker.open(
            new BrokerOptions(
                directory,
                usual.store(),
                usual.limits(),
                List.of(),
                access.vhosts(),
                FirstUser.of(access)),
            gate,
            new Broker.Listener() {
              @Override
              public void failed(Throwable cause) {
                throw new AssertionError(cause);
              }

              @Override
              public void warned(String what, @Nullable Exception cause) {}
            });
    login = new AccountLogin(broker, access);
  }

  @AfterEach
  void close() throws IOException {
    broker.close();
    gate.shutdown();
  }

  private void change(Change change) throws Exception {
    broker.administer(change).get(8, TimeUnit.SECONDS);
  }

  @Test
  void theFirstStartMakesTheUserOfTheConfiguration() {
    assertThat(login.refuse("guest", "guest", HERE)).isNull();
    assertThat(login.refuse("guest", "other", HERE)).isEqualTo("unknown user or wrong password");
    assertThat(login.refuse("other", "guest", HERE)).isEqualTo("unknown user or wrong password");
    assertThat(login.refuse("", "", HERE)).isEqualTo("unknown user or wrong password");
    User made = broker.accounts().users().get("guest");
    assertThat(made.tags()).containsExactly("administrator");
    assertThat(broker.accounts().permissions().keySet().toString()).contains("more", "/");
  }

  @Test
  void laterStartsLeaveTheUsersAlone() throws Exception {
    close();
    open("app", "new");
    assertThat(login.refuse("app", "new", HERE)).isNotNull();
    assertThat(login.refuse("guest", "guest", HERE)).isNull();
    change(new Change.PutUser(user("app")));
    change(new Change.DeleteUser("guest"));
    close();
    open("guest", "guest");
    assertThat(login.refuse("guest", "guest", HERE)).isNotNull();
    assertThat(login.refuse("app", "", HERE)).isEqualTo("this user has no password");
  }

  private static User user(String name) {
    return new User(name, new byte[0], User.Hashing.SHA_512, List.of());
  }

  @Test
  void someMayComeFromThisMachineOnly() throws Exception {
    InetAddress away = InetAddress.getByAddress(new byte[] {10, 0, 0, 1});
    assertThat(login.refuse("guest", "guest", away)).contains("loopback_users");
    assertThat(login.refuse("guest", "wrong", away)).isEqualTo("unknown user or wrong password");
    User guest = broker.accounts().users().get("guest");
    change(new Change.PutUser(new User("free", guest.passwordHash(), guest.hashing(), List.of())));
    assertThat(login.refuse("free", "guest", away)).isNull();
  }
}
