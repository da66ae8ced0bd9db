/// Simulated disk and clock, generator and model, and the tests that need them.
package holdfast.testkit;
