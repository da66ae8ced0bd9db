"""What the tests of RabbitMQ's extensions share beyond `BrokerCase`."""

import time

import pika

from pika_case import PATIENCE_SECONDS, BrokerCase


class FeatureCase(BrokerCase):
    @property
    def modern(self):
        """False for a RabbitMQ before 4.0, which lacks a few things that the tests expect of others."""
        properties = self.connection._impl.server_properties
        return properties["product"] != "RabbitMQ" or int(properties["version"].split(".")[0]) >= 4

    def await_message(self, queue, auto_ack=True, channel=None, patience=PATIENCE_SECONDS):
        """Waits until a message can be taken: method, properties, body."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            method, properties, body = (channel or self.channel).basic_get(queue, auto_ack=auto_ack)
            if method is not None:
                return method, properties, body.decode()
            self.connection.process_data_events(0.01)
        self.fail(f"no message came to {queue}")

    def await_bodies(self, queue, count):
        return [self.await_message(queue)[2] for _ in range(count)]

    def confirmed(self, queue, *bodies, exchange="", **properties):
        """Publishes persistent messages and returns when the broker has taken all of them."""
        channel = self.connection.channel()
        channel.confirm_delivery()
        for body in bodies:
            channel.basic_publish(exchange, queue, body, pika.BasicProperties(delivery_mode=2, **properties))
        channel.close()

    def consume(self, queue, into, channel=None, **options):
        """Starts a consumer that keeps what it gets and acknowledges nothing by itself."""
        return (channel or self.channel).basic_consume(
            queue, lambda _ch, method, properties, body: into.append((method, properties, body.decode())), **options)

    def serve_until(self, condition, *connections):
        """Serves the connections' callbacks until the condition holds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            self.assertLess(time.monotonic(), deadline, "what was waited for did not happen")
            for connection in connections or (self.connection,):
                connection.process_data_events(0.01)
