package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A shard with an administrator, and clients of users. No thread but the test's.
final class AccountsRig implements AutoCloseable {
  private static final long PLENTY = 100_000_000;

  final PagingRig rig;

  AccountsRig(Path directory) throws IOException {
    rig = new PagingRig(directory, PLENTY, PLENTY, Limits.Paging.STANDARD);
  }

  Accounts accounts() {
    return rig.shard.administration().accounts();
  }

  /// Does a change to its end; the text of what is wrong with it, or null.
  @Nullable String change(Change change) {
    List<String> answers = begin(change);
    finish();
    assertThat(answers).as("answers to %s", change).hasSize(1);
    return answers.getFirst().isEmpty() ? null : answers.getFirst();
  }

  /// Hands in a change; its answer comes into the list, an empty one if it is done.
  List<String> begin(Change change) {
    List<String> answers = new ArrayList<>();
    rig.submit(
        new Command.Administer(
            rig.client.control(), change, error -> answers.add(error == null ? "" : error.text())));
    return answers;
  }

  void done(Change change) {
    assertThat(change(change)).as("%s", change).isNull();
  }

  void finish() {
    rig.finish();
  }

  static User user(String name) {
    byte[] hash = Passwords.hash(new byte[] {1, 2, 3, 4}, "secret", User.Hashing.SHA_256);
    return new User(name, hash, User.Hashing.SHA_256, List.of("management"));
  }

  /// A user with these rights in the host `/`.
  void user(String name, String configure, String write, String read) {
    done(new Change.PutUser(user(name)));
    done(new Change.PutPermissions("/", name, new Permissions(configure, write, read)));
  }

  static Policy policy(String name, String pattern, int priority, Object... definition) {
    Map<String, Object> map = new java.util.LinkedHashMap<>();
    for (int i = 0; i < definition.length; i += 2) {
      map.put((String) definition[i], definition[i + 1]);
    }
    return new Policy(name, pattern, Policy.AppliesTo.ALL, Arguments.of(map), priority);
  }

  /// A client of a user, and what it was told.
  final class Peer implements Outbox {
    final List<Event> events = new ArrayList<>();
    final Client client;
    final Session session;

    Peer(String user, String host) {
      Admission admission = rig.shard.administration().admit(user, host);
      assertThat(admission).isInstanceOf(Admission.Granted.class);
      client = rig.shard.newClient("peer", (Admission.Granted) admission, this);
      session = client.newSession(1);
    }

    @Override
    public void add(Event event) {
      events.add(event);
    }

    @Override
    public boolean hasRoom() {
      return true;
    }

    /// Does commands; the text of the first refusal, or null.
    @Nullable String does(Command... commands) {
      events.clear();
      for (Command command : commands) {
        client.submitting(Arrays.asList(command));
        rig.shard.accept(command);
        finish();
      }
      for (Event event : events) {
        if (event instanceof Event.Failed failed) {
          return failed.error().text();
        }
      }
      return null;
    }

    Command queue(String name, boolean passive, Arguments arguments) {
      return new Command.DeclareQueue(
          session, name, "amq.gen-1", passive, true, false, false, arguments, false);
    }

    Command exchange(String name, String type, boolean passive, Arguments arguments) {
      return new Command.DeclareExchange(
          session, name, type, passive, true, false, false, arguments, false);
    }

    Command bind(boolean unbind, boolean toQueue, String source, String destination, String key) {
      return new Command.Bind(
          session, unbind, toQueue, source, destination, key, Arguments.NONE, false);
    }

    Command publish(String exchange, String key) {
      Message message =
          new Message(exchange, key, PropertyFormat.NONE, new byte[0], new byte[1], false, 0);
      rig.memory.add(message.footprint());
      return new Command.Publish(session, message, false);
    }

    Command get(String queue) {
      return new Command.Get(session, queue, true);
    }

    Command consume(String queue) {
      return new Command.Consume(session, queue, "c", "", true, false, Arguments.NONE, false);
    }
  }

  @Override
  public void close() throws IOException {
    rig.close();
  }
}
