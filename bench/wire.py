"""AMQP 0-9-1 in few bytes: enough of a client to count what a broker needs, without a client's own costs.

Python's standard library only. No heartbeats; one channel a connection; nothing is expected but the answer.
"""

import select
import socket
import struct
import time

from brokers import BrokerFailed

WINDOW = 500
BODY = b"x" * 100

CONFIRM_SELECT, GET, PUBLISH, CONSUME = (85, 10), (60, 70), (60, 40), (60, 20)
GET_OK, ACK = (60, 71), (60, 80)
ACK_METHOD = struct.pack(">HH", *ACK)
ACK_BYTES = 7 + 4 + 9 + 1


def short(text):
    raw = text.encode()
    return bytes([len(raw)]) + raw


def frame(kind, channel, payload):
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + b"\xce"


def method(channel, class_and_method, arguments=b""):
    return frame(1, channel, struct.pack(">HH", *class_and_method) + arguments)


def publish(queue, body=BODY, persistent=False):
    flags, properties = (0x1000, b"\x02") if persistent else (0, b"")
    return (
        method(1, PUBLISH, struct.pack(">H", 0) + short("") + short(queue) + b"\0")
        + frame(2, 1, struct.pack(">HHQH", 60, 0, len(body), flags) + properties)
        + frame(3, 1, body)
    )


def declare(queue):
    """A durable queue without arguments."""
    return method(1, (50, 10), struct.pack(">H", 0) + short(queue) + b"\2" + struct.pack(">I", 0))


def consume(queue):
    """A consumer with automatic acknowledgement."""
    return method(1, CONSUME, struct.pack(">H", 0) + short(queue) + short(queue) + b"\2" + struct.pack(">I", 0))


class Connection:
    """One connection with one channel."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(120)
        self.socket.sendall(b"AMQP\x00\x00\x09\x01")
        self.read()
        login = b"\0guest\0guest"
        answer = short("PLAIN") + struct.pack(">I", len(login)) + login + short("en_US")
        self.call(method(0, (10, 11), struct.pack(">I", 0) + answer))
        self.call(method(0, (10, 31), struct.pack(">HIH", 2047, 131072, 0)) + method(0, (10, 40), short("/") + short("") + b"\0"))
        self.call(method(1, (20, 10), short("")))

    def _exactly(self, count):
        read = bytearray()
        while len(read) < count:
            more = self.socket.recv(count - len(read))
            if not more:
                raise BrokerFailed("the broker has hung up")
            read += more
        return bytes(read)

    def read(self):
        """The next frame: its kind and its payload."""
        kind, _, length = struct.unpack(">BHI", self._exactly(7))
        return kind, self._exactly(length + 1)[:-1]

    def call(self, request):
        self.socket.sendall(request)
        return self.read()

    def call_all(self, requests):
        """Some requests at a time, so that neither side waits for the other."""
        for start in range(0, len(requests), WINDOW):
            window = requests[start : start + WINDOW]
            self.socket.sendall(b"".join(window))
            for _ in window:
                self.read()

    def expect(self, wanted, request):
        kind, payload = self.call(request)
        got = struct.unpack(">HH", payload[:4]) if kind == 1 else (kind, 0)
        if got != wanted:
            raise BrokerFailed(f"expected method {wanted}, got {got}: {payload[4:200]!r}")

    def publish_confirmed(self, queue, body=BODY):
        """Returns when a persistent message to a queue is confirmed."""
        self.call(method(1, CONFIRM_SELECT, b"\0"))
        self.expect(ACK, publish(queue, body, persistent=True))

    def fill(self, queue, count, body, unconfirmed=5000):
        """Puts so many persistent messages into a queue and returns when all are confirmed."""
        self.call(method(1, CONFIRM_SELECT, b"\0"))
        one, sent, confirmed, rest = publish(queue, body, persistent=True), 0, 0, b""
        many = one * WINDOW
        while confirmed < count:
            if sent < count and sent - confirmed < unconfirmed:
                more = min(WINDOW, count - sent)
                self.socket.sendall(many if more == WINDOW else one * more)
                sent += more
                if not select.select([self.socket], [], [], 0)[0]:
                    continue
            rest += self.socket.recv(1 << 18)
            whole = len(rest) // ACK_BYTES
            for at in range(0, whole * ACK_BYTES, ACK_BYTES):
                if rest[at + 7 : at + 11] != ACK_METHOD:
                    raise BrokerFailed(f"not a confirm: {rest[at : at + 200]!r}")
                tag, multiple = struct.unpack_from(">QB", rest, at + 11)
                # Confirms of one message each may come in any order, so those are counted.
                confirmed = max(confirmed, tag) if multiple else confirmed + 1
            rest = rest[whole * ACK_BYTES :]

    def get(self, queue):
        """Takes one message from a queue, acknowledged by that; its body."""
        self.expect(GET_OK, method(1, GET, struct.pack(">H", 0) + short(queue) + b"\1"))
        _kind, header = self.read()
        left, body = struct.unpack(">Q", header[4:12])[0], b""
        while len(body) < left:
            body += self.read()[1]
        return body

    def drain(self, stopped):
        """Reads and forgets, until told to stop."""
        while not stopped.is_set():
            if select.select([self.socket], [], [], 0.2)[0] and not self.socket.recv(1 << 20):
                return

    def close(self):
        self.socket.close()


def send_steadily(publishers, messages, rate, seconds):
    """One message after the other over the connections in turn, each due at its time; returns how many."""
    sent, begin = 0, time.perf_counter()
    while (now := time.perf_counter()) < begin + seconds:
        due = int((now - begin) * rate)
        while sent < due:
            publishers[sent % len(publishers)].socket.sendall(messages[sent % len(messages)])
            sent += 1
    return sent
