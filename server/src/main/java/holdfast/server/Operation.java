package holdfast.server;

import org.jspecify.annotations.Nullable;

/// One thing that an administrator can ask a running broker for.
interface Operation {
  /// Runs on the control socket's thread, and may wait for the gate. The result is what [Json]
  /// writes.
  @Nullable Object run(Asked asked) throws OperationRefused;
}
