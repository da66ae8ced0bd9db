package holdfast.examples;

/// Lets the package be exported until its first class is written; then this file goes.
final class Seed {
  private Seed() {}
}
