package holdfast.amqp091;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Who may come in. Called on event loops: answers at once.
public interface Login {
  /// Why this user may not come in from there with this password, for the log; null if they may.
  @Nullable String refuse(String user, String password, InetAddress from);
}
