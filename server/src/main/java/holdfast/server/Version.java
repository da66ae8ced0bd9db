package holdfast.server;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;

/// The version this program was built as. The build writes it into the module descriptor, so no
/// resource has to be read at start.
final class Version {
  private Version() {}

  static String text() {
    return Optional.ofNullable(Version.class.getModule().getDescriptor())
        .flatMap(ModuleDescriptor::rawVersion)
        .orElse("(development)");
  }
}
