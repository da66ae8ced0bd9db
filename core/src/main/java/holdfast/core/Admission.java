package holdfast.core;

/// Whether a user who has logged in may come into a virtual host.
public sealed interface Admission {
  /// Yes: counted as a connection from now on, so a client must be made of it.
  record Granted(String user, VirtualHost host) implements Admission {}

  /// No, and why.
  record Refused(CoreError error) implements Admission {}
}
