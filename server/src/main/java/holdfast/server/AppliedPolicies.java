package holdfast.server;

import holdfast.core.Accounts;
import holdfast.core.Policy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Tells which policy applies to a queue or an exchange, for a list of them: patterns are compiled
/// once.
final class AppliedPolicies {
  private record Compiled(Accounts.PolicyOfHost of, Pattern pattern) {}

  /// The highest priority first.
  private final List<Compiled> policies = new ArrayList<>();

  AppliedPolicies(Accounts accounts, boolean operator) {
    List<Accounts.PolicyOfHost> sorted = new ArrayList<>(accounts.policies());
    sorted.removeIf(policy -> policy.operator() != operator);
    sorted.sort(
        Comparator.comparingInt((Accounts.PolicyOfHost each) -> each.policy().priority())
            .reversed());
    for (Accounts.PolicyOfHost each : sorted) {
      try {
        policies.add(new Compiled(each, Pattern.compile(each.policy().pattern())));
      } catch (PatternSyntaxException ofAnotherDialect) {
        // It matches nothing; `policies` shows it as it is.
        continue;
      }
    }
  }

  /// Its name, or an empty text.
  String ofQueue(String host, String name, String type) {
    return of(
        host,
        name,
        target ->
            switch (target) {
              case ALL, QUEUES -> true;
              case CLASSIC_QUEUES -> type.equals("classic");
              case QUORUM_QUEUES -> type.equals("quorum");
              case STREAMS -> type.equals("stream");
              case EXCHANGES -> false;
            });
  }

  /// Its name, or an empty text.
  String ofExchange(String host, String name) {
    return of(
        host,
        name,
        target -> target == Policy.AppliesTo.ALL || target == Policy.AppliesTo.EXCHANGES);
  }

  private String of(
      String host, String name, java.util.function.Predicate<Policy.AppliesTo> target) {
    for (Compiled each : policies) {
      if (each.of.host().equals(host)
          && target.test(each.of.policy().appliesTo())
          && each.pattern.matcher(name).find()) {
        return each.of.policy().name();
      }
    }
    return "";
  }
}
