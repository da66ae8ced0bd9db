/// Listener and protocol detection, on Netty.
package holdfast.net;
