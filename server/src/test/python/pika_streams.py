"""Streams, read with ordinary consumers."""

import datetime
import time

from pika import exceptions

from pika_feature_case import FeatureCase


class Streams(FeatureCase):
    def stream(self, *bodies, **arguments):
        name = self.queue(arguments={"x-queue-type": "stream", **arguments})
        self.confirmed(name, *bodies)
        return name

    def read(self, stream, offset, count):
        """Reads so many messages from an offset on: pairs of offset and body."""
        link = self.connect()
        channel = link.channel()
        channel.basic_qos(prefetch_count=10)
        seen = []

        def take(_ch, method, properties, body):
            seen.append((properties.headers["x-stream-offset"], body.decode()))
            channel.basic_ack(method.delivery_tag)

        channel.basic_consume(
            stream, take, arguments={} if offset is None else {"x-stream-offset": offset})
        self.serve_until(lambda: len(seen) >= count, link)
        link.close()
        return seen

    def test_every_reader_reads_everything_again(self):
        stream = self.stream("a", "b", "c")
        expected = [(0, "a"), (1, "b"), (2, "c")]
        self.assertEqual(expected, self.read(stream, "first", 3))
        self.assertEqual(expected, self.read(stream, "first", 3))

    def test_a_reader_may_begin_at_an_offset(self):
        stream = self.stream(*"abcde")
        self.assertEqual([(3, "d"), (4, "e")], self.read(stream, 3, 2))

    def test_a_reader_may_begin_at_the_last_chunk(self):
        stream = self.stream(*"abc")
        offset, body = self.read(stream, "last", 1)[-1]
        self.assertEqual((2, "c"), (offset, body))

    def test_a_reader_without_an_offset_begins_with_the_next_message(self):
        stream = self.stream("old")
        link = self.connect()
        channel = link.channel()
        channel.basic_qos(prefetch_count=10)
        seen = []
        self.consume(stream, seen, channel=channel)
        self.confirmed(stream, "new")
        self.serve_until(lambda: seen, link)
        self.assertEqual(["new"], [body for *_rest, body in seen])

    def test_a_reader_may_begin_at_a_time(self):
        stream = self.stream("old")
        time.sleep(2.1)
        between = int(time.time()) - 1
        self.confirmed(stream, "new")
        seen = self.read(stream, datetime.datetime.fromtimestamp(between, datetime.timezone.utc), 1)
        self.assertEqual("new", seen[-1][1])

    def test_more_than_the_prefetch_comes_as_it_is_acknowledged(self):
        bodies = [str(number) for number in range(100)]
        stream = self.stream(*bodies)
        self.assertEqual(list(enumerate(bodies)), self.read(stream, "first", 100))

    def test_a_reader_gets_no_more_than_its_prefetch(self):
        stream = self.stream(*"abcdefgh")
        seen = []
        self.channel.basic_qos(prefetch_count=3)
        self.consume(stream, seen, arguments={"x-stream-offset": "first"})
        self.serve_until(lambda: len(seen) >= 3)
        self.connection.process_data_events(0.2)
        self.assertEqual(3, len(seen))

    def test_a_reader_without_a_prefetch_or_without_acknowledgements_is_refused(self):
        stream = self.stream()
        self.assertChannelClosed(406, lambda: self.channel.basic_consume(stream, lambda *_: None))
        self.channel.basic_qos(prefetch_count=10)
        with self.assertRaises(exceptions.ConnectionClosedByBroker) as caught:
            self.channel.basic_consume(stream, lambda *_: None, auto_ack=True)
        self.assertEqual(540, caught.exception.reply_code)
        self.connection, self.channel = self.connect(), None

    def test_a_stream_cannot_be_polled(self):
        stream = self.stream("a")
        link = self.connect()
        with self.assertRaises(exceptions.ConnectionClosedByBroker) as caught:
            link.channel().basic_get(stream)
        self.assertEqual(540, caught.exception.reply_code)

    def test_an_exchange_feeds_a_stream_beside_a_queue(self):
        exchange = self.exchange("fanout")
        stream, queue = self.stream(), self.queue()
        self.channel.queue_bind(stream, exchange)
        self.channel.queue_bind(queue, exchange)
        self.confirmed("", "a", exchange=exchange)
        self.assertEqual([(0, "a")], self.read(stream, "first", 1))
        self.assertEqual(["a"], self.bodies(queue))

    def test_a_stream_must_be_durable_and_shared(self):
        for options in ({"durable": False}, {"durable": True, "exclusive": True},
                        {"durable": True, "auto_delete": True}):
            self.assertChannelClosed(406, lambda options=options: self.connection.channel().queue_declare(
                "pika.bad.stream", arguments={"x-queue-type": "stream"}, **options))

    def test_an_offset_that_makes_no_sense_is_refused(self):
        if not self.modern:
            self.skipTest("RabbitMQ 3.10 answers with an internal error")
        stream = self.stream("a")
        self.channel.basic_qos(prefetch_count=10)
        self.assertChannelClosed(406, lambda: self.channel.basic_consume(
            stream, lambda *_: None, arguments={"x-stream-offset": "middle"}))
