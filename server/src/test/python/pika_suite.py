#!/usr/bin/python3
"""What an application written with pika expects of a broker.

    pika_suite.py [--host HOST] [--port PORT] [-v] [Class.test ...]

Every expectation here is what RabbitMQ 3.10 does, but for those in pika_refused.py. Names of queues and exchanges are fresh for each run, so the suite may
run against a broker in use; it leaves nothing durable behind.
"""

import argparse
import sys
import unittest

sys.dont_write_bytecode = True

import pika_case  # noqa: E402
from pika_errors import Connections, Errors  # noqa: E402, F401
from pika_messages import Deliveries, Publishing  # noqa: E402, F401
from pika_refused import Refused  # noqa: E402, F401
from pika_routing import Replies, Routing, Shares  # noqa: E402, F401
from pika_topology import Exchanges, Queues  # noqa: E402, F401

if __name__ == "__main__":
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--host", default=pika_case.HOST)
    reader.add_argument("--port", type=int, default=pika_case.PORT)
    known, rest = reader.parse_known_args()
    pika_case.HOST, pika_case.PORT = known.host, known.port
    unittest.main(argv=["pika_suite", *rest], verbosity=1)
