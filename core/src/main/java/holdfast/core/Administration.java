package holdfast.core;

import holdfast.store.Batch;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Does what administrators ask for: judges a [Change], journals it, makes it count, and answers
/// when it is durable and has reached everybody. Guarded by the gate; any thread may look at the
/// accounts as they are now.
public final class Administration {
  private final Shard shard;
  private final ChangeRules rules;

  /// Replaced with every change.
  private volatile Accounts accounts = AccountChanges.NONE;

  /// Deletions of hosts that were found half done.
  private final Map<VirtualHost, HostRemoval> interrupted = new HashMap<>();

  /// Users whose definitions are being removed: a new one of that name would go with them.
  private final Set<String> usersGoing = new HashSet<>();

  Administration(Shard shard) {
    this.shard = shard;
    this.rules = new ChangeRules(new DefinitionSizes(shard.store().batchBytesMax()));
  }

  /// The accounts as they are now. Any thread.
  public Accounts accounts() {
    return accounts;
  }

  /// Lets a user who has logged in into a virtual host, or tells why not. Any thread.
  public Admission admit(String user, String host) {
    return shard.admissions().admit(user, host, shard.hosts().find(host));
  }

  // --- before there are clients ---

  void recovered(AccountDefinitions definitions) {
    accounts = definitions.accounts(shard.hosts().metadata());
    shard.policies().recovered(accounts, shard.hosts().values());
  }

  /// Makes sure that a virtual host exists; returns the position to wait for.
  long ensureHost(String name) {
    return shard.hosts().find(name) != null
        ? shard.lastDefinition()
        : put(new Change.PutHost(name, Arguments.NONE));
  }

  /// A step of deleting virtual hosts that a crash has interrupted; called while there is room, and
  /// before the first client comes. False if there was nothing to do.
  public boolean finishDeletions() {
    for (VirtualHost host : shard.hosts().values()) {
      if (host.deleted()) {
        interrupted.computeIfAbsent(host, gone -> new HostRemoval(shard, gone)).step();
        return true;
      }
    }
    interrupted.clear();
    return false;
  }

  /// Makes a first user, who may do everything in some hosts, where there is none; in one record,
  /// so that there is no user without rights. Called before the first client comes. Returns the
  /// position to wait for.
  public long ensureUser(User user, List<String> hosts) {
    if (!accounts.users().isEmpty()) {
      return shard.lastDefinition();
    }
    Batch batch = shard.newBatch();
    count(batch, new Change.PutUser(user));
    for (String host : hosts) {
      Permissions all = new Permissions(".*", ".*", ".*");
      count(batch, new Change.PutPermissions(host, user.name(), all));
    }
    return shard.writeDefinition(batch);
  }

  // --- changes ---

  void administer(Command.Administer c) {
    CoreError error = rules.refused(accounts, c.change());
    if (error == null) {
      error = underWay(c.change());
    }
    if (error == null) {
      error = tooLarge(c.change());
    }
    if (error != null) {
      c.answer().accept(error);
      return;
    }
    // Its own, so that what the client asks for next need not wait for the disk.
    Session session = new Session(c.session().client(), 0);
    switch (c.change()) {
      case Change.PutHost change -> putAndAnswer(session, change, c.answer());
      case Change.DeleteHost change -> deleteHost(session, change.name(), c.answer());
      case Change.PutUser change -> putAndAnswer(session, change, c.answer());
      case Change.DeleteUser change -> deleteUser(session, change, c.answer());
      case Change.PutPermissions change -> putAndAnswer(session, change, c.answer());
      case Change.DeletePermissions change -> putAndAnswer(session, change, c.answer());
      case Change.PutTopicPermissions change -> putAndAnswer(session, change, c.answer());
      case Change.DeleteTopicPermissions change -> deleteTopics(session, change, c.answer());
      case Change.PutPolicy change -> changePolicies(session, change.host(), c);
      case Change.DeletePolicy change -> changePolicies(session, change.host(), c);
      case Change.PutHostLimits change ->
          putAndAnswer(
              session, new Change.PutHostLimits(change.host(), set(change.limits())), c.answer());
      case Change.PutUserLimits change ->
          putAndAnswer(
              session, new Change.PutUserLimits(change.user(), set(change.limits())), c.answer());
    }
  }

  /// It has to fit into one record.
  private @Nullable CoreError tooLarge(Change change) {
    Batch batch = shard.newBatch();
    AccountDefinitions.write(batch, change);
    int bytesMax = shard.store().batchBytesMax();
    return batch.length() <= bytesMax
        ? null
        : CoreError.precondition(
            "a definition of " + batch.length() + " bytes; the limit is " + bytesMax + " bytes");
  }

  /// Why a virtual host may not have another queue, or null.
  @Nullable CoreError queueLimit(VirtualHost host, String queue) {
    Long max =
        accounts.hostLimits().getOrDefault(host.name(), Map.of()).get(ChangeRules.MAX_QUEUES);
    return max == null || host.queues().size() < max
        ? null
        : CoreError.precondition(
            ("cannot declare queue '" + queue + "': queue limit in vhost '" + host.name())
                + ("' (" + max + ") is reached"));
  }

  /// Limits below 0 are none, as RabbitMQ has it.
  private static Map<String, Long> set(Map<String, Long> limits) {
    Map<String, Long> set = new HashMap<>(limits);
    set.values().removeIf(value -> value < 0);
    return Map.copyOf(set);
  }

  private @Nullable CoreError underWay(Change change) {
    if (change instanceof Change.PutHost put && shard.hosts().findAny(put.name()) != null) {
      return shard.hosts().find(put.name()) != null
          ? null
          : CoreError.precondition("vhost '" + put.name() + "' is being deleted: try again");
    }
    return change instanceof Change.PutUser put && usersGoing.contains(put.user().name())
        ? CoreError.precondition("user '" + put.user().name() + "' is being deleted: try again")
        : null;
  }

  private void putAndAnswer(Session session, Change change, Consumer<@Nullable CoreError> answer) {
    shard.await(session, put(change), () -> answer.accept(null));
  }

  private long put(Change change) {
    Batch batch = shard.newBatch();
    count(batch, change);
    return shard.writeDefinition(batch);
  }

  /// Puts a change into a batch and makes it count.
  private void count(Batch batch, Change change) {
    AccountDefinitions.write(batch, change);
    accounts = AccountChanges.after(accounts, change);
    if (change instanceof Change.PutHost put) {
      VirtualHost host = shard.hosts().find(put.name());
      if (host == null) {
        host = new VirtualHost(put.name());
        shard.hosts().add(host);
      }
      host.describe(put.metadata());
    }
  }

  private void changePolicies(Session session, String name, Command.Administer c) {
    VirtualHost host = shard.hosts().find(name);
    if (host == null) {
      throw new AssertionError("vhost " + name + " was looked up before");
    }
    long position = put(c.change());
    shard
        .policies()
        .changed(
            accounts,
            host,
            new Session(session.client(), 0),
            () -> shard.await(session, position, () -> c.answer().accept(null)));
  }

  // --- deletions ---

  private void deleteHost(Session session, String name, Consumer<@Nullable CoreError> answer) {
    VirtualHost host = shard.hosts().find(name);
    if (host == null) {
      throw new AssertionError("vhost " + name + " was looked up before");
    }
    host.delete();
    shard.writeDefinition(
        shard.newBatch().put(Definitions.key(host), Definitions.hostValue(host.metadata(), true)));
    accounts = AccountChanges.after(accounts, new Change.DeleteHost(name));
    shard.policies().forget(name);
    forceOut(session, client -> client.host() == host, "vhost '" + name + "' is deleted");
    HostRemoval removal = new HostRemoval(shard, host);
    shard.later(session, () -> removal.run(session, () -> answer.accept(null)));
  }

  /// The user goes last: until its definition is gone it is there, with fewer rights.
  private void deleteUser(
      Session session, Change.DeleteUser change, Consumer<@Nullable CoreError> answer) {
    String name = change.name();
    ArrayDeque<String> keys = new ArrayDeque<>();
    for (Accounts.Key key : accounts.permissions().keySet()) {
      if (key.user().equals(name)) {
        keys.add(AccountDefinitions.permissionsKey(key));
      }
    }
    for (Accounts.TopicKey key : accounts.topicPermissions().keySet()) {
      if (key.user().equals(name)) {
        keys.add(AccountDefinitions.topicKey(key));
      }
    }
    if (accounts.userLimits().containsKey(name)) {
      keys.add(AccountDefinitions.userLimitsKey(name));
    }
    keys.add(AccountDefinitions.userKey(name));
    accounts = AccountChanges.after(accounts, change);
    usersGoing.add(name);
    forceOut(session, client -> client.user().equals(name), "user '" + name + "' is deleted");
    remove(
        keys,
        key -> false,
        session,
        () -> {
          usersGoing.remove(name);
          answer.accept(null);
        });
  }

  private void deleteTopics(
      Session session, Change.DeleteTopicPermissions change, Consumer<@Nullable CoreError> answer) {
    ArrayDeque<String> keys = new ArrayDeque<>();
    for (Accounts.TopicKey key : accounts.topicPermissions().keySet()) {
      if (AccountChanges.isMeant(change, key)) {
        keys.add(AccountDefinitions.topicKey(key));
      }
    }
    accounts = AccountChanges.after(accounts, change);
    remove(keys, this::isTopicKey, session, () -> answer.accept(null));
  }

  /// Whether topic permissions are there under this key.
  private boolean isTopicKey(String key) {
    String[] names = Definitions.names(key, 3);
    return accounts
        .topicPermissions()
        .containsKey(new Accounts.TopicKey(names[0], names[1], names[2]));
  }

  /// Removes definitions, a slice a turn and in their order, and goes on when that is durable.
  ///
  /// @param isBack of a key that was put again meanwhile, which is not for us to remove
  private void remove(
      ArrayDeque<String> keys, Predicate<String> isBack, Session session, Session.Step then) {
    Batch batch = shard.newBatch();
    for (int i = 0; i < Limits.SLICE && !keys.isEmpty(); i++) {
      if (batch.length() >= shard.store().batchBytesMax() / 2) {
        break;
      }
      String key = keys.remove();
      if (!isBack.test(key)) {
        batch.remove(key);
      }
    }
    if (!batch.isEmpty()) {
      shard.writeDefinition(batch);
    }
    if (keys.isEmpty()) {
      shard.await(session, shard.lastDefinition(), then);
    } else {
      shard.later(session, () -> remove(keys, isBack, session, then));
    }
  }

  // --- those who have to go ---

  /// Tells clients to go, a slice a turn.
  private void forceOut(Session by, Predicate<Client> who, String reason) {
    ArrayDeque<Client> going = new ArrayDeque<>();
    for (Client client : shard.clients()) {
      if (client.access().isLimited() && who.test(client)) {
        going.add(client);
      }
    }
    forceOut(new Session(by.client(), 0), going, reason);
  }

  private void forceOut(Session broom, ArrayDeque<Client> going, String reason) {
    for (int i = 0; i < Limits.SLICE && !going.isEmpty(); i++) {
      Client client = going.remove();
      if (!client.closed()) {
        client.outbox().add(new Event.ForcedOut(client, reason));
      }
    }
    if (!going.isEmpty()) {
      shard.later(broom, () -> forceOut(broom, going, reason));
    }
  }

  /// A client was let in on its loop, and comes to the gate now: what it came to may have gone.
  void greet(Client client) {
    if (!client.access().isLimited()) {
      return;
    }
    String reason =
        client.host().deleted()
            ? "vhost '" + client.host().name() + "' is deleted"
            : !accounts.users().containsKey(client.user())
                ? "user '" + client.user() + "' is deleted"
                : null;
    if (reason != null) {
      client.outbox().add(new Event.ForcedOut(client, reason));
    }
  }
}
