package holdfast.server;

import static holdfast.server.Topic.flag;
import static holdfast.server.Topic.lastWord;
import static holdfast.server.Topic.number;
import static holdfast.server.Topic.text;
import static holdfast.server.Topic.word;

import holdfast.server.Topic.Parameter;
import holdfast.server.Topic.Shape;
import holdfast.server.Topic.Verb;
import java.util.ArrayList;
import java.util.List;

/// Everything that an administrator can ask for, in words. [Administration] does it.
final class Topics {
  private static final Parameter VHOST =
      text("vhost", "NAME", "The virtual host it is about (default: /).");
  private static final Parameter SECRET =
      new Parameter("password", Shape.SECRET, "", "The password.");
  private static final Parameter ARGUMENTS =
      new Parameter(
          "argument",
          Shape.TABLE,
          "NAME=VALUE",
          "An argument; may be repeated. 60000 is a number, true a truth, \"60000\" a text.");
  private static final Parameter TAGS =
      text("tags", "A,B", "Tags, such as administrator, with commas between them.");
  private static final Parameter PASSWORD_HASH =
      text("password_hash", "BASE64", "Salt and digest, instead of a password.");
  private static final Parameter HASHING =
      text("hashing_algorithm", "NAME", "sha256 (default) or sha512.");

  static final List<Topic> ALL =
      List.of(
          users(),
          vhosts(),
          permissions(),
          topicPermissions(),
          policies("policies", "policy", "Policies: settings for all queues of a name."),
          policies(
              "operator-policies",
              "operator policy",
              "Operator policies: limits that nobody's policy or argument exceeds."),
          limits(),
          queues(),
          exchanges(),
          bindings(),
          connections(),
          new Topic(
              "channels",
              "Channels of the connections.",
              List.of(list("connection", "Only of connections whose name contains this.")),
              List.of("channels --json", "channels --name 10.0.0.7")),
          new Topic(
              "consumers",
              "Consumers of the queues.",
              List.of(list("queue", "Only of queues whose name contains this.")),
              List.of("consumers", "consumers --vhost / --name orders")));

  private Topics() {}

  /// The operation of this name, `users.add`, or null.
  static @org.jspecify.annotations.Nullable Verb find(String operation) {
    for (Topic topic : ALL) {
      for (Verb verb : topic.verbs()) {
        if (operation.equals(topic.name() + "." + verb.name())) {
          return verb;
        }
      }
    }
    return null;
  }

  private static Verb list(String of, String name) {
    return list(of, name, text("vhost", "NAME", "Only of this virtual host (default: of all)."));
  }

  private static Verb list(String of, String name, Parameter... more) {
    List<Parameter> parameters = new ArrayList<>(List.of(more));
    parameters.add(text("name", "TEXT", name));
    parameters.add(number("limit", "N", "At most so many (default: all)."));
    parameters.add(number("offset", "N", "Without the first N."));
    return new Verb("list", "List them, sorted by virtual host and " + of + ".", parameters);
  }

  private static Verb verb(String name, String description, Parameter... parameters) {
    return new Verb(name, description, List.of(parameters));
  }

  private static Topic users() {
    return new Topic(
        "users",
        "Who may log in.",
        List.of(
            list("name", "Only names that contain this.", new Parameter[0]),
            verb(
                "add",
                "Add a user.",
                word("name", "The new user."),
                SECRET,
                PASSWORD_HASH,
                HASHING,
                TAGS),
            verb(
                "set-password",
                "Give a user another password.",
                word("name", "The user."),
                SECRET,
                PASSWORD_HASH,
                HASHING),
            verb(
                "set-tags",
                "Replace a user's tags; without any, take them away.",
                word("name", "The user."),
                new Parameter("tags", Shape.WORDS, "TAG", "The tags.")),
            verb("authenticate", "Try a user's password.", word("name", "The user."), SECRET),
            verb("delete", "Delete a user, with all permissions.", word("name", "The user."))),
        List.of(
            "users",
            "users add anna --tags administrator     asks for the password",
            "users add app --password-file app.pw    its first line",
            "echo s3cret | holdfast users set-password app",
            "users add old --password-hash kI3GCqW5JLMJa4iX1lo7X4D6Xb..."));
  }

  private static Topic vhosts() {
    return new Topic(
        "vhosts",
        "Virtual hosts: each a world of its own names.",
        List.of(
            list("name", "Only names that contain this.", new Parameter[0]),
            verb(
                "add",
                "Make a virtual host, or change what is said of it.",
                word("name", "The virtual host."),
                text("description", "TEXT", "What it is for."),
                TAGS,
                text("default_queue_type", "TYPE", "classic, quorum or stream.")),
            verb(
                "delete",
                "Delete a virtual host with everything in it: queues, messages too.",
                word("name", "The virtual host."))),
        List.of("vhosts", "vhosts add orders --description 'all of the shop'"));
  }

  private static Topic permissions() {
    Parameter user = word("user", "The user.");
    return new Topic(
        "permissions",
        "What users may do in virtual hosts.",
        List.of(
            list("user", "Only users whose names contain this."),
            verb(
                "set",
                "Allow a user what matches these regular expressions.",
                user,
                word("configure", "Names that may be declared and deleted."),
                word("write", "Names that may be published or bound to."),
                word("read", "Names that may be consumed or bound from."),
                VHOST),
            verb("clear", "Keep a user out of a virtual host.", user, VHOST)),
        List.of(
            "permissions set anna '.*' '.*' '.*'",
            "permissions set app '^$' '^orders$' '^(orders|mail)$' --vhost shop",
            "permissions clear app --vhost shop"));
  }

  private static Topic topicPermissions() {
    Parameter user = word("user", "The user.");
    return new Topic(
        "topic-permissions",
        "Routing keys that users may use with topic exchanges.",
        List.of(
            list("user", "Only users whose names contain this."),
            verb(
                "set",
                "Allow a user routing keys that match.",
                user,
                word("exchange", "The topic exchange; '' for all of them."),
                word("write", "Keys that may be published with."),
                word("read", "Keys that may be bound with."),
                VHOST),
            verb(
                "clear",
                "Take them away again: of one exchange, or all.",
                user,
                lastWord("exchange", "The topic exchange."),
                VHOST)),
        List.of("topic-permissions set app events '^shop\\.' '.*'"));
  }

  private static Topic policies(String name, String one, String description) {
    return new Topic(
        name,
        description,
        List.of(
            list("name", "Only names that contain this."),
            verb(
                "set",
                "Make or change a " + one + ".",
                word("name", "Its name."),
                word("pattern", "Regular expression that names are searched for."),
                new Parameter("definition", Shape.JSON, "DEFINITION", "The settings, as JSON."),
                text(
                    "apply_to",
                    "KIND",
                    "all (default), queues, classic_queues, quorum_queues, streams, exchanges."),
                number("priority", "N", "The highest that matches applies (default: 0)."),
                VHOST),
            verb("clear", "Delete it.", word("name", "Its name."), VHOST)),
        List.of(
            name + " set ttl '^tmp\\.' '{\"message-ttl\":60000}' --apply-to queues",
            name + " clear ttl"));
  }

  private static Topic limits() {
    Parameter vhost = text("vhost", "NAME", "Of a virtual host: max-connections, max-queues.");
    Parameter user = text("user", "NAME", "Of a user: max-connections, max-channels.");
    return new Topic(
        "limits",
        "Limits of virtual hosts and of users.",
        List.of(
            verb("list", "List them.", vhost, user),
            verb(
                "set",
                "Set limits; those not named stay.",
                vhost,
                user,
                new Parameter("limits", Shape.NUMBERS, "LIMIT=N", "The limits; -1 is none.")),
            verb(
                "clear",
                "Take away limits: those named, or all.",
                vhost,
                user,
                new Parameter("names", Shape.WORDS, "LIMIT", "The limits."))),
        List.of(
            "limits set --vhost shop max-queues=500 max-connections=100",
            "limits set --user app max-channels=20",
            "limits clear --vhost shop"));
  }

  private static Topic queues() {
    Parameter name = word("name", "The queue.");
    return new Topic(
        "queues",
        "Queues.",
        List.of(
            list("name", "Only names that contain this."),
            verb(
                "add",
                "Declare a queue: durable, unless said otherwise.",
                name,
                text("type", "TYPE", "classic (default), quorum or stream."),
                flag("transient", "It need not outlive a restart."),
                flag("auto_delete", "It ends with its last consumer."),
                ARGUMENTS,
                VHOST),
            verb(
                "delete",
                "Delete a queue with its messages.",
                name,
                flag("if_empty", "Only if it holds no message."),
                flag("if_unused", "Only if it has no consumer."),
                VHOST),
            verb("purge", "Remove all ready messages.", name, VHOST)),
        List.of(
            "queues --name order --limit 20",
            "queues add orders --type quorum --argument x-max-length=100000",
            "queues delete orders --if-empty --if-unused",
            "queues purge orders --vhost shop"));
  }

  private static Topic exchanges() {
    Parameter name = word("name", "The exchange.");
    return new Topic(
        "exchanges",
        "Exchanges.",
        List.of(
            list("name", "Only names that contain this."),
            verb(
                "add",
                "Declare an exchange: durable, unless said otherwise.",
                name,
                text("type", "TYPE", "direct (default), fanout, topic, headers."),
                flag("transient", "It need not outlive a restart."),
                flag("auto_delete", "It ends with its last binding."),
                flag("internal", "Nobody publishes to it directly."),
                ARGUMENTS,
                VHOST),
            verb(
                "delete",
                "Delete an exchange.",
                name,
                flag("if_unused", "Only if nothing is bound to it."),
                VHOST)),
        List.of("exchanges add events --type topic", "exchanges delete events --if-unused"));
  }

  private static Topic bindings() {
    Parameter source = word("source", "The exchange messages come from.");
    Parameter destination = word("destination", "The queue or exchange they go to.");
    Parameter key = text("routing_key", "KEY", "The routing key (default: empty).");
    Parameter to = flag("to_exchange", "The destination is an exchange.");
    return new Topic(
        "bindings",
        "Bindings: which messages go from exchanges to queues.",
        List.of(
            list("source", "Only of sources or destinations that contain this."),
            verb(
                "add",
                "Bind a queue or an exchange.",
                source,
                destination,
                key,
                to,
                ARGUMENTS,
                VHOST),
            verb(
                "delete",
                "Unbind it; key and arguments say which.",
                source,
                destination,
                key,
                to,
                ARGUMENTS,
                VHOST)),
        List.of(
            "bindings add events orders --routing-key 'order.#'",
            "bindings add amq.headers mail --argument x-match=any --argument kind=mail",
            "bindings delete events orders --routing-key 'order.#'"));
  }

  private static Topic connections() {
    return new Topic(
        "connections",
        "Connections of clients.",
        List.of(
            list("name", "Only names that contain this."),
            verb(
                "close",
                "Close one connection, or all; clients are told why (320).",
                lastWord("name", "The connection, as the list names it."),
                flag("all", "All of them, of one virtual host or user if named."),
                text("vhost", "NAME", "With --all: those to this virtual host."),
                text("user", "NAME", "With --all: those of this user."),
                text("reason", "TEXT", "What clients are told."))),
        List.of(
            "connections",
            "connections close '127.0.0.1:51344 -> 127.0.0.1:5672'",
            "connections close --all --user app --reason 'password changed'"));
  }
}
