package holdfast.server;

import holdfast.broker.Broker;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Everything that an administrator can ask a running broker for, by the name of an operation and
/// arguments in JSON, answered in JSON: `users.add` with `{"name":"anna",...}`. The command line is
/// one way to it; it knows nothing of sockets or texts.
final class Administration {
  private final Map<String, Operation> operations = new LinkedHashMap<>();

  /// @param tellConnections hands an event to every connection, each on its loop
  Administration(Broker broker, Consumer<Object> tellConnections) {
    new UserOperations(broker).addTo(operations);
    new HostOperations(broker).addTo(operations);
    new PolicyOperations(broker).addTo(operations);
    new TopologyOperations(broker).addTo(operations);
    new ClientOperations(broker, tellConnections).addTo(operations);
    new DefinitionOperations(broker).addTo(operations);
  }

  /// Does an operation, and returns once what it changes is durable.
  ///
  /// @return what [Json] writes
  /// @throws OperationRefused for a reason to be shown to whoever asked
  @Nullable Object run(String name, Asked asked) throws OperationRefused {
    Operation operation = operations.get(name);
    if (operation == null) {
      throw OperationRefused.bad(
          "unknown operation '"
              + name
              + "'"
              + Nearest.to(name, new TreeSet<>(operations.keySet()).stream().toList())
                  .map(near -> "; did you mean " + near + "?")
                  .orElse(""));
    }
    Topic.Verb verb = Topics.find(name);
    if (verb != null) {
      requireKnown(verb, asked);
    }
    return operation.run(asked);
  }

  /// A name that is not understood would be a wish that is not met.
  private static void requireKnown(Topic.Verb verb, Asked asked) throws OperationRefused {
    for (String key : asked.values().keySet()) {
      if (!verb.takes(key)) {
        throw OperationRefused.bad("unknown argument '" + key + "'");
      }
    }
  }
}
