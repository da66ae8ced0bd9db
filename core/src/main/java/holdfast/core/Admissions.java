package holdfast.core;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Lets users into virtual hosts, and counts how much each has there, for the limits. Any thread:
/// who comes is answered on the loop it came by.
final class Admissions {
  private final Administration administration;
  private final Map<String, Integer> clientsOfHost = new ConcurrentHashMap<>();
  private final Map<String, Integer> clientsOfUser = new ConcurrentHashMap<>();
  private final Map<String, Integer> sessionsOfUser = new ConcurrentHashMap<>();

  Admissions(Administration administration) {
    this.administration = administration;
  }

  /// @param found the host of this name, if there is one
  Admission admit(String user, String name, @Nullable VirtualHost found) {
    if (found == null) {
      return refused("vhost '" + name + "' not found");
    }
    Accounts accounts = administration.accounts();
    String access = "access to vhost '" + name + "' refused for user '" + user + "'";
    if (!accounts.permissions().containsKey(new Accounts.Key(name, user))) {
      return refused(access);
    }
    long ofHost = limit(accounts.hostLimits(), name, ChangeRules.MAX_CONNECTIONS);
    if (count(clientsOfHost, name) > ofHost) {
      uncount(clientsOfHost, name);
      return refused(access + ": connection limit (" + ofHost + ") is reached");
    }
    long ofUser = limit(accounts.userLimits(), user, ChangeRules.MAX_CONNECTIONS);
    if (count(clientsOfUser, user) > ofUser) {
      uncount(clientsOfHost, name);
      uncount(clientsOfUser, user);
      return refused(
          ("connection refused for user '" + user + "': ")
              + ("user connection limit (" + ofUser + ") is reached"));
    }
    return new Admission.Granted(user, found);
  }

  void left(Client client) {
    uncount(clientsOfHost, client.host().name());
    uncount(clientsOfUser, client.user());
  }

  /// Counts one more session of a user, or tells why there may be none.
  @Nullable CoreError openSession(String user) {
    long max = limit(administration.accounts().userLimits(), user, ChangeRules.MAX_CHANNELS);
    if (count(sessionsOfUser, user) <= max) {
      return null;
    }
    uncount(sessionsOfUser, user);
    return notAllowed(
        ("number of channels opened for user '" + user + "' has reached")
            + (" the maximum allowed user limit of " + max));
  }

  void sessionGone(String user) {
    uncount(sessionsOfUser, user);
  }

  private static long limit(Map<String, Map<String, Long>> all, String of, String name) {
    return all.getOrDefault(of, Map.of()).getOrDefault(name, Long.MAX_VALUE);
  }

  private static int count(Map<String, Integer> counts, String name) {
    return counts.merge(name, 1, Integer::sum);
  }

  private static void uncount(Map<String, Integer> counts, String name) {
    counts.computeIfPresent(name, (key, count) -> count == 1 ? null : count - 1);
  }

  private static Admission refused(String text) {
    return new Admission.Refused(notAllowed(text));
  }

  private static CoreError notAllowed(String text) {
    return new CoreError(CoreError.Kind.NOT_ALLOWED, text);
  }
}
