package holdfast.amqp091;

/// What a listener tells its connections, through their pipelines, before the process ends.
public record ServerStops(String reason) {}
