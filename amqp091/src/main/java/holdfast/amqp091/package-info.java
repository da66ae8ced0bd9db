/// AMQP 0-9-1: codec, connection, channel.
package holdfast.amqp091;
