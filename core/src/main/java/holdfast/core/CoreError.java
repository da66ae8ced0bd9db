package holdfast.core;

/// A command that could not be done, as a value: what kind of mistake, and a sentence for the
/// person who made it. A front end maps the kind to its protocol's code.
public record CoreError(Kind kind, String text) {
  /// The kinds of mistake.
  public enum Kind {
    NOT_FOUND,
    ACCESS_REFUSED,
    PRECONDITION_FAILED,
    RESOURCE_LOCKED,
    NOT_ALLOWED,
    COMMAND_INVALID,
    RESOURCE_ERROR,
    NOT_IMPLEMENTED
  }

  static CoreError notFound(String what, String name, VirtualHost host) {
    return new CoreError(
        Kind.NOT_FOUND, "no " + what + " '" + name + "' in vhost '" + host.name() + "'");
  }

  static CoreError precondition(String text) {
    return new CoreError(Kind.PRECONDITION_FAILED, text);
  }

  static CoreError refused(String text) {
    return new CoreError(Kind.ACCESS_REFUSED, text);
  }
}
