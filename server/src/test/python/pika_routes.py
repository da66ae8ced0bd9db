"""Ways of a message beyond the four plain exchanges."""

import pika
from pika import exceptions

from pika_feature_case import FeatureCase


class Routes(FeatureCase):
    def test_an_exchange_bound_to_an_exchange_passes_messages_on(self):
        source, middle = self.exchange("topic"), self.exchange("direct")
        queue = self.queue()
        self.channel.exchange_bind(middle, source, "stock.#")
        self.channel.queue_bind(queue, middle, "stock.a")
        self.confirmed("stock.a", "through", exchange=source)
        self.confirmed("stock.b", "stopped", exchange=source)
        self.assertEqual(["through"], self.bodies(queue))
        self.channel.exchange_unbind(middle, source, "stock.#")
        self.confirmed("stock.a", "unbound", exchange=source)
        self.assertEqual([], self.bodies(queue))

    def test_a_message_in_a_circle_of_exchanges_comes_once(self):
        one, two = self.exchange("fanout"), self.exchange("fanout")
        self.channel.exchange_bind(one, two)
        self.channel.exchange_bind(two, one)
        queue = self.queue()
        self.channel.queue_bind(queue, one)
        self.channel.queue_bind(queue, two)
        self.confirmed("", "once", exchange=two)
        self.assertEqual(["once"], self.bodies(queue))

    def test_an_internal_exchange_takes_nothing_from_publishers(self):
        internal = self.exchange("fanout", internal=True)
        outer = self.exchange("fanout")
        self.channel.exchange_bind(internal, outer)
        queue = self.queue()
        self.channel.queue_bind(queue, internal)
        self.confirmed("", "inside", exchange=outer)
        self.assertEqual(["inside"], self.bodies(queue))
        self.assertChannelClosed(403, lambda: self.confirmed("", "outside", exchange=internal))

    def test_an_alternate_exchange_gets_what_is_unroutable(self):
        rest = self.exchange("fanout")
        first = self.exchange("direct", arguments={"alternate-exchange": rest})
        known, unknown = self.queue(), self.queue()
        self.channel.queue_bind(known, first, "known")
        self.channel.queue_bind(unknown, rest)
        channel = self.connection.channel()
        channel.confirm_delivery()
        channel.basic_publish(first, "known", "a", mandatory=True)
        channel.basic_publish(first, "other", "b", mandatory=True)
        self.assertEqual((["a"], ["b"]), (self.bodies(known), self.bodies(unknown)))

    def test_a_mandatory_message_without_a_queue_comes_back_whole(self):
        returned = []
        self.channel.add_on_return_callback(
            lambda _ch, method, properties, body: returned.append((method, properties, body)))
        exchange = self.exchange("direct")
        self.channel.basic_publish(
            exchange, "nowhere", "a", pika.BasicProperties(message_id="m", headers={"h": 1}), mandatory=True)
        self.serve_until(lambda: returned)
        method, properties, body = returned[0]
        self.assertEqual((312, "NO_ROUTE", exchange, "nowhere"),
                         (method.reply_code, method.reply_text, method.exchange, method.routing_key))
        self.assertEqual(("m", {"h": 1}, b"a"), (properties.message_id, properties.headers, body))

    def test_a_confirmed_mandatory_message_without_a_queue_is_an_error(self):
        self.channel.confirm_delivery()
        with self.assertRaises(exceptions.UnroutableError):
            self.channel.basic_publish("", "pika.nowhere", "a", mandatory=True)

    def test_an_immediate_message_is_not_implemented(self):
        link = self.connect()
        channel = link.channel()
        with self.assertRaises(exceptions.ConnectionClosedByBroker) as caught:
            channel._impl.basic_publish("", "q", b"a", mandatory=False)
            channel._impl._send_method(
                pika.spec.Basic.Publish(exchange="", routing_key="q", immediate=True), (pika.BasicProperties(), b"a"))
            channel.queue_declare("", exclusive=True)
        self.assertEqual(540, caught.exception.reply_code)

    def test_a_headers_binding_may_ask_for_headers_that_begin_with_x(self):
        if not self.modern:
            self.skipTest("any-with-x is not in RabbitMQ 3.10.8")
        exchange = self.exchange("headers")
        plain, with_x = self.queue(), self.queue()
        self.channel.queue_bind(plain, exchange, arguments={"x-match": "any", "x-flag": "1"})
        self.channel.queue_bind(with_x, exchange, arguments={"x-match": "any-with-x", "x-flag": "1"})
        self.confirmed("", "a", exchange=exchange, headers={"x-flag": "1"})
        self.assertEqual(([], ["a"]), (self.bodies(plain), self.bodies(with_x)))

    def test_a_user_id_must_be_the_publishers_own(self):
        queue = self.queue()
        self.confirmed(queue, "a", user_id="guest")
        self.assertEqual(["a"], self.bodies(queue))
        self.assertChannelClosed(406, lambda: self.confirmed(queue, "a", user_id="somebody"))


class Copies(FeatureCase):
    def test_copies_go_to_every_key_of_cc_and_bcc_and_bcc_is_secret(self):
        exchange = self.exchange("direct")
        queues = {key: self.queue() for key in ("to", "cc", "bcc")}
        for key, queue in queues.items():
            self.channel.queue_bind(queue, exchange, key)
        self.confirmed("to", "a", exchange=exchange, headers={"CC": ["cc"], "BCC": ["bcc"]})
        for queue in queues.values():
            _method, properties, body = self.await_message(queue)
            self.assertEqual(("a", {"CC": ["cc"]}), (body, properties.headers))

    def test_copies_to_the_same_queue_come_once(self):
        queue = self.queue()
        self.confirmed(queue, "a", headers={"CC": [queue], "BCC": [queue]})
        self.assertEqual(["a"], self.bodies(queue))

    def test_copies_that_are_no_list_are_refused(self):
        queue = self.queue()
        self.assertChannelClosed(406, lambda: self.confirmed(queue, "a", headers={"CC": "other"}))


class DirectReplies(FeatureCase):
    REPLY_TO = "amq.rabbitmq.reply-to"

    def test_a_reply_comes_back_without_a_queue(self):
        requests = self.queue()
        link = self.connect()
        server = link.channel()
        asked, replies = [], []
        self.consume(requests, asked, channel=server, auto_ack=True)
        self.consume(self.REPLY_TO, replies, auto_ack=True)
        for number in range(3):
            self.channel.basic_publish("", requests, "question", pika.BasicProperties(
                reply_to=self.REPLY_TO, correlation_id=str(number)))
        self.serve_until(lambda: len(asked) == 3, link)
        for _method, properties, _body in asked:
            self.assertTrue(properties.reply_to.startswith(self.REPLY_TO + "."), properties.reply_to)
            server.basic_publish("", properties.reply_to, "answer " + properties.correlation_id)
        self.serve_until(lambda: len(replies) == 3)
        self.assertEqual(["answer 0", "answer 1", "answer 2"], [body for *_rest, body in replies])

    def test_a_server_may_ask_whether_the_client_still_waits(self):
        requests = self.queue()
        replies = []
        link = self.connect()
        client = link.channel()
        self.consume(self.REPLY_TO, replies, channel=client, auto_ack=True)
        client.basic_publish("", requests, "question", pika.BasicProperties(reply_to=self.REPLY_TO))
        _method, properties, _body = self.await_message(requests)
        self.assertEqual(
            properties.reply_to, self.channel.queue_declare(properties.reply_to, passive=True).method.queue)
        link.close()
        returned = []
        self.channel.add_on_return_callback(lambda *back: returned.append(back))
        self.channel.basic_publish("", properties.reply_to, "too late", mandatory=True)
        self.serve_until(lambda: returned)
        self.assertEqual([], replies)

    def test_a_request_without_a_waiting_consumer_is_refused(self):
        requests = self.queue()
        self.assertChannelClosed(406, lambda: self.confirmed(requests, "q", reply_to=self.REPLY_TO))

    def test_replies_are_taken_without_acknowledgements_only(self):
        self.assertChannelClosed(406, lambda: self.channel.basic_consume(self.REPLY_TO, lambda *_: None))
