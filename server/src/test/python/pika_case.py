"""What the test cases share: where the broker is, a connection for each test, and waiting for what is asynchronous."""

import time
import unittest
import uuid

import pika
from pika import exceptions

HOST = "localhost"
PORT = 5672
PATIENCE_SECONDS = 10


def parameters(**overrides):
    settings = {"host": HOST, "port": PORT, "blocked_connection_timeout": 30, "socket_timeout": 10}
    return pika.ConnectionParameters(**(settings | overrides))


class BrokerCase(unittest.TestCase):
    """A connection and a channel for each test, and what it declared removed afterwards."""

    def setUp(self):
        self.connection = self.connect()
        self.channel = self.connection.channel()
        self.queues = []
        self.exchanges = []

    def connect(self, **overrides):
        connection = pika.BlockingConnection(parameters(**overrides))
        self.addCleanup(lambda: connection.is_open and connection.close())
        return connection

    def tearDown(self):
        if not self.queues and not self.exchanges:
            return
        channel = self.connect().channel()
        for queue in self.queues:
            channel.queue_delete(queue)
        for exchange in self.exchanges:
            channel.exchange_delete(exchange)

    def queue(self, durable=True, arguments=None):
        name = f"pika.{uuid.uuid4().hex[:12]}"
        self.channel.queue_declare(name, durable=durable, arguments=arguments)
        self.queues.append(name)
        return name

    def exchange(self, kind, **options):
        name = f"pika.{kind}.{uuid.uuid4().hex[:12]}"
        self.channel.exchange_declare(name, exchange_type=kind, **options)
        self.exchanges.append(name)
        return name

    def publish(self, queue, *bodies):
        for body in bodies:
            self.channel.basic_publish("", queue, body)

    def ready(self, queue, count, channel=None):
        """Waits until the queue reports so many ready messages: publishing is asynchronous."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        found = None
        while time.monotonic() < deadline:
            found = (channel or self.channel).queue_declare(queue, passive=True).method.message_count
            if found == count:
                return
            self.connection.process_data_events(0.01)
        self.fail(f"{queue} holds {found} ready messages, not {count}")

    def bodies(self, queue):
        found = []
        while True:
            method, _properties, body = self.channel.basic_get(queue, auto_ack=True)
            if method is None:
                return found
            found.append(body.decode())

    def gather(self, connection, into, count):
        """Serves a connection's callbacks until so many messages have come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(into) < count and time.monotonic() < deadline:
            connection.process_data_events(0.05)
        self.assertEqual(count, len(into))

    def assertChannelClosed(self, code, action):
        with self.assertRaises(exceptions.ChannelClosedByBroker) as caught:
            action()
        self.assertEqual(code, caught.exception.reply_code, caught.exception.reply_text)
        self.assertTrue(self.connection.is_open)
        self.channel = self.connection.channel()
        return caught.exception.reply_text
