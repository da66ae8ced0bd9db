"""What is refused and with which code, and how connections live and end."""

import time
import uuid

import pika
from pika import exceptions

from pika_case import PATIENCE_SECONDS, BrokerCase


class Errors(BrokerCase):
    def test_404_for_a_missing_queue(self):
        text = self.assertChannelClosed(404, lambda: self.channel.queue_declare("pika.missing", passive=True))
        self.assertEqual("NOT_FOUND - no queue 'pika.missing' in vhost '/'", text)
        self.assertChannelClosed(404, lambda: self.channel.basic_consume("pika.missing", lambda *_: None))
        self.assertChannelClosed(404, lambda: self.channel.basic_get("pika.missing"))
        self.assertChannelClosed(404, lambda: self.channel.queue_purge("pika.missing"))
        self.assertChannelClosed(404, lambda: self.channel.queue_bind("pika.missing", "amq.direct", "k"))

    def test_406_for_an_inequivalent_redeclare(self):
        queue = self.queue()
        text = self.assertChannelClosed(406, lambda: self.channel.queue_declare(queue, durable=False))
        self.assertTrue(text.startswith("PRECONDITION_FAILED - inequivalent arg 'durable' for queue"), text)
        self.assertChannelClosed(
            406, lambda: self.channel.queue_declare(queue, durable=True, arguments={"x-max-length": 5}))

    def test_406_for_a_bad_argument(self):
        name = f"pika.bad.{uuid.uuid4().hex[:12]}"
        self.assertChannelClosed(406, lambda: self.channel.queue_declare(name, arguments={"x-message-ttl": -1}))
        self.assertChannelClosed(406, lambda: self.channel.queue_declare(name, arguments={"x-queue-type": "odd"}))

    def test_406_for_an_unknown_delivery_tag(self):
        def acknowledge():
            self.channel.basic_ack(99)
            self.channel.queue_declare("", exclusive=True)

        text = self.assertChannelClosed(406, acknowledge)
        self.assertEqual("PRECONDITION_FAILED - unknown delivery tag 99", text)

    def test_403_for_a_reserved_name_and_for_a_second_exclusive_consumer(self):
        self.assertChannelClosed(403, lambda: self.channel.queue_declare("amq.mine"))
        queue = self.queue()
        self.connect().channel().basic_consume(queue, lambda *_: None, exclusive=True)
        self.assertChannelClosed(403, lambda: self.channel.basic_consume(queue, lambda *_: None))

    def test_403_for_a_wrong_password(self):
        with self.assertRaises(exceptions.ProbableAuthenticationError) as caught:
            self.connect(credentials=pika.PlainCredentials("guest", "wrong"))
        self.assertIn("403", str(caught.exception))

    def test_530_for_a_missing_virtual_host(self):
        # pika 1.2 maps whatever closes a connection during open to this exception.
        with self.assertRaises((exceptions.ProbableAccessDeniedError, exceptions.ConnectionClosedByBroker)) as caught:
            self.connect(virtual_host="/missing")
        self.assertIn("530", str(caught.exception))

    def test_530_for_a_consumer_tag_in_use(self):
        queue = self.queue()
        link = self.connect()
        channel = link.channel()
        channel.basic_consume(queue, lambda *_: None, consumer_tag="same")
        other = channel._impl
        other._consumers.pop("same")
        channel._consumer_infos.pop("same")
        with self.assertRaises(exceptions.ConnectionClosedByBroker) as caught:
            channel.basic_consume(queue, lambda *_: None, consumer_tag="same")
        self.assertEqual(530, caught.exception.reply_code)

    def test_a_channel_error_leaves_other_channels_alone(self):
        queue = self.queue()
        other = self.connection.channel()
        self.assertChannelClosed(404, lambda: self.channel.queue_declare("pika.missing", passive=True))
        other.basic_publish("", queue, "a")
        self.ready(queue, 1, other)


class Connections(BrokerCase):
    def test_heartbeats_keep_an_idle_connection_for_three_intervals(self):
        quiet = self.connect(heartbeat=2)
        channel = quiet.channel()
        deadline = time.monotonic() + 6.5
        while time.monotonic() < deadline:
            quiet.process_data_events(0.5)
        self.assertTrue(channel.queue_declare("", exclusive=True).method.queue)

    def test_a_client_that_sends_no_heartbeats_is_dropped(self):
        # Our own side is left unserved: pika sends nothing while nobody calls it.
        silent = self.connect(heartbeat=1)
        name = silent.channel().queue_declare("", exclusive=True).method.queue
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                self.channel.queue_declare(name, passive=True)
                self.fail("another connection may not see an exclusive queue")
            except exceptions.ChannelClosedByBroker as closed:
                self.channel = self.connection.channel()
                if closed.reply_code == 404:
                    break
            self.connection.process_data_events(0.1)
        else:
            self.fail("the silent connection still holds its queue")
        with self.assertRaises(exceptions.AMQPConnectionError):
            silent.channel()

    def test_the_broker_names_itself_and_its_capabilities(self):
        properties = self.connection._impl.server_properties
        self.assertTrue(properties["product"])
        self.assertTrue(properties["version"])
        for capability in ("publisher_confirms", "exchange_exchange_bindings", "basic.nack",
                           "consumer_cancel_notify", "connection.blocked", "authentication_failure_close",
                           "per_consumer_qos", "direct_reply_to"):
            self.assertIs(True, properties["capabilities"][capability], capability)

    def test_many_channels_live_on_one_connection(self):
        channels = [self.connection.channel() for _ in range(50)]
        names = {channel.queue_declare("", exclusive=True).method.queue for channel in channels}
        self.assertEqual(50, len(names))

    def test_closing_and_opening_again_works_at_once(self):
        for _ in range(10):
            link = self.connect()
            link.channel().close()
            link.close()
