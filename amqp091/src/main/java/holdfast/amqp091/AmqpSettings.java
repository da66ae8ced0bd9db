package holdfast.amqp091;

/// What this front end is set to.
///
/// @param product what the broker calls itself in its server properties
/// @param version its version there
/// @param clusterName its `cluster_name` there
/// @param heartbeatSeconds proposed heartbeat; 0 for none
/// @param handshakeTimeoutMs how long a peer may take from connecting to `connection.open`
/// @param frameBytesMax largest frame, its 8 octets of framing included
/// @param channelsMax channels of one connection
/// @param messageBytesMax largest message body
public record AmqpSettings(
    String product,
    String version,
    String clusterName,
    int heartbeatSeconds,
    int handshakeTimeoutMs,
    int frameBytesMax,
    int channelsMax,
    int messageBytesMax) {}
