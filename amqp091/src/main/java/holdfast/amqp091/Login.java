package holdfast.amqp091;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Who may come in. Called on event loops: answers at once.
public interface Login {
  /// Why this user may not come in from there with this password, for the log; null if they may.
  @Nullable String refuse(String user, String password, InetAddress from);

  /// Why the user that a verified certificate names may not come in from there, for the log; null
  /// if they may. Who has no answer lets nobody in by certificate.
  default @Nullable String refuseCertified(String user, InetAddress from) {
    return "users do not log in by certificate here";
  }
}
