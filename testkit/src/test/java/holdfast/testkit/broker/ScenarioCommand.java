package holdfast.testkit.broker;

import holdfast.core.Arguments;
import holdfast.core.Command;
import holdfast.core.Message;
import holdfast.core.Session;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// One line of a client in a scenario, turned into commands.
final class ScenarioCommand {
  private final ScenarioPlayer.Peer peer;
  private final int id;
  private final Session session;
  private final List<String> words;
  private long nowMs;

  ScenarioCommand(ScenarioPlayer.Peer peer, int id, List<String> words) {
    this.peer = peer;
    this.id = id;
    this.session = peer.session(id);
    this.words = words;
  }

  void submitTo(ShardDriver driver) {
    nowMs = driver.nowMs;
    for (Command command : commands()) {
      driver.submit(command);
    }
  }

  private boolean has(String word) {
    return words.contains(word);
  }

  /// The word behind another one, or a default.
  private String after(String word, String otherwise) {
    int at = words.indexOf(word);
    return at < 0 || at + 1 >= words.size() ? otherwise : unquoted(words.get(at + 1));
  }

  private static String unquoted(String word) {
    return word.startsWith("\"") ? word.substring(1, word.length() - 1) : word;
  }

  private String word(int index) {
    return unquoted(words.get(index));
  }

  private Arguments arguments() {
    return TextHeaders.parse(words.stream().filter(w -> w.indexOf('=') > 0).toArray(String[]::new));
  }

  private List<Command> commands() {
    return switch (words.getFirst()) {
      case "declare" -> List.of(word(1).equals("queue") ? declareQueue() : declareExchange());
      case "delete" ->
          List.of(
              word(1).equals("queue")
                  ? new Command.DeleteQueue(
                      session, word(2), has("if-unused"), has("if-empty"), false)
                  : new Command.DeleteExchange(session, word(2), has("if-unused"), false));
      case "bind", "unbind" -> List.of(bind());
      case "purge" -> List.of(new Command.PurgeQueue(session, word(1), false));
      case "publish" -> publish();
      case "consume" ->
          List.of(
              new Command.Consume(
                  session,
                  word(1),
                  after("as", ""),
                  "generated",
                  has("no-ack"),
                  has("exclusive"),
                  arguments(),
                  false));
      case "take" -> List.of(takeReplies());
      case "cancel" -> List.of(new Command.Cancel(session, word(1), false));
      case "get" -> List.of(new Command.Get(session, word(1), has("no-ack")));
      case "ack" -> List.of(settle(Command.Outcome.ACCEPTED));
      case "reject" -> List.of(settle(Command.Outcome.REJECTED));
      case "requeue" -> List.of(settle(Command.Outcome.RETURNED));
      case "recover" -> List.of(new Command.Recover(session, false));
      case "prefetch" ->
          List.of(new Command.SetPrefetch(session, Integer.parseInt(word(1)), has("session")));
      case "confirms" -> List.of(new Command.SelectConfirms(session, false));
      case "close" ->
          List.of(
              has("client")
                  ? new Command.CloseClient(peer.client.control())
                  : new Command.CloseSession(session));
      case "tx" -> List.of(new Command.SelectTransactions(session));
      case "commit" -> List.of(new Command.Commit(session));
      case "rollback" -> List.of(new Command.Rollback(session));
      case "look" -> List.of(new Command.Look(session));
      case "alarm" -> List.of(new Command.SetAlarm(session, word(1), word(2)));
      case "alarm-over" -> List.of(new Command.SetAlarm(session, word(1), null));
      case "stops" -> {
        peer.reads = false; // stops reading
        yield List.of();
      }
      case "reads" -> {
        peer.reads = true; // reads again
        yield List.of(new Command.Resume(peer.client.control()));
      }
      default -> throw new IllegalArgumentException("no client can " + words.getFirst());
    };
  }

  private Command declareQueue() {
    boolean anonymous = word(2).equals("*");
    return new Command.DeclareQueue(
        session,
        anonymous ? "" : word(2),
        anonymous ? "generated" : "",
        has("passive"),
        has("durable"),
        has("exclusive"),
        has("auto-delete"),
        arguments(),
        false);
  }

  private Command declareExchange() {
    return new Command.DeclareExchange(
        session,
        word(2),
        word(3),
        has("passive"),
        has("durable"),
        has("auto-delete"),
        has("internal"),
        arguments(),
        false);
  }

  /// `bind queue q to x key "k" a=1`.
  private Command bind() {
    return new Command.Bind(
        session,
        word(0).equals("unbind"),
        word(1).equals("queue"),
        after("to", ""),
        word(2),
        after("key", ""),
        arguments(),
        false);
  }

  /// `publish to q "one" persistent`, `publish to exchange x key "k" "one"`, `publish 1500 to q`.
  private List<Command> publish() {
    boolean many = word(1).matches("\\d+");
    boolean toExchange = after("to", "").equals("exchange");
    String exchange = toExchange ? after("exchange", "") : "";
    String key = toExchange ? after("key", "") : after("to", "");
    List<Command> commands = new ArrayList<>();
    String body =
        unquoted(words.reversed().stream().filter(w -> w.startsWith("\"")).findFirst().orElse(""));
    for (int i = 1; i <= (many ? Integer.parseInt(word(1)) : 1); i++) {
      commands.add(
          new Command.Publish(
              session,
              new Message(
                  exchange,
                  key,
                  TextHeaders.FORMAT,
                  String.join(" ", words.stream().filter(w -> w.indexOf('=') > 0).toList())
                      .getBytes(StandardCharsets.UTF_8),
                  content(many ? String.valueOf(i) : body),
                  has("persistent"),
                  nowMs),
              has("mandatory"),
              has("copies") ? List.of(after("copies", "").split(",")) : List.of()));
    }
    return commands;
  }

  /// `take replies at r1 as c1`: the address is `amq.rabbitmq.reply-to.r1`.
  private Command takeReplies() {
    return new Command.TakeReplies(
        session, Command.TakeReplies.PREFIX + after("at", ""), after("as", ""), "generated", false);
  }

  /// `size 10000` makes a body of so many bytes.
  private byte[] content(String text) {
    int size = Integer.parseInt(after("size", "0"));
    return (text + ".".repeat(Math.max(0, size - text.length()))).getBytes(StandardCharsets.UTF_8);
  }

  /// `ack "one"`, `ack up to "two"`, `ack tag 7`, `ack all`, `ack tags 1 to 3`.
  private Command settle(Command.Outcome outcome) {
    if (has("tags")) {
      return new Command.SettleRow(
          session, Long.parseLong(after("tags", "")), Long.parseLong(after("to", "")));
    }
    long tag;
    if (has("all")) {
      tag = 0;
    } else if (has("tag")) {
      tag = Long.parseLong(after("tag", ""));
    } else {
      String body = unquoted(words.getLast());
      Long known = peer.tags.get(id + body);
      if (known == null) {
        throw new IllegalArgumentException("\"" + body + "\" was not delivered here");
      }
      tag = known;
    }
    return new Command.Settle(session, tag, has("up") || has("all"), outcome);
  }
}
