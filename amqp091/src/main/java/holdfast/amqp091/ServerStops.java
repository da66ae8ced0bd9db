package holdfast.amqp091;

/// What a listener tells its connections, through their pipelines, before the process ends.
///
/// @param reason for the client's log
/// @param failed whether the broker ends because it failed, and not because it was asked to
public record ServerStops(String reason, boolean failed) {}
