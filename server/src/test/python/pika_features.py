#!/usr/bin/python3
"""What RabbitMQ adds to AMQP 0-9-1, as programs written with pika use it. Prints the Test Anything Protocol.

    pika_features.py [--host HOST] [--port PORT] [Class.test ...]

Every expectation here is what RabbitMQ does: 3.10 where nothing else is said, 4.x where a test asks `self.modern`.
"""

import argparse
import sys

sys.dont_write_bytecode = True

import pika_case  # noqa: E402
import tap  # noqa: E402
from pika_lifetimes import DeadLetters, Delays, Lengths, Lifetimes  # noqa: E402, F401
from pika_order import Consumers, DeliveryLimits, Priorities  # noqa: E402, F401
from pika_routes import Copies, DirectReplies, Routes  # noqa: E402, F401
from pika_select import SelectPrograms  # noqa: E402, F401
from pika_streams import Streams  # noqa: E402, F401
from pika_transactions import Transactions  # noqa: E402, F401

if __name__ == "__main__":
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--host", default=pika_case.HOST)
    reader.add_argument("--port", type=int, default=pika_case.PORT)
    reader.add_argument("tests", nargs="*")
    known = reader.parse_args()
    pika_case.HOST, pika_case.PORT = known.host, known.port
    sys.exit(tap.run(sys.modules[__name__], known.tests))
