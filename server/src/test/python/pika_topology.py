"""Queues, exchanges and bindings."""

import uuid

import pika
from pika import exceptions

from pika_case import BrokerCase


class Queues(BrokerCase):
    def test_a_declared_queue_is_found_passively_with_its_counts(self):
        queue = self.queue()
        self.publish(queue, "a", "b")
        self.ready(queue, 2)
        found = self.channel.queue_declare(queue, passive=True).method
        self.assertEqual((queue, 2, 0), (found.queue, found.message_count, found.consumer_count))

    def test_declaring_again_alike_is_harmless(self):
        queue = self.queue()
        self.publish(queue, "kept")
        self.ready(queue, 1)
        self.assertEqual(1, self.channel.queue_declare(queue, durable=True).method.message_count)

    def test_delete_tells_how_many_messages_went_with_it(self):
        queue = self.queue()
        self.publish(queue, "a", "b", "c")
        self.ready(queue, 3)
        self.assertEqual(3, self.channel.queue_delete(queue).method.message_count)
        self.assertChannelClosed(404, lambda: self.channel.queue_declare(queue, passive=True))

    def test_deleting_a_missing_queue_is_harmless(self):
        self.assertEqual(0, self.channel.queue_delete("pika.never.was").method.message_count)

    def test_delete_if_empty_and_if_unused_refuse_otherwise(self):
        queue = self.queue()
        self.publish(queue, "a")
        self.ready(queue, 1)
        self.assertChannelClosed(406, lambda: self.channel.queue_delete(queue, if_empty=True))
        self.channel.queue_purge(queue)
        self.connect().channel().basic_consume(queue, lambda *_: None)
        self.assertChannelClosed(406, lambda: self.channel.queue_delete(queue, if_unused=True))

    def test_purge_removes_ready_messages_and_counts_them(self):
        queue = self.queue()
        self.publish(queue, "a", "b")
        self.ready(queue, 2)
        self.assertEqual(2, self.channel.queue_purge(queue).method.message_count)
        self.assertEqual([], self.bodies(queue))

    def test_the_broker_names_a_queue_declared_without_a_name(self):
        first = self.channel.queue_declare("", exclusive=True).method.queue
        second = self.channel.queue_declare("", exclusive=True).method.queue
        self.assertTrue(first.startswith("amq.gen-"), first)
        self.assertNotEqual(first, second)

    def test_an_exclusive_queue_is_locked_for_others_and_goes_with_its_connection(self):
        owner = self.connect()
        name = owner.channel().queue_declare("", exclusive=True).method.queue
        self.assertChannelClosed(405, lambda: self.channel.queue_declare(name, passive=True))
        self.assertChannelClosed(405, lambda: self.channel.basic_consume(name, lambda *_: None))
        owner.close()
        self.assertChannelClosed(404, lambda: self.channel.queue_declare(name, passive=True))

    def test_an_auto_delete_queue_goes_with_its_last_consumer(self):
        name = f"pika.auto.{uuid.uuid4().hex[:12]}"
        self.channel.queue_declare(name, auto_delete=True)
        first = self.channel.basic_consume(name, lambda *_: None)
        second = self.channel.basic_consume(name, lambda *_: None)
        self.channel.basic_cancel(first)
        self.assertEqual(1, self.channel.queue_declare(name, passive=True).method.consumer_count)
        self.channel.basic_cancel(second)
        self.assertChannelClosed(404, lambda: self.channel.queue_declare(name, passive=True))


class Exchanges(BrokerCase):
    def bound(self, exchange, *keys, arguments=None):
        queue = self.queue()
        for key in keys:
            self.channel.queue_bind(queue, exchange, key, arguments=arguments)
        return queue

    def send(self, exchange, key, headers=None):
        self.channel.basic_publish(exchange, key, key or "none", pika.BasicProperties(headers=headers))

    def flush(self, *queues_and_counts):
        for queue, count in queues_and_counts:
            self.ready(queue, count)

    def test_the_default_exchange_reaches_a_queue_by_its_name(self):
        queue = self.queue()
        self.publish(queue, "a")
        self.ready(queue, 1)
        self.assertEqual(["a"], self.bodies(queue))

    def test_the_default_exchange_refuses_binding_and_deleting(self):
        queue = self.queue()
        self.assertChannelClosed(403, lambda: self.channel.queue_bind(queue, "", "key"))
        self.assertChannelClosed(403, lambda: self.channel.exchange_delete(""))

    def test_direct_routes_by_the_whole_key(self):
        exchange = self.exchange("direct")
        one, both = self.bound(exchange, "one"), self.bound(exchange, "one", "two")
        for key in ("one", "two", "three"):
            self.send(exchange, key)
        self.flush((one, 1), (both, 2))
        self.assertEqual(["one"], self.bodies(one))
        self.assertEqual(["one", "two"], self.bodies(both))

    def test_fanout_ignores_the_key(self):
        exchange = self.exchange("fanout")
        first, second = self.bound(exchange, ""), self.bound(exchange, "unused")
        self.send(exchange, "any")
        self.flush((first, 1), (second, 1))

    def test_topic_matches_words(self):
        exchange = self.exchange("topic")
        star = self.bound(exchange, "stock.*.nyse")
        hash_ = self.bound(exchange, "stock.#")
        everything = self.bound(exchange, "#")
        for key in ("stock.ibm.nyse", "stock", "stock.a.b.nyse", "news", "stock.nyse"):
            self.send(exchange, key)
        self.flush((star, 1), (hash_, 4), (everything, 5))
        self.assertEqual(["stock.ibm.nyse"], self.bodies(star))
        self.assertEqual(["stock.ibm.nyse", "stock", "stock.a.b.nyse", "stock.nyse"], self.bodies(hash_))

    def test_headers_match_all_or_any(self):
        exchange = self.exchange("headers")
        every = self.bound(exchange, "", arguments={"x-match": "all", "a": "1", "b": 2})
        some = self.bound(exchange, "", arguments={"x-match": "any", "a": "1", "b": 2})
        self.send(exchange, "both", {"a": "1", "b": 2, "c": "more"})
        self.send(exchange, "half", {"a": "1"})
        self.send(exchange, "other", {"a": "2"})
        self.send(exchange, "bare")
        self.flush((every, 1), (some, 2))
        self.assertEqual(["both"], self.bodies(every))
        self.assertEqual(["both", "half"], self.bodies(some))

    def test_unbinding_stops_the_flow(self):
        exchange = self.exchange("direct")
        queue = self.bound(exchange, "one", "two")
        self.channel.queue_unbind(queue, exchange, "one")
        self.send(exchange, "one")
        self.send(exchange, "two")
        self.flush((queue, 1))
        self.assertEqual(["two"], self.bodies(queue))

    def test_an_exchange_feeds_another(self):
        source, target = self.exchange("direct"), self.exchange("fanout")
        self.channel.exchange_bind(target, source, "through")
        queue = self.bound(target, "")
        self.send(source, "through")
        self.send(source, "past")
        self.flush((queue, 1))
        self.channel.exchange_unbind(target, source, "through")
        self.channel.confirm_delivery()
        with self.assertRaises(exceptions.UnroutableError):
            self.channel.basic_publish(source, "through", b"", mandatory=True)

    def test_a_message_bound_twice_arrives_once(self):
        exchange = self.exchange("topic")
        queue = self.bound(exchange, "a.#", "#.b")
        self.send(exchange, "a.b")
        self.send(exchange, "x.b")
        self.flush((queue, 2))

    def test_passive_declare_and_inequivalent_redeclare(self):
        exchange = self.exchange("direct")
        self.channel.exchange_declare(exchange, passive=True)
        self.assertChannelClosed(404, lambda: self.channel.exchange_declare("pika.none", passive=True))
        self.assertChannelClosed(406, lambda: self.channel.exchange_declare(exchange, exchange_type="fanout"))

    def test_the_predeclared_exchanges_are_there_and_their_prefix_is_reserved(self):
        for name in ("amq.direct", "amq.fanout", "amq.topic", "amq.headers", "amq.match"):
            self.channel.exchange_declare(name, passive=True)
        self.assertChannelClosed(403, lambda: self.channel.exchange_declare("amq.mine", exchange_type="direct"))

    def test_an_auto_delete_exchange_goes_with_its_last_binding(self):
        name = f"pika.auto.{uuid.uuid4().hex[:12]}"
        self.channel.exchange_declare(name, exchange_type="direct", auto_delete=True)
        queue = self.bound(name, "key")
        self.channel.queue_unbind(queue, name, "key")
        self.assertChannelClosed(404, lambda: self.channel.exchange_declare(name, passive=True))
