package holdfast.server;

/// The broker will not start, for a reason its operator can do something about. The message is all
/// that is printed, so it names what was refused and what to do; a bug is never one of these.
final class StartRefused extends Exception {
  private static final long serialVersionUID = 1L;

  private final ExitStatus status;

  StartRefused(ExitStatus status, String message) {
    super(message);
    this.status = status;
  }

  StartRefused(ExitStatus status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  ExitStatus status() {
    return status;
  }
}
