"""What this version does not do it refuses by name: nothing is accepted and then ignored.

These are the only expectations that RabbitMQ does not share.
"""

from pika import exceptions

from pika_case import BrokerCase


class Refused(BrokerCase):
    def test_queue_arguments_are_refused_by_name(self):
        for argument, value in (("x-message-deduplication", True), ("x-cache-size", 2), ("x-unheard-of", "x")):
            with self.assertRaises(exceptions.ChannelClosedByBroker) as refused:
                self.channel.queue_declare("pika.refused", durable=True, arguments={argument: value})
            self.assertEqual(406, refused.exception.reply_code)
            self.assertIn(argument, refused.exception.reply_text)
            self.channel = self.connection.channel()

    def test_an_exchange_argument_it_does_not_know_is_refused_by_name(self):
        with self.assertRaises(exceptions.ChannelClosedByBroker) as refused:
            self.channel.exchange_declare("pika.refused", arguments={"x-unheard-of": "x"})
        self.assertEqual(406, refused.exception.reply_code)
        self.assertIn("x-unheard-of", refused.exception.reply_text)

    def test_a_delayed_message_exchange_is_refused_by_name(self):
        with self.assertRaises(exceptions.ConnectionClosedByBroker) as refused:
            self.channel.exchange_declare(
                "pika.refused", exchange_type="x-delayed-message", arguments={"x-delayed-type": "direct"})
        self.assertEqual(503, refused.exception.reply_code)
        self.assertIn("unknown exchange type 'x-delayed-message'", refused.exception.reply_text)
