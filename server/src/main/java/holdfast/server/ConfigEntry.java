package holdfast.server;

/// A key and a value as they were written, and where: `broker.conf:12`, `--port`, `--set`.
record ConfigEntry(String key, String value, String origin) {}
