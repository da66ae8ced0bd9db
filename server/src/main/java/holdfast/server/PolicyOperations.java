package holdfast.server;

import holdfast.broker.Broker;
import holdfast.core.Accounts;
import holdfast.core.Change;
import holdfast.core.Policy;
import java.util.List;
import java.util.Map;

/// Policies, and those of operators.
final class PolicyOperations {
  private final Broker broker;

  PolicyOperations(Broker broker) {
    this.broker = broker;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("policies.list", asked -> list(asked, false));
    operations.put("policies.set", asked -> set(asked, false));
    operations.put("policies.clear", asked -> clear(asked, false));
    operations.put("operator-policies.list", asked -> list(asked, true));
    operations.put("operator-policies.set", asked -> set(asked, true));
    operations.put("operator-policies.clear", asked -> clear(asked, true));
  }

  private Object list(Asked asked, boolean operator) throws OperationRefused {
    List<Accounts.PolicyOfHost> policies =
        broker.accounts().policies().stream().filter(each -> each.operator() == operator).toList();
    return Listing.of(asked)
        .rows(
            policies,
            Accounts.PolicyOfHost::host,
            each -> each.policy().name(),
            DefinitionForms::json);
  }

  private Object set(Asked asked, boolean operator) throws OperationRefused {
    Policy policy = DefinitionForms.policy(asked);
    String host = HostOperations.require(broker, asked);
    Waiting.on(broker.administer(new Change.PutPolicy(host, policy, operator)));
    return Map.of();
  }

  private Object clear(Asked asked, boolean operator) throws OperationRefused {
    String host = HostOperations.require(broker, asked);
    String name = asked.name("name");
    boolean known =
        broker.accounts().policies().stream()
            .anyMatch(each ->
                each.operator() == operator
                    && each.host().equals(host)
                    && each.policy().name().equals(name));
    if (!known) {
      throw OperationRefused.notFound(
          "no "
              + (operator ? "operator policy" : "policy")
              + " '"
              + name
              + "' in vhost '"
              + host
              + "'");
    }
    Waiting.on(broker.administer(new Change.DeletePolicy(host, name, operator)));
    return Map.of();
  }
}
