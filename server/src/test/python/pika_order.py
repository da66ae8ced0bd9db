"""Who gets a message, and which is first: priorities, single active consumers, delivery limits."""

from pika import exceptions

from pika_feature_case import FeatureCase


class Priorities(FeatureCase):
    def test_higher_priorities_come_first_and_equals_in_order(self):
        queue = self.queue(arguments={"x-max-priority": 5})
        for priority, body in ((1, "low"), (5, "high"), (1, "low again"), (3, "middle"), (5, "high again")):
            self.confirmed(queue, body, priority=priority)
        self.confirmed(queue, "none")
        self.assertEqual(["high", "high again", "middle", "low", "low again", "none"], self.bodies(queue))

    def test_a_priority_above_the_queues_largest_counts_as_that(self):
        queue = self.queue(arguments={"x-max-priority": 2})
        self.confirmed(queue, "two", priority=2)
        self.confirmed(queue, "nine", priority=9)
        self.assertEqual(["two", "nine"], self.bodies(queue))

    def test_a_requeued_message_keeps_its_priority(self):
        queue = self.queue(arguments={"x-max-priority": 5})
        self.confirmed(queue, "high", priority=5)
        method, _properties, _body = self.await_message(queue, auto_ack=False)
        self.confirmed(queue, "low", priority=1)
        self.channel.basic_nack(method.delivery_tag, requeue=True)
        self.ready(queue, 2)
        self.assertEqual(["high", "low"], self.bodies(queue))


class Consumers(FeatureCase):
    def test_a_single_active_consumer_gets_everything_until_it_goes(self):
        queue = self.queue(arguments={"x-single-active-consumer": True})
        first, second = [], []
        link = self.connect()
        waiting = link.channel()
        tag = self.consume(queue, first, auto_ack=True)
        self.consume(queue, second, channel=waiting, auto_ack=True)
        self.confirmed(queue, "a", "b", "c")
        self.serve_until(lambda: len(first) == 3, self.connection, link)
        self.assertEqual([], second)
        self.channel.basic_cancel(tag)
        self.confirmed(queue, "d")
        self.serve_until(lambda: second, self.connection, link)
        self.assertEqual((3, ["d"]), (len(first), [body for _method, _properties, body in second]))

    def test_an_exclusive_consumer_on_a_single_active_queue_is_refused(self):
        queue = self.queue(arguments={"x-single-active-consumer": True})
        self.assertChannelClosed(403, lambda: self.channel.basic_consume(queue, lambda *_: None, exclusive=True))

    def test_a_consumer_of_higher_priority_is_served_while_it_takes(self):
        queue = self.queue()
        low, high = [], []
        link = self.connect()
        lower, higher = link.channel(), link.channel()
        lower.basic_qos(prefetch_count=10)
        higher.basic_qos(prefetch_count=3)
        self.consume(queue, low, channel=lower)
        self.consume(queue, high, channel=higher, arguments={"x-priority": 10})
        self.confirmed(queue, *"abcde")
        self.serve_until(lambda: len(low) + len(high) == 5, link)
        self.assertEqual((list("abc"), list("de")),
                         ([body for *_rest, body in high], [body for *_rest, body in low]))

    def test_a_consumer_hears_that_its_queue_was_deleted(self):
        queue = self.queue()
        cancelled = []
        link = self.connect()
        channel = link.channel()
        channel.add_on_cancel_callback(lambda frame: cancelled.append(frame.method.consumer_tag))
        tag = self.consume(queue, [], channel=channel)
        self.channel.queue_delete(queue)
        self.serve_until(lambda: cancelled, link)
        self.assertEqual([tag], cancelled)

    def test_an_iterating_consumer_ends_when_it_is_told(self):
        queue = self.queue()
        self.confirmed(queue, *"abc")
        seen = []
        for method, _properties, body in self.channel.consume(queue, inactivity_timeout=10):
            seen.append(body.decode())
            self.channel.basic_ack(method.delivery_tag)
            if len(seen) == 3:
                break
        self.assertEqual(0, self.channel.cancel())
        self.assertEqual(list("abc"), seen)


class DeliveryLimits(FeatureCase):
    def returns(self, queue, most):
        """Takes and returns the message until it stays away; how often it came and its delivery counts."""
        counts = []
        for _ in range(most):
            method, properties, _body = self.channel.basic_get(queue)
            if method is None:
                break
            counts.append((properties.headers or {}).get("x-delivery-count"))
            self.channel.basic_nack(method.delivery_tag, requeue=True)
        return counts

    def test_a_quorum_queue_gives_up_after_its_delivery_limit(self):
        grave = self.queue()
        queue = self.queue(arguments={"x-queue-type": "quorum", "x-delivery-limit": 2,
                                      "x-dead-letter-exchange": "", "x-dead-letter-routing-key": grave})
        self.confirmed(queue, "poison")
        self.ready(queue, 1)
        counts = self.returns(queue, 10)
        self.assertEqual([1, 2], counts[1:], "x-delivery-count of each redelivery")
        _method, properties, body = self.await_message(grave)
        self.assertEqual("poison", body)
        death = properties.headers["x-death"][0]
        self.assertEqual((queue, "delivery_limit"), (death["queue"], death["reason"]))

    def test_a_quorum_queue_without_a_limit_has_one_of_twenty(self):
        if not self.modern:
            self.skipTest("new in RabbitMQ 4.0")
        queue = self.queue(arguments={"x-queue-type": "quorum"})
        self.confirmed(queue, "poison")
        self.ready(queue, 1)
        self.assertEqual(21, len(self.returns(queue, 30)))

    def test_a_classic_queue_has_no_delivery_limit(self):
        queue = self.queue()
        self.confirmed(queue, "again")
        self.assertEqual(25, len(self.returns(queue, 25)))

    def test_a_quorum_queue_must_be_durable_and_shared(self):
        for options in ({"durable": False}, {"durable": True, "exclusive": True},
                        {"durable": True, "auto_delete": True}):
            with self.assertRaises((exceptions.ChannelClosedByBroker, exceptions.ConnectionClosedByBroker)) as caught:
                self.connect().channel().queue_declare(
                    "pika.bad.quorum", arguments={"x-queue-type": "quorum"}, **options)
            self.assertEqual(406, caught.exception.reply_code)
