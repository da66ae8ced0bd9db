package holdfast.amqp091;

import holdfast.net.CertificateLogin;

/// What this front end is set to.
///
/// @param product what the broker calls itself in its server properties
/// @param version its version there
/// @param clusterName its `cluster_name` there
/// @param heartbeatSeconds proposed heartbeat; 0 for none
/// @param loginRefusedDelayMs how long the answer to a refused login takes, so that guessing is
///   slow
/// @param certificateLogin which name in a client's certificate is its user's
/// @param frameBytesMax largest frame, its 8 octets of framing included
/// @param channelsMax channels of one connection
/// @param messageBytesMax largest message body
public record AmqpSettings(
    String product,
    String version,
    String clusterName,
    int heartbeatSeconds,
    int loginRefusedDelayMs,
    CertificateLogin certificateLogin,
    int frameBytesMax,
    int channelsMax,
    int messageBytesMax) {}
