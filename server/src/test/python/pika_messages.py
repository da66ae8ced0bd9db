"""Publishing, delivering, settling."""

import os
import time

import pika
from pika import exceptions

from pika_case import PATIENCE_SECONDS, BrokerCase


class Deliveries(BrokerCase):
    def test_prefetch_bounds_what_is_unacknowledged(self):
        queue = self.queue()
        self.publish(queue, *[str(number) for number in range(10)])
        seen = []
        self.channel.basic_qos(prefetch_count=3)
        self.channel.basic_consume(queue, lambda _ch, method, _p, body: seen.append((method.delivery_tag, body)))
        self.gather(self.connection, seen, 3)
        self.ready(queue, 7)
        self.assertEqual(3, len(seen))
        self.channel.basic_ack(seen[1][0], multiple=True)
        self.gather(self.connection, seen, 5)
        self.assertEqual([b"0", b"1", b"2", b"3", b"4"], [body for _tag, body in seen])

    def test_competing_consumers_share_the_work(self):
        queue = self.queue()
        first, second = [], []
        links = []
        for seen in (first, second):
            link = self.connect()
            channel = link.channel()
            channel.basic_qos(prefetch_count=1)

            def take(ch, method, _properties, body, seen=seen):
                seen.append(body)
                ch.basic_ack(method.delivery_tag)

            channel.basic_consume(queue, take)
            links.append(link)
        self.publish(queue, *[str(number) for number in range(40)])
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(first) + len(second) < 40 and time.monotonic() < deadline:
            for link in links:
                link.process_data_events(0.01)
        self.assertEqual(40, len(set(first) | set(second)))
        self.assertTrue(first and second, f"{len(first)} and {len(second)}")

    def test_a_requeued_message_takes_its_old_place_and_is_flagged(self):
        queue = self.queue()
        self.publish(queue, "a", "b", "c")
        self.ready(queue, 3)
        tags = [self.channel.basic_get(queue)[0].delivery_tag for _ in range(2)]
        self.channel.basic_nack(tags[0], requeue=True)
        self.channel.basic_reject(tags[1], requeue=True)
        self.ready(queue, 3)
        found = [self.channel.basic_get(queue, auto_ack=True) for _ in range(3)]
        self.assertEqual([b"a", b"b", b"c"], [body for _method, _properties, body in found])
        self.assertEqual([True, True, False], [method.redelivered for method, _properties, _body in found])

    def test_nack_multiple_without_requeue_drops(self):
        queue = self.queue()
        self.publish(queue, "a", "b", "c")
        self.ready(queue, 3)
        tags = [self.channel.basic_get(queue)[0].delivery_tag for _ in range(3)]
        self.channel.basic_nack(tags[1], multiple=True, requeue=False)
        self.channel.basic_nack(tags[2], requeue=True)
        self.ready(queue, 1)
        self.assertEqual(["c"], self.bodies(queue))

    def test_closing_a_channel_gives_its_messages_back(self):
        queue = self.queue()
        self.publish(queue, "a", "b")
        self.ready(queue, 2)
        other = self.connection.channel()
        self.assertFalse(other.basic_get(queue)[0].redelivered)
        other.close()
        self.ready(queue, 2)
        method, _properties, body = self.channel.basic_get(queue, auto_ack=True)
        self.assertEqual((b"a", True), (body, method.redelivered))

    def test_recover_gives_them_back_on_the_same_channel(self):
        queue = self.queue()
        self.publish(queue, "a")
        self.ready(queue, 1)
        self.channel.basic_get(queue)
        self.channel.basic_recover(requeue=True)
        self.ready(queue, 1)
        self.assertTrue(self.channel.basic_get(queue, auto_ack=True)[0].redelivered)

    def test_get_tells_what_remains_and_answers_empty(self):
        queue = self.queue()
        self.assertEqual((None, None, None), self.channel.basic_get(queue))
        self.publish(queue, "a", "b")
        self.ready(queue, 2)
        self.assertEqual(1, self.channel.basic_get(queue, auto_ack=True)[0].message_count)

    def test_cancelling_stops_a_consumer(self):
        queue = self.queue()
        seen = []
        tag = self.channel.basic_consume(queue, lambda _ch, _m, _p, body: seen.append(body), auto_ack=True)
        self.publish(queue, "a")
        self.gather(self.connection, seen, 1)
        self.channel.basic_cancel(tag)
        self.publish(queue, "b")
        self.ready(queue, 1)
        self.assertEqual([b"a"], seen)

    def test_deleting_a_queue_cancels_its_consumers(self):
        queue = self.queue()
        cancelled = []
        self.channel.add_on_cancel_callback(cancelled.append)
        tag = self.channel.basic_consume(queue, lambda *_: None)
        self.connect().channel().queue_delete(queue)
        self.gather(self.connection, cancelled, 1)
        self.assertEqual(tag, cancelled[0].method.consumer_tag)

    def test_properties_and_headers_come_back_as_sent(self):
        queue = self.queue()
        sent = pika.BasicProperties(
            content_type="text/plain", content_encoding="utf-8", delivery_mode=2, priority=3,
            correlation_id="c", reply_to="r", message_id="m", timestamp=1234567890, type="t", app_id="a",
            headers={"text": "ü", "whole": 7, "large": 2**40, "true": True, "none": None, "list": [1, "two"],
                     "table": {"deep": {"er": 1}}},
        )
        self.channel.basic_publish("", queue, "body", sent)
        self.ready(queue, 1)
        _method, found, _body = self.channel.basic_get(queue, auto_ack=True)
        self.assertEqual(sent, found)

    def test_large_and_empty_bodies_pass_unchanged(self):
        queue = self.queue()
        large = os.urandom(5 * 1024 * 1024)
        self.publish(queue, large, b"", b"x" * 131072, b"y" * 131064)
        self.ready(queue, 4)
        self.assertEqual(large, self.channel.basic_get(queue, auto_ack=True)[2])
        sizes = [len(self.channel.basic_get(queue, auto_ack=True)[2]) for _ in range(3)]
        self.assertEqual([0, 131072, 131064], sizes)

    def test_two_connections_pass_messages_both_ways(self):
        there, back = self.queue(), self.queue()
        other = self.connect()
        seen = []

        def answer(ch, method, _properties, body):
            ch.basic_publish("", back, b"re: " + body)
            ch.basic_ack(method.delivery_tag)

        other.channel().basic_consume(there, answer)
        self.channel.basic_consume(back, lambda _ch, _m, _p, body: seen.append(body), auto_ack=True)
        self.publish(there, "a", "b")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(seen) < 2 and time.monotonic() < deadline:
            other.process_data_events(0.01)
            self.connection.process_data_events(0.01)
        self.assertEqual([b"re: a", b"re: b"], seen)


class Publishing(BrokerCase):
    def test_confirmed_persistent_messages_are_in_the_queue_at_once(self):
        queue = self.queue()
        self.channel.confirm_delivery()
        for number in range(20):
            self.channel.basic_publish("", queue, str(number), pika.BasicProperties(delivery_mode=2), mandatory=True)
        self.assertEqual([str(number) for number in range(20)], self.bodies(queue))

    def test_a_mandatory_message_that_nothing_takes_comes_back(self):
        self.channel.confirm_delivery()
        with self.assertRaises(exceptions.UnroutableError) as caught:
            self.channel.basic_publish("", "pika.nowhere", b"body", mandatory=True)
        returned = caught.exception.messages[0]
        self.assertEqual((312, "NO_ROUTE", b"body"),
                         (returned.method.reply_code, returned.method.reply_text, returned.body))
        self.channel.basic_publish("", "pika.nowhere", b"body")

    def test_publishing_to_a_missing_exchange_closes_the_channel(self):
        def publish():
            self.channel.basic_publish("pika.missing", "key", b"body")
            self.channel.queue_declare("", exclusive=True)

        self.assertChannelClosed(404, publish)

    def test_a_request_finds_its_reply(self):
        requests = self.queue()
        server = self.connect()

        def serve(ch, method, properties, body):
            reply = pika.BasicProperties(correlation_id=properties.correlation_id)
            ch.basic_publish("", properties.reply_to, str(int(body) ** 2), reply)
            ch.basic_ack(method.delivery_tag)

        server.channel().basic_consume(requests, serve)
        answers = self.channel.queue_declare("", exclusive=True).method.queue
        self.ask(requests, answers, server)

    def ask(self, requests, answers, server):
        seen = []
        self.channel.basic_consume(answers, lambda _c, _m, p, body: seen.append((p.correlation_id, body)),
                                   auto_ack=True)
        self.channel.basic_publish("", requests, "12", pika.BasicProperties(reply_to=answers, correlation_id="7"))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not seen and time.monotonic() < deadline:
            server.process_data_events(0.01)
            self.connection.process_data_events(0.01)
        self.assertEqual([("7", b"144")], seen)
