"""The same broker seen from programs that live on pika's event loop."""

import time

import pika

import pika_case
from pika_feature_case import FeatureCase


class Loop:
    """A connection on an event loop of its own, driven by one test: each step asks for the next with callbacks."""

    def __init__(self, opened):
        self.failure = None
        self.closed = None
        self.connection = pika.SelectConnection(
            pika_case.parameters(),
            on_open_callback=lambda connection: connection.channel(on_open_callback=lambda channel: opened(self, channel)),
            on_open_error_callback=lambda _connection, error: self._stop(error),
            on_close_callback=lambda _connection, reason: self._stop(reason))

    def _stop(self, reason):
        self.closed = reason
        self.connection.ioloop.stop()

    def run(self):
        self.connection.ioloop.call_later(pika_case.PATIENCE_SECONDS, self._too_late)
        self.connection.ioloop.start()
        if self.failure:
            raise self.failure
        return self.closed

    def _too_late(self):
        self.failure = AssertionError("the program did not come to its end")
        self.connection.ioloop.stop()

    def end(self):
        self.connection.close()


class SelectPrograms(FeatureCase):
    def test_a_publisher_with_confirms_and_a_consumer_share_a_loop(self):
        queue = self.queue()
        sent, confirmed, received = 200, set(), []

        def opened(loop, channel):
            def settled(frame):
                self.assertIsInstance(frame.method, pika.spec.Basic.Ack)
                tag = frame.method.delivery_tag
                low = max(confirmed, default=0) + 1 if frame.method.multiple else tag
                confirmed.update(range(low, tag + 1))
                finish()

            def took(_ch, method, _properties, body):
                received.append(body)
                channel.basic_ack(method.delivery_tag)
                finish()

            def finish():
                if len(confirmed) == sent and len(received) == sent:
                    loop.end()

            def ready(_frame):
                channel.basic_consume(queue, took)
                for number in range(sent):
                    channel.basic_publish("", queue, str(number).encode(), pika.BasicProperties(delivery_mode=2))

            channel.basic_qos(prefetch_count=20)
            channel.confirm_delivery(settled, callback=ready)

        Loop(opened).run()
        self.assertEqual([str(number).encode() for number in range(sent)], received)
        self.ready(queue, 0)

    def test_a_transaction_on_a_loop(self):
        queue = self.queue()

        def opened(loop, channel):
            def selected(_frame):
                channel.basic_publish("", queue, b"gone")
                channel.tx_rollback(rolled_back)

            def rolled_back(_frame):
                channel.basic_publish("", queue, b"kept")
                channel.tx_commit(lambda _frame: loop.end())

            channel.tx_select(selected)

        Loop(opened).run()
        self.assertEqual(["kept"], self.await_bodies(queue, 1))

    def test_a_closed_channel_is_told_with_its_reason(self):
        reasons = []

        def opened(loop, channel):
            def closed(_channel, reason):
                reasons.append((reason.reply_code, reason.reply_text))
                loop.end()

            channel.add_on_close_callback(closed)
            channel.queue_declare("pika.missing", passive=True)

        Loop(opened).run()
        self.assertEqual([(404, "NOT_FOUND - no queue 'pika.missing' in vhost '/'")], reasons)

    def test_a_retry_by_dead_letters_on_a_loop(self):
        name = f"pika.select.{time.monotonic_ns()}"
        waiting = name + ".wait"
        self.queues += [name, waiting]
        attempts = []

        def opened(loop, channel):
            def declared_waiting(_frame):
                channel.queue_declare(name, durable=True, callback=declared, arguments={
                    "x-dead-letter-exchange": "", "x-dead-letter-routing-key": waiting})

            def declared(_frame):
                channel.basic_consume(name, took)
                channel.basic_publish("", name, b"task")

            def took(_ch, method, properties, _body):
                attempts.append(len((properties.headers or {}).get("x-death", [])))
                if len(attempts) < 3:
                    channel.basic_nack(method.delivery_tag, requeue=False)
                else:
                    channel.basic_ack(method.delivery_tag)
                    loop.end()

            channel.queue_declare(waiting, durable=True, callback=declared_waiting, arguments={
                "x-dead-letter-exchange": "", "x-dead-letter-routing-key": name, "x-message-ttl": 50})

        Loop(opened).run()
        self.assertEqual([0, 2, 2], attempts)
