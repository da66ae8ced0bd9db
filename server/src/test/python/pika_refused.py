"""What this version does not do it refuses by name: nothing is accepted and then ignored.

These are the only expectations that RabbitMQ does not share.
"""

import pika
from pika import exceptions

from pika_case import BrokerCase


class Refused(BrokerCase):
    def test_queue_arguments_are_refused_by_name(self):
        for argument, value in (("x-message-ttl", 100), ("x-max-length", 2), ("x-dead-letter-exchange", ""),
                                ("x-max-priority", 5), ("x-expires", 1000), ("x-single-active-consumer", True),
                                ("x-delivery-limit", 3), ("x-queue-type", "stream")):
            with self.assertRaises(exceptions.ChannelClosedByBroker) as refused:
                self.channel.queue_declare("pika.refused", durable=True, arguments={argument: value})
            self.assertEqual(406, refused.exception.reply_code)
            self.assertIn(argument, refused.exception.reply_text)
            self.channel = self.connection.channel()

    def test_an_alternate_exchange_is_refused_by_name(self):
        with self.assertRaises(exceptions.ChannelClosedByBroker) as refused:
            self.channel.exchange_declare("pika.refused", arguments={"alternate-exchange": "x"})
        self.assertIn("alternate-exchange", refused.exception.reply_text)

    def test_transactions_are_refused(self):
        with self.assertRaises(exceptions.ConnectionClosedByBroker) as refused:
            self.channel.tx_select()
        self.assertEqual(540, refused.exception.reply_code)

    def test_expiration_of_a_message_is_refused(self):
        queue = self.queue()
        with self.assertRaises(exceptions.ConnectionClosedByBroker) as refused:
            self.channel.basic_publish("", queue, b"x", pika.BasicProperties(expiration="1000"))
            self.channel.queue_declare(queue, passive=True)
        self.assertEqual(540, refused.exception.reply_code)

    def test_copies_by_header_are_refused(self):
        queue = self.queue()
        with self.assertRaises(exceptions.ConnectionClosedByBroker) as refused:
            self.channel.basic_publish("", queue, b"x", pika.BasicProperties(headers={"CC": ["other"]}))
            self.channel.queue_declare(queue, passive=True)
        self.assertEqual(540, refused.exception.reply_code)
