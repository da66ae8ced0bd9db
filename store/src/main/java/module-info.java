import org.jspecify.annotations.NullMarked;

/// The journal, and the many logs it carries. Knows nobody.
@NullMarked
module holdfast.store {
  requires jdk.unsupported; // unbuffered files: ExtendedOpenOption.DIRECT
  requires static transitive org.jspecify;

  exports holdfast.store;
}
