/// A load generator for any AMQP 0-9-1 broker: what a message costs here is what the broker beside
/// it has not got, so the frames of a message are copied from templates and read without objects.
package holdfast.load;
