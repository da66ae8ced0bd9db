"""Where messages go beyond the four kinds of exchange: alternates, copies, shares, histories, and replies without a queue."""

import pika
from pika import exceptions

from pika_case import BrokerCase

REPLIES = "amq.rabbitmq.reply-to"


class Routing(BrokerCase):
    def test_an_alternate_exchange_takes_what_nothing_is_bound_for(self):
        rest = self.exchange("fanout")
        exchange = self.exchange("direct", arguments={"alternate-exchange": rest})
        queue = self.queue()
        self.channel.queue_bind(queue, rest)
        self.channel.confirm_delivery()
        self.channel.basic_publish(exchange, "unknown", b"found", mandatory=True)
        self.assertEqual(["found"], self.bodies(queue))
        self.channel.exchange_declare(exchange, "direct", arguments={"alternate-exchange": rest})
        self.assertChannelClosed(406, lambda: self.channel.exchange_declare(exchange, "direct"))

    def test_copies_go_to_their_keys_and_blind_ones_are_not_seen(self):
        to, open_, blind = self.queue(), self.queue(), self.queue()
        headers = {"CC": [open_, to], "BCC": [blind], "n": 1}
        self.channel.basic_publish("", to, b"x", pika.BasicProperties(headers=headers))
        for queue in (to, open_, blind):
            self.ready(queue, 1)
            _method, properties, _body = self.channel.basic_get(queue, auto_ack=True)
            self.assertEqual({"CC": [open_, to], "n": 1}, properties.headers)

    def test_copies_must_be_lists(self):
        queue = self.queue()

        def publish():
            self.channel.basic_publish("", queue, b"x", pika.BasicProperties(headers={"CC": "other"}))
            self.channel.queue_declare(queue, passive=True)

        self.assertChannelClosed(406, publish)

    def test_an_unknown_kind_of_exchange_closes_the_connection(self):
        with self.assertRaises(exceptions.ConnectionClosedByBroker) as refused:
            self.channel.exchange_declare("pika.unknown", exchange_type="unheard-of")
        self.assertEqual(503, refused.exception.reply_code)
        self.assertIn("unknown exchange type 'unheard-of'", refused.exception.reply_text)


class Shares(BrokerCase):
    """Kinds of exchange that RabbitMQ has in plugins."""

    def counts(self, exchange, queues, messages):
        self.channel.confirm_delivery()
        for number in range(messages):
            self.channel.basic_publish(exchange, f"key-{number}", b"", mandatory=True)
        return [self.channel.queue_declare(queue, passive=True).method.message_count for queue in queues]

    def test_a_consistent_hash_shares_by_weight(self):
        exchange = self.exchange("x-consistent-hash")
        light, heavy = self.queue(durable=False), self.queue(durable=False)
        self.channel.queue_bind(light, exchange, "1")
        self.channel.queue_bind(heavy, exchange, "9")
        one, nine = self.counts(exchange, (light, heavy), 500)
        self.assertEqual(500, one + nine)
        self.assertTrue(10 < one < 110, one)
        self.assertChannelClosed(406, lambda: self.channel.queue_bind(light, exchange, "heavy"))

    def test_modulus_and_chance_give_each_message_to_one_queue(self):
        for kind in ("x-modulus-hash", "x-random", "x-local-random"):
            exchange = self.exchange(kind)
            first, second = self.queue(durable=False), self.queue(durable=False)
            self.channel.queue_bind(first, exchange, "")
            self.channel.queue_bind(second, exchange, "")
            one, other = self.counts(exchange, (first, second), 300)
            self.assertEqual(300, one + other, kind)
            self.assertTrue(60 < one < 240, (kind, one))

    def test_a_recent_history_reaches_who_comes_later(self):
        exchange = self.exchange("x-recent-history", arguments={"x-recent-history-length": 2})
        for body in (b"one", b"two", b"three"):
            self.channel.basic_publish(exchange, "", body)
        queue = self.queue()
        self.channel.queue_bind(queue, exchange)
        self.assertEqual(["two", "three"], self.bodies(queue))


class Replies(BrokerCase):
    def test_a_reply_comes_back_without_a_queue(self):
        replies = []
        self.channel.basic_consume(REPLIES, lambda _c, _m, properties, body: replies.append(
            (properties.correlation_id, body)), auto_ack=True)
        requests = self.queue()
        properties = pika.BasicProperties(reply_to=REPLIES, correlation_id="7")
        self.channel.basic_publish("", requests, b"request", properties)
        self.ready(requests, 1)
        server = self.connect().channel()
        _method, asked, _body = server.basic_get(requests, auto_ack=True)
        self.assertTrue(asked.reply_to.startswith(REPLIES + "."))
        self.assertEqual(1, server.queue_declare(asked.reply_to, passive=True).method.consumer_count)
        server.confirm_delivery()
        server.basic_publish(
            "", asked.reply_to, b"reply", pika.BasicProperties(correlation_id=asked.correlation_id), mandatory=True)
        self.gather(self.connection, replies, 1)
        self.assertEqual([("7", b"reply")], replies)
        self.channel.close()
        with self.assertRaises(exceptions.UnroutableError):
            server.basic_publish("", asked.reply_to, b"late", mandatory=True)
        self.channel = self.connection.channel()

    def test_replies_are_consumed_before_they_are_asked_for_and_not_acknowledged(self):
        queue = self.queue()

        def publish():
            self.channel.basic_publish("", queue, b"x", pika.BasicProperties(reply_to=REPLIES))
            self.channel.queue_declare(queue, passive=True)

        text = self.assertChannelClosed(406, publish)
        self.assertIn("fast reply consumer does not exist", text)
        text = self.assertChannelClosed(
            406, lambda: self.channel.basic_consume(REPLIES, lambda *_: None, auto_ack=False))
        self.assertIn("reply consumer cannot acknowledge", text)
