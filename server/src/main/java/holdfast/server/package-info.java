/// Main, configuration and command line.
package holdfast.server;
