package holdfast.server;

import holdfast.amqp091.Login;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// The one user of the configuration.
final class ConfiguredUser implements Login {
  private final Settings.Access access;

  ConfiguredUser(Settings.Access access) {
    this.access = access;
  }

  @Override
  public @Nullable String refuse(String user, String password, InetAddress from) {
    // Both are always compared, and in constant time: the answer's delay tells nothing.
    boolean known = same(user, access.defaultUser()) & same(password, access.defaultPass());
    if (!known) {
      return "unknown user or wrong password";
    }
    if (access.loopbackUsers().contains(user) && !from.isLoopbackAddress()) {
      return "this user may connect from this machine only (loopback_users)";
    }
    return null;
  }

  private static boolean same(String a, String b) {
    return MessageDigest.isEqual(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }
}
