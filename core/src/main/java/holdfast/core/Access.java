package holdfast.core;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What one client may do in its virtual host. Asked whenever a command is done, so that it holds
/// for every protocol, and a change holds from then on. Guarded by the gate.
///
/// What was decided last is kept: a client that publishes to the same exchange again and again pays
/// for two comparisons of fields. Every change of the accounts is a new [Accounts], and the old one
/// is what a decision is kept with.
final class Access {
  /// What can be asked for.
  enum Right {
    CONFIGURE,
    WRITE,
    READ;

    final String text = name().toLowerCase(java.util.Locale.ROOT);
  }

  /// The name by which permissions know the exchange without one.
  private static final String DEFAULT_EXCHANGE = "amq.default";

  /// Of a client of our own, which may do everything.
  private static final String NOBODY = "";

  private final String user;
  private final VirtualHost host;
  private final Administration administration;

  /// What everything below was decided by.
  private @Nullable Accounts decidedBy;

  private @Nullable Permissions permissions;
  private NamePattern configure = NamePattern.NOWHERE;
  private NamePattern write = NamePattern.NOWHERE;
  private NamePattern read = NamePattern.NOWHERE;

  private @Nullable Exchange mayPublishTo;

  /// What the routing key of a message to that exchange is asked for, or null for nothing.
  private @Nullable NamePattern topicsOfIt;

  private @Nullable String mayReadFrom;

  private Access(String user, VirtualHost host, Administration administration) {
    this.user = user;
    this.host = host;
    this.administration = administration;
  }

  static Access of(String user, VirtualHost host, Administration administration) {
    if (user.isEmpty()) {
      throw new IllegalArgumentException("a user without a name");
    }
    return new Access(user, host, administration);
  }

  /// For clients that are part of the broker, or of the program around it.
  static Access toEverything(VirtualHost host, Administration administration) {
    return new Access(NOBODY, host, administration);
  }

  /// Empty for one who may do everything.
  String user() {
    return user;
  }

  boolean isLimited() {
    return !user.isEmpty();
  }

  /// Why a message may not be published, or null.
  ///
  /// @param exchange the one that the message names; null if there is none
  @Nullable CoreError publish(Message message, @Nullable Exchange exchange) {
    if (exchange == null || exchange != mayPublishTo || decidedBy != administration.accounts()) {
      CoreError refused = decide(message.exchange(), exchange);
      if (refused != null) {
        return refused;
      }
    }
    NamePattern topics = topicsOfIt;
    return topics == null || exchange == null || topics.isFoundIn(message.routingKey())
        ? null
        : refusedTopic(Right.WRITE, exchange, message.routingKey());
  }

  /// Why it may not be published under further keys either, or null.
  @Nullable CoreError publishCopies(List<String> keys, Exchange exchange) {
    NamePattern topics = topicsOfIt;
    if (topics == null) {
      return null;
    }
    for (String key : keys) {
      if (!topics.isFoundIn(key)) {
        return refusedTopic(Right.WRITE, exchange, key);
      }
    }
    return null;
  }

  private @Nullable CoreError decide(String name, @Nullable Exchange exchange) {
    CoreError refused = require(Right.WRITE, "exchange", name);
    mayPublishTo = refused == null ? exchange : null;
    topicsOfIt = mayPublishTo == null ? null : topics(Right.WRITE, mayPublishTo);
    return refused;
  }

  /// Why a right is not there, or null.
  ///
  /// @param kind `queue` or `exchange`
  @Nullable CoreError require(Right right, String kind, String name) {
    renew();
    return gone() || !has(right, known(kind, name))
        ? CoreError.refused(right.text + " " + text(kind, name))
        : null;
  }

  /// The same for reading from a queue, which a client may do as often as it publishes.
  @Nullable CoreError requireRead(String queue) {
    if (queue.equals(mayReadFrom) && decidedBy == administration.accounts()) {
      return null;
    }
    CoreError refused = require(Right.READ, "queue", queue);
    mayReadFrom = refused == null ? queue : null;
    return refused;
  }

  /// Why somebody may not even learn that something is there, or null: any right will do.
  @Nullable CoreError requireAny(String kind, String name) {
    renew();
    String known = known(kind, name);
    for (Right right : Right.values()) {
      if (!gone() && has(right, known)) {
        return null;
      }
    }
    return CoreError.refused(text(kind, name));
  }

  /// Why nothing may be bound to, or unbound from, an exchange by this key, or null.
  @Nullable CoreError requireTopic(Exchange source, String key) {
    renew();
    NamePattern topics = topics(Right.READ, source);
    return topics == null || topics.isFoundIn(key) ? null : refusedTopic(Right.READ, source, key);
  }

  private boolean gone() {
    return host.deleted();
  }

  private boolean has(Right right, String name) {
    if (user.isEmpty()) {
      return true;
    }
    return switch (right) {
      case CONFIGURE -> configure.isFoundIn(name);
      case WRITE -> write.isFoundIn(name);
      case READ -> read.isFoundIn(name);
    };
  }

  private static String known(String kind, String name) {
    return name.isEmpty() && kind.equals("exchange") ? DEFAULT_EXCHANGE : name;
  }

  private String text(String kind, String name) {
    return ("access to " + kind + " '" + known(kind, name) + "' in vhost '" + host.name() + "'")
        + (" refused for user '" + user + "'");
  }

  private CoreError refusedTopic(Right right, Exchange exchange, String key) {
    return CoreError.refused(
        (right.text + " access to topic '" + key + "' in exchange '" + exchange.name())
            + ("' in vhost '" + host.name() + "' refused for user '" + user + "'"));
  }

  /// Takes over what has changed since it was asked last.
  private void renew() {
    Accounts now = administration.accounts();
    if (decidedBy == now) {
      return;
    }
    decidedBy = now;
    mayPublishTo = null;
    topicsOfIt = null;
    mayReadFrom = null;
    Permissions current = now.permissions().get(new Accounts.Key(host.name(), user));
    if (current == null) {
      configure = NamePattern.NOWHERE;
      write = NamePattern.NOWHERE;
      read = NamePattern.NOWHERE;
    } else if (!current.equals(permissions)) {
      configure = new NamePattern(current.configure());
      write = new NamePattern(current.write());
      read = new NamePattern(current.read());
    }
    permissions = current;
  }

  /// What routing keys are asked for at an exchange, or null if for nothing.
  private @Nullable NamePattern topics(Right right, Exchange exchange) {
    Accounts by = decidedBy;
    if (user.isEmpty() || by == null || !(exchange instanceof TopicExchange)) {
      return null;
    }
    Accounts.TopicPermissions found = null;
    for (String name : new String[] {exchange.name(), ""}) {
      if (found == null) {
        found = by.topicPermissions().get(new Accounts.TopicKey(host.name(), user, name));
      }
    }
    if (found == null) {
      return null;
    }
    return new NamePattern(
        expanded(right == Right.WRITE ? found.write() : found.read(), user, host.name()));
  }

  /// A topic permission with its variables filled in, as text and not as expressions: no name of a
  /// user can reach further than itself. `{client_id}` is of protocols that have one.
  static String expanded(String regex, String user, String host) {
    return regex
        .replace("{username}", Pattern.quote(user))
        .replace("{vhost}", Pattern.quote(host))
        .replace("{client_id}", "(?!)");
  }
}
