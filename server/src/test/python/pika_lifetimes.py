"""How messages and queues end before their time: lifetimes, lengths, and where the dead go."""

import time

import pika
from pika import exceptions

from pika_case import PATIENCE_SECONDS
from pika_feature_case import FeatureCase


class Lifetimes(FeatureCase):
    def test_a_queues_ttl_ends_its_messages(self):
        queue = self.queue(arguments={"x-message-ttl": 200})
        self.confirmed(queue, "a", "b")
        self.ready(queue, 0)

    def test_a_ttl_of_zero_delivers_at_once_or_never(self):
        queue = self.queue(arguments={"x-message-ttl": 0})
        self.confirmed(queue, "lost")
        self.ready(queue, 0)
        seen = []
        self.consume(queue, seen, auto_ack=True)
        self.confirmed(queue, "found")
        self.serve_until(lambda: seen)
        self.assertEqual(["found"], [body for _method, _properties, body in seen])

    def test_a_messages_own_expiration_ends_it(self):
        queue = self.queue()
        self.confirmed(queue, "short", expiration="200")
        self.confirmed(queue, "long", expiration="600000")
        self.ready(queue, 1)
        self.assertEqual(["long"], self.bodies(queue))

    def test_the_smaller_of_both_lifetimes_counts(self):
        queue = self.queue(arguments={"x-message-ttl": 200})
        self.confirmed(queue, "a", expiration="600000")
        self.ready(queue, 0)

    def test_an_expiration_that_is_no_number_is_refused(self):
        queue = self.queue()
        self.assertChannelClosed(406, lambda: self.confirmed(queue, "a", expiration="soon"))

    def test_an_unacknowledged_message_does_not_expire(self):
        queue = self.queue(arguments={"x-message-ttl": 200})
        self.confirmed(queue, "held")
        method, _properties, _body = self.await_message(queue, auto_ack=False)
        time.sleep(0.4)
        self.channel.basic_ack(method.delivery_tag)
        self.assertTrue(self.channel.is_open)
        self.ready(queue, 0)

    def test_an_unused_queue_expires_and_a_used_one_does_not(self):
        unused, used = (self.queue(arguments={"x-expires": 400}) for _ in range(2))
        self.consume(used, [])
        deadline = time.monotonic() + PATIENCE_SECONDS
        watching = self.connect()
        while True:
            # Asking for a queue counts as using it, so it is asked for rarely.
            watching.process_data_events(0.8)
            try:
                watching.channel().queue_declare(unused, passive=True)
            except exceptions.ChannelClosedByBroker as closed:
                self.assertEqual(404, closed.reply_code)
                break
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(1, self.channel.queue_declare(used, passive=True).method.consumer_count)


class DeadLetters(FeatureCase):
    def dying(self, **arguments):
        """A queue whose dead letters go to the second one by the default exchange."""
        grave = self.queue()
        dying = self.queue(arguments={
            "x-dead-letter-exchange": "", "x-dead-letter-routing-key": grave,
            **{f"x-{key.replace('_', '-')}": value for key, value in arguments.items()}})
        return dying, grave

    def assertDeath(self, properties, queue, reason, count=1):
        death = properties.headers["x-death"][0]
        self.assertEqual((queue, reason, count), (death["queue"], death["reason"], death["count"]))
        self.assertEqual("", death["exchange"])
        self.assertEqual([queue], death["routing-keys"])
        self.assertIn("time", death)
        self.assertEqual(queue, properties.headers["x-first-death-queue"])
        self.assertEqual(reason, properties.headers["x-first-death-reason"])
        self.assertEqual("", properties.headers["x-first-death-exchange"])
        if self.modern:
            self.assertEqual(queue, properties.headers["x-last-death-queue"])
            self.assertEqual(reason, properties.headers["x-last-death-reason"])
            self.assertEqual("", properties.headers["x-last-death-exchange"])

    def test_a_rejected_message_is_dead_lettered(self):
        dying, grave = self.dying()
        self.confirmed(dying, "a")
        method, _properties, _body = self.await_message(dying, auto_ack=False)
        self.channel.basic_reject(method.delivery_tag, requeue=False)
        _method, properties, body = self.await_message(grave)
        self.assertEqual("a", body)
        self.assertDeath(properties, dying, "rejected")

    def test_an_expired_message_is_dead_lettered_without_its_expiration(self):
        dying, grave = self.dying()
        self.confirmed(dying, "a", expiration="100")
        _method, properties, _body = self.await_message(grave)
        self.assertIsNone(properties.expiration)
        self.assertDeath(properties, dying, "expired")
        self.assertEqual("100", properties.headers["x-death"][0]["original-expiration"])

    def test_a_message_over_the_length_is_dead_lettered(self):
        dying, grave = self.dying(max_length=1)
        self.confirmed(dying, "a", "b")
        _method, properties, body = self.await_message(grave)
        self.assertEqual("a", body)
        self.assertDeath(properties, dying, "maxlen")
        self.assertEqual(["b"], self.bodies(dying))

    def test_without_a_dead_letter_key_the_messages_own_is_kept(self):
        exchange = self.exchange("topic")
        grave = self.queue()
        self.channel.queue_bind(grave, exchange, "#")
        dying = self.queue(arguments={"x-dead-letter-exchange": exchange, "x-message-ttl": 50})
        source = self.exchange("fanout")
        self.channel.queue_bind(dying, source)
        self.confirmed("own.key", "a", exchange=source)
        method, properties, _body = self.await_message(grave)
        self.assertEqual((exchange, "own.key"), (method.exchange, method.routing_key))
        self.assertEqual(source, properties.headers["x-first-death-exchange"])
        self.assertEqual(["own.key"], properties.headers["x-death"][0]["routing-keys"])

    def test_deaths_of_the_same_kind_are_counted_in_one_entry(self):
        retry = self.queue()
        work = self.queue(arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": retry})
        self.confirmed(work, "a")
        for count in (1, 2, 3):
            method, properties, _body = self.await_message(work, auto_ack=False)
            self.channel.basic_reject(method.delivery_tag, requeue=False)
            _method, properties, body = self.await_message(retry)
            self.assertEqual(1, len(properties.headers["x-death"]))
            self.assertEqual(count, properties.headers["x-death"][0]["count"])
            self.channel.basic_publish("", work, body, properties)

    def test_a_retry_queue_sends_its_messages_back_and_deaths_are_newest_first(self):
        exchange = self.exchange("direct")
        work = self.queue(arguments={"x-dead-letter-exchange": exchange, "x-dead-letter-routing-key": "wait"})
        waiting = self.queue(arguments={
            "x-dead-letter-exchange": exchange, "x-dead-letter-routing-key": "work", "x-message-ttl": 100})
        self.channel.queue_bind(work, exchange, "work")
        self.channel.queue_bind(waiting, exchange, "wait")
        self.confirmed("work", "a", exchange=exchange)
        method, _properties, _body = self.await_message(work, auto_ack=False)
        self.channel.basic_nack(method.delivery_tag, requeue=False)
        method, properties, body = self.await_message(work, auto_ack=False)
        self.channel.basic_ack(method.delivery_tag)
        self.assertEqual("a", body)
        deaths = [(death["queue"], death["reason"]) for death in properties.headers["x-death"]]
        self.assertEqual([(waiting, "expired"), (work, "rejected")], deaths)

    def test_a_cycle_without_a_rejection_is_cut(self):
        queue = self.queue(arguments={"x-dead-letter-exchange": "", "x-message-ttl": 50})
        self.confirmed(queue, "a")
        self.ready(queue, 0)
        time.sleep(0.2)
        self.assertEqual([], self.bodies(queue))

    def test_a_dead_letter_exchange_may_be_missing(self):
        queue = self.queue(arguments={"x-dead-letter-exchange": "pika.no.such.exchange"})
        self.confirmed(queue, "a")
        method, _properties, _body = self.await_message(queue, auto_ack=False)
        self.channel.basic_reject(method.delivery_tag, requeue=False)
        self.ready(queue, 0)

    def test_a_dead_letter_key_without_an_exchange_is_refused(self):
        self.assertChannelClosed(
            406, lambda: self.channel.queue_declare("pika.bad", arguments={"x-dead-letter-routing-key": "k"}))


class Lengths(FeatureCase):
    def test_the_oldest_go_when_a_queue_is_full(self):
        queue = self.queue(arguments={"x-max-length": 2})
        self.confirmed(queue, "a", "b", "c")
        self.assertEqual(["b", "c"], self.bodies(queue))

    def test_a_length_in_bytes_counts_bodies(self):
        queue = self.queue(arguments={"x-max-length-bytes": 10})
        self.confirmed(queue, "12345", "67890", "abcde")
        self.assertEqual(["67890", "abcde"], self.bodies(queue))

    def test_reject_publish_nacks_what_does_not_fit(self):
        queue = self.queue(arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
        channel = self.connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("", queue, "a")
        with self.assertRaises(exceptions.NackError):
            channel.basic_publish("", queue, "b")
        self.assertEqual(["a"], self.bodies(queue))
        channel.basic_publish("", queue, "c")
        self.assertEqual(["c"], self.bodies(queue))

    def test_reject_publish_dlx_nacks_and_dead_letters(self):
        grave = self.queue()
        queue = self.queue(arguments={"x-max-length": 1, "x-overflow": "reject-publish-dlx",
                                      "x-dead-letter-exchange": "", "x-dead-letter-routing-key": grave})
        channel = self.connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("", queue, "a")
        with self.assertRaises(exceptions.NackError):
            channel.basic_publish("", queue, "b")
        _method, properties, body = self.await_message(grave)
        self.assertEqual("b", body)
        self.assertEqual("maxlen", properties.headers["x-death"][0]["reason"])
        self.assertEqual(["a"], self.bodies(queue))

    def test_unacknowledged_messages_do_not_count(self):
        queue = self.queue(arguments={"x-max-length": 1})
        self.confirmed(queue, "held")
        self.await_message(queue, auto_ack=False)
        self.confirmed(queue, "waiting")
        self.ready(queue, 1)
        self.assertEqual(["waiting"], self.bodies(queue))

    def test_an_unknown_overflow_is_refused(self):
        self.assertChannelClosed(406, lambda: self.channel.queue_declare(
            "pika.bad", arguments={"x-max-length": 1, "x-overflow": "spill"}))


class Delays(FeatureCase):
    """A delay as kombu makes it: one level for each bit of it, each a queue whose dead letters go one level down."""

    LEVELS = 28
    UNIT_MS = 20

    def test_a_delay_is_the_sum_of_the_levels_it_waits_in(self):
        work, arrived = self.queue(), self.exchange("topic", durable=True)
        self.channel.queue_bind(work, arrived, f"#.{work}")
        exchanges = [self.exchange("topic", durable=True) for _ in range(self.LEVELS)]
        for level, exchange in enumerate(exchanges):
            below = exchanges[level - 1] if level else arrived
            waiting = self.queue(arguments={
                "x-dead-letter-exchange": below, "x-message-ttl": self.UNIT_MS * 2 ** min(level, 20)})
            skipped = "*." * (self.LEVELS - 1 - level)
            self.channel.queue_bind(waiting, exchange, skipped + "1.#")
            self.channel.exchange_bind(below, exchange, skipped + "0.#")
        began = time.monotonic()
        for units in (9, 2):
            key = ".".join(f"{units:0{self.LEVELS}b}") + "." + work
            self.confirmed(key, str(units), exchange=exchanges[-1])
        self.assertEqual("2", self.await_message(work)[2])
        self.assertGreaterEqual(time.monotonic() - began, 0.04)
        self.assertEqual("9", self.await_message(work)[2])
        self.assertGreaterEqual(time.monotonic() - began, 0.18)
