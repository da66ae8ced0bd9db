package holdfast.core;

/// What a user may do in a virtual host: regular expressions that names of exchanges and queues are
/// searched for; an empty one matches the empty name only.
public record Permissions(String configure, String write, String read) {}
