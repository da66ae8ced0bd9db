package holdfast.amqp091;

import holdfast.broker.Broker;
import holdfast.core.Passwords;
import holdfast.core.User;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Lets in the broker's users, from this machine only.
final class LocalLogin implements Login {
  private final Broker broker;

  LocalLogin(Broker broker) {
    this.broker = broker;
  }

  @Override
  public @Nullable String refuse(String user, String password, InetAddress from) {
    User known = broker.accounts().users().get(user);
    return from.isLoopbackAddress() && known != null && Passwords.matches(known, password)
        ? null
        : "not known";
  }

  @Override
  public @Nullable String refuseCertified(String user, InetAddress from) {
    return from.isLoopbackAddress() && broker.accounts().users().containsKey(user)
        ? null
        : "not known";
  }
}
