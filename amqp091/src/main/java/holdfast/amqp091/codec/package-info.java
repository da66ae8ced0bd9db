/// The AMQP 0-9-1 codec: bytes to methods, content and tables, and back. It knows the wire and no
/// broker: no state of a connection lives here but what reading frames needs.
@NullMarked
package holdfast.amqp091.codec;

import org.jspecify.annotations.NullMarked;
