package holdfast.server;

import holdfast.broker.Broker;
import holdfast.core.Accounts;
import holdfast.core.Change;
import holdfast.core.Passwords;
import holdfast.core.Permissions;
import holdfast.core.User;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Users, and what they may do.
final class UserOperations {
  private final Broker broker;

  UserOperations(Broker broker) {
    this.broker = broker;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("users.list", this::list);
    operations.put("users.add", this::add);
    operations.put("users.set-password", this::setPassword);
    operations.put("users.set-tags", this::setTags);
    operations.put("users.authenticate", this::authenticate);
    operations.put("users.delete", this::delete);
    operations.put("permissions.list", this::permissions);
    operations.put("permissions.set", this::setPermissions);
    operations.put("permissions.clear", this::clearPermissions);
    operations.put("topic-permissions.list", this::topicPermissions);
    operations.put("topic-permissions.set", this::setTopicPermissions);
    operations.put("topic-permissions.clear", this::clearTopicPermissions);
  }

  private Object list(Asked asked) throws OperationRefused {
    Accounts accounts = broker.accounts();
    return Listing.of(asked)
        .rows(
            List.copyOf(accounts.users().values()),
            user -> "",
            User::name,
            user -> {
              Map<String, @Nullable Object> row = new LinkedHashMap<>();
              row.put("name", user.name());
              row.put("tags", user.tags());
              row.put("password", user.passwordHash().length == 0 ? "none" : "set");
              row.put("limits", accounts.userLimits().getOrDefault(user.name(), Map.of()));
              return row;
            });
  }

  private Object add(Asked asked) throws OperationRefused {
    User user = DefinitionForms.user(asked);
    if (broker.accounts().users().containsKey(user.name())) {
      throw OperationRefused.conflict(
          "there is a user '"
              + user.name()
              + "'; 'holdfast users set-password' and 'set-tags' change one");
    }
    Waiting.on(broker.administer(new Change.PutUser(user)));
    return Map.of();
  }

  private Object setPassword(Asked asked) throws OperationRefused {
    User former = require(asked.name("name"));
    User with = DefinitionForms.user(asked);
    User user = new User(former.name(), with.passwordHash(), with.hashing(), former.tags());
    Waiting.on(broker.administer(new Change.PutUser(user)));
    return Map.of();
  }

  private Object setTags(Asked asked) throws OperationRefused {
    User former = require(asked.name("name"));
    User user =
        new User(former.name(), former.passwordHash(), former.hashing(), asked.words("tags"));
    Waiting.on(broker.administer(new Change.PutUser(user)));
    return Map.of();
  }

  private Object authenticate(Asked asked) throws OperationRefused {
    User user = require(asked.name("name"));
    if (!Passwords.matches(user, asked.text("password"))) {
      throw OperationRefused.conflict("this is not the password of user '" + user.name() + "'");
    }
    return Map.of("result", "this is the password of user '" + user.name() + "'");
  }

  private Object delete(Asked asked) throws OperationRefused {
    Waiting.on(broker.administer(new Change.DeleteUser(require(asked.name("name")).name())));
    return Map.of();
  }

  private User require(String name) throws OperationRefused {
    User user = broker.accounts().users().get(name);
    if (user == null) {
      throw OperationRefused.notFound(
          "no user '" + name + "'; 'holdfast users' lists those there are");
    }
    return user;
  }

  private String host(Asked asked) throws OperationRefused {
    return HostOperations.require(broker, asked);
  }

  // --- permissions ---

  private Object permissions(Asked asked) throws OperationRefused {
    return Listing.of(asked)
        .rows(
            List.copyOf(broker.accounts().permissions().entrySet()),
            entry -> entry.getKey().host(),
            entry -> entry.getKey().user(),
            entry -> json(entry.getKey(), entry.getValue()));
  }

  static Map<String, @Nullable Object> json(Accounts.Key key, Permissions permissions) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("user", key.user());
    row.put("vhost", key.host());
    row.put("configure", permissions.configure());
    row.put("write", permissions.write());
    row.put("read", permissions.read());
    return row;
  }

  private Object setPermissions(Asked asked) throws OperationRefused {
    Permissions permissions = permissionsOf(asked);
    String user = require(asked.name("user")).name();
    Waiting.on(broker.administer(new Change.PutPermissions(host(asked), user, permissions)));
    return Map.of();
  }

  static Permissions permissionsOf(Asked asked) throws OperationRefused {
    return new Permissions(
        DefinitionForms.pattern(asked, "configure"),
        DefinitionForms.pattern(asked, "write"),
        DefinitionForms.pattern(asked, "read"));
  }

  private Object clearPermissions(Asked asked) throws OperationRefused {
    Accounts.Key key = new Accounts.Key(host(asked), require(asked.name("user")).name());
    if (!broker.accounts().permissions().containsKey(key)) {
      throw OperationRefused.notFound(
          "user '" + key.user() + "' has no permissions in vhost '" + key.host() + "'");
    }
    Waiting.on(broker.administer(new Change.DeletePermissions(key.host(), key.user())));
    return Map.of();
  }

  // --- topic permissions ---

  private Object topicPermissions(Asked asked) throws OperationRefused {
    return Listing.of(asked)
        .rows(
            List.copyOf(broker.accounts().topicPermissions().entrySet()),
            entry -> entry.getKey().host(),
            entry -> entry.getKey().user(),
            entry -> json(entry.getKey(), entry.getValue()));
  }

  static Map<String, @Nullable Object> json(
      Accounts.TopicKey key, Accounts.TopicPermissions permissions) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("user", key.user());
    row.put("vhost", key.host());
    row.put("exchange", key.exchange());
    row.put("write", permissions.write());
    row.put("read", permissions.read());
    return row;
  }

  private Object setTopicPermissions(Asked asked) throws OperationRefused {
    String write = DefinitionForms.pattern(asked, "write");
    String read = DefinitionForms.pattern(asked, "read");
    String user = require(asked.name("user")).name();
    Waiting.on(
        broker.administer(
            new Change.PutTopicPermissions(
                host(asked), user, asked.text("exchange"), write, read)));
    return Map.of();
  }

  private Object clearTopicPermissions(Asked asked) throws OperationRefused {
    String user = require(asked.name("user")).name();
    String host = host(asked);
    Optional<String> exchange = asked.optional("exchange");
    boolean known =
        broker.accounts().topicPermissions().keySet().stream()
            .anyMatch(key ->
                key.host().equals(host)
                    && key.user().equals(user)
                    && (exchange.isEmpty() || exchange.get().equals(key.exchange())));
    if (!known) {
      throw OperationRefused.notFound(
          "user '" + user + "' has no such topic permissions in vhost '" + host + "'");
    }
    Waiting.on(
        broker.administer(new Change.DeleteTopicPermissions(host, user, exchange.orElse(null))));
    return Map.of();
  }
}
