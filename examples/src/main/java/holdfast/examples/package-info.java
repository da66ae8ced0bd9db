/// The broker embedded in a program.
package holdfast.examples;
