/// One shard put together; the embedded API.
package holdfast.broker;
