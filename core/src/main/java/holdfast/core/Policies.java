package holdfast.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which policy applies to which queue and exchange. Of those of a virtual host that match a name
/// and mean something for its kind, the one of the highest priority does, and of two of the same,
/// the one whose name comes first; an operator policy is chosen the same way, besides. Guarded by
/// the gate.
final class Policies {
  /// What a policy can be for.
  enum Kind {
    EXCHANGE,
    CLASSIC,
    QUORUM,
    STREAM;

    static Kind of(Queue queue) {
      return switch (queue.type()) {
        case "quorum" -> QUORUM;
        case "stream" -> STREAM;
        default -> CLASSIC;
      };
    }
  }

  /// What applies to a queue or an exchange; both parts can be there, or none.
  ///
  /// @param policy name of the policy, or null
  /// @param operatorPolicy name of the operator policy, or null
  record Effective(
      @Nullable String policy,
      Arguments definition,
      @Nullable String operatorPolicy,
      Arguments operatorDefinition) {
    static final Effective NONE = new Effective(null, Arguments.NONE, null, Arguments.NONE);

    /// What both say of a key together, or null: of two limits the stricter one.
    @Nullable Object get(String key) {
      Object ours = definition.get(key);
      Object operators = operatorDefinition.get(key);
      if (ours == null || operators == null) {
        return ours == null ? operators : ours;
      }
      if (!PolicyRules.SMALLER_COUNTS.contains(key)
          || !(ours instanceof Long a)
          || !(operators instanceof Long b)) {
        return operators;
      }
      // A delivery limit below 0 is none.
      return b < 0 || a >= 0 && a < b ? ours : operators;
    }

    /// Both together.
    Arguments merged() {
      Map<String, @Nullable Object> merged = new LinkedHashMap<>();
      definition.asMap().keySet().forEach(key -> merged.put(key, get(key)));
      operatorDefinition.asMap().keySet().forEach(key -> merged.put(key, get(key)));
      return Arguments.of(merged);
    }
  }

  /// A policy that is ready to be asked.
  private record Rule(Policy policy, NamePattern pattern) {
    static final Comparator<Rule> FIRST_FIRST =
        Comparator.comparing((Rule rule) -> -(long) rule.policy.priority())
            .thenComparing(rule -> rule.policy.name());

    Rule(Policy policy) {
      this(policy, new NamePattern(policy.pattern()));
    }

    boolean appliesTo(String name, Kind kind) {
      boolean meant =
          switch (policy.appliesTo()) {
            case ALL -> true;
            case EXCHANGES -> kind == Kind.EXCHANGE;
            case QUEUES -> kind != Kind.EXCHANGE;
            case CLASSIC_QUEUES -> kind == Kind.CLASSIC;
            case QUORUM_QUEUES -> kind == Kind.QUORUM;
            case STREAMS -> kind == Kind.STREAM;
          };
      return meant && PolicyRules.applies(policy.definition(), kind) && pattern.isFoundIn(name);
    }
  }

  private record Pair(@Nullable Rule ours, @Nullable Rule operators) {}

  /// The policies of one host, the first that is to be asked first.
  private static final class Rules {
    private final List<Rule> ours = new ArrayList<>();
    private final List<Rule> operators = new ArrayList<>();

    /// Shared by everything that the same two apply to.
    private final Map<Pair, Effective> effective = new HashMap<>();

    Effective of(String name, Kind kind) {
      Pair pair = new Pair(first(ours, name, kind), first(operators, name, kind));
      return effective.computeIfAbsent(pair, Rules::effective);
    }

    private static @Nullable Rule first(List<Rule> rules, String name, Kind kind) {
      for (Rule rule : rules) {
        if (rule.appliesTo(name, kind)) {
          return rule;
        }
      }
      return null;
    }

    private static Effective effective(Pair pair) {
      Policy ours = pair.ours == null ? null : pair.ours.policy;
      Policy operators = pair.operators == null ? null : pair.operators.policy;
      return ours == null && operators == null
          ? Effective.NONE
          : new Effective(
              ours == null ? null : ours.name(),
              ours == null ? Arguments.NONE : ours.definition(),
              operators == null ? null : operators.name(),
              operators == null ? Arguments.NONE : operators.definition());
    }
  }

  /// A walk through a host after a change, and who waits for its end.
  private static final class Walk {
    private final ArrayDeque<Destination> left = new ArrayDeque<>();
    private final List<Runnable> waiting = new ArrayList<>();
  }

  private final Shard shard;
  private final Map<String, Rules> rules = new HashMap<>();
  private final Map<VirtualHost, Walk> walks = new HashMap<>();

  Policies(Shard shard) {
    this.shard = shard;
  }

  /// What applies to a name.
  Effective of(VirtualHost host, String name, Kind kind) {
    Rules known = rules.get(host.name());
    return known == null ? Effective.NONE : known.of(name, kind);
  }

  /// Tells a queue or an exchange what applies to it, if it has not been told.
  void apply(Destination destination) {
    switch (destination) {
      case Queue queue -> {
        Effective now = of(queue.host(), queue.name(), Kind.of(queue));
        if (!now.equals(queue.effectivePolicy())) {
          queue.policyChanged(now);
        }
      }
      case Exchange exchange -> {
        Effective now = of(exchange.host(), exchange.name(), Kind.EXCHANGE);
        if (!now.equals(exchange.effectivePolicy())) {
          exchange.policyChanged(now);
        }
      }
    }
  }

  /// Takes over the policies of a host from the accounts.
  private void read(Accounts accounts, String host) {
    Rules read = new Rules();
    for (Accounts.PolicyOfHost one : accounts.policies()) {
      if (one.host().equals(host)) {
        (one.operator() ? read.operators : read.ours).add(new Rule(one.policy()));
      }
    }
    read.ours.sort(Rule.FIRST_FIRST);
    read.operators.sort(Rule.FIRST_FIRST);
    if (read.ours.isEmpty() && read.operators.isEmpty()) {
      rules.remove(host);
    } else {
      rules.put(host, read);
    }
  }

  /// At a start, before there are clients: reads the policies, and tells everybody.
  void recovered(Accounts accounts, Iterable<VirtualHost> hosts) {
    for (VirtualHost host : hosts) {
      read(accounts, host.name());
      if (rules.containsKey(host.name())) {
        host.exchanges().forEach(this::apply);
        host.queues().forEach(this::apply);
      }
    }
  }

  /// The policies of a host have changed: tells everybody there, a slice a turn. A change that
  /// comes while this is under way begins it anew, for both.
  ///
  /// @param by a session of its own to do it with
  void changed(Accounts accounts, VirtualHost host, Session by, Runnable then) {
    read(accounts, host.name());
    Walk walk = walks.get(host);
    boolean isFirst = walk == null;
    if (walk == null) {
      walk = new Walk();
      walks.put(host, walk);
    }
    walk.left.clear();
    walk.left.addAll(host.exchanges());
    walk.left.addAll(host.queues());
    walk.waiting.add(then);
    if (isFirst) {
      goOn(host, walk, by);
    }
  }

  private void goOn(VirtualHost host, Walk walk, Session by) {
    for (int i = 0; i < Limits.POLICY_SLICE && !walk.left.isEmpty(); i++) {
      Destination next = walk.left.remove();
      if (!(next instanceof Queue queue && queue.deleted())) {
        apply(next);
      }
    }
    if (!walk.left.isEmpty()) {
      shard.later(by, () -> goOn(host, walk, by));
      return;
    }
    walks.remove(host);
    walk.waiting.forEach(Runnable::run);
  }

  void forget(String host) {
    rules.remove(host);
  }
}
