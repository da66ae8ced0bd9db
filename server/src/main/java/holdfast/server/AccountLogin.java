package holdfast.server;

import holdfast.amqp091.Login;
import holdfast.broker.Broker;
import holdfast.core.Passwords;
import holdfast.core.User;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Lets in the users that the broker keeps, by their passwords. On event loops.
final class AccountLogin implements Login {
  private static final byte[] SALT = new byte[Passwords.SALT_BYTES];

  private final Broker broker;
  private final Settings.Access access;

  /// Stands in for a user who is not there or has no password, so that every answer takes as long.
  /// No password is its own.
  private final User unknown =
      new User("", Passwords.hash(SALT, "", User.Hashing.SHA_256), User.Hashing.SHA_256, List.of());

  AccountLogin(Broker broker, Settings.Access access) {
    this.broker = broker;
    this.access = access;
  }

  @Override
  public @Nullable String refuse(String name, String password, InetAddress from) {
    User known = broker.accounts().users().get(name);
    boolean hasPassword = known != null && known.passwordHash().length > 0;
    boolean matches = Passwords.matches(known != null && hasPassword ? known : unknown, password);
    if (!matches) {
      return known != null && !hasPassword
          ? "this user has no password"
          : "unknown user or wrong password";
    }
    return refuseFrom(name, from);
  }

  @Override
  public @Nullable String refuseCertified(String name, InetAddress from) {
    return broker.accounts().users().containsKey(name) ? refuseFrom(name, from) : "unknown user";
  }

  private @Nullable String refuseFrom(String name, InetAddress from) {
    return access.loopbackUsers().contains(name) && !from.isLoopbackAddress()
        ? "this user may connect from this machine only (loopback_users)"
        : null;
  }
}
