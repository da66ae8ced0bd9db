"""Transactions of a channel."""

from pika import exceptions

from pika_feature_case import FeatureCase


class Transactions(FeatureCase):
    def setUp(self):
        super().setUp()
        self.link = self.connect()
        self.tx = self.link.channel()
        self.tx.tx_select()

    def test_publishes_are_there_when_committed(self):
        queue = self.queue()
        for body in "abc":
            self.tx.basic_publish("", queue, body)
        self.tx.queue_declare(queue, passive=True)
        self.assertEqual([], self.bodies(queue))
        self.tx.tx_commit()
        self.assertEqual(list("abc"), self.await_bodies(queue, 3))

    def test_publishes_are_gone_when_rolled_back(self):
        queue = self.queue()
        self.tx.basic_publish("", queue, "gone")
        self.tx.tx_rollback()
        self.tx.basic_publish("", queue, "kept")
        self.tx.tx_commit()
        self.assertEqual(["kept"], self.await_bodies(queue, 1))
        self.ready(queue, 0)

    def test_an_acknowledgement_counts_when_committed(self):
        queue = self.queue()
        self.confirmed(queue, "a", "b")
        method, _properties, _body = self.await_message(queue, auto_ack=False, channel=self.tx)
        self.tx.basic_ack(method.delivery_tag)
        self.tx.tx_commit()
        self.link.close()
        self.ready(queue, 1)
        self.assertEqual(["b"], self.bodies(queue))

    def test_an_acknowledgement_rolled_back_may_be_given_again(self):
        queue = self.queue()
        self.confirmed(queue, "a")
        method, _properties, _body = self.await_message(queue, auto_ack=False, channel=self.tx)
        self.tx.basic_ack(method.delivery_tag)
        self.tx.tx_rollback()
        self.ready(queue, 0)
        self.tx.basic_ack(method.delivery_tag)
        self.tx.tx_commit()
        self.link.close()
        self.ready(queue, 0)

    def test_a_rejection_counts_when_committed(self):
        queue = self.queue()
        self.confirmed(queue, "a")
        method, _properties, _body = self.await_message(queue, auto_ack=False, channel=self.tx)
        self.tx.basic_nack(method.delivery_tag, requeue=True)
        self.ready(queue, 0)
        self.tx.tx_commit()
        self.ready(queue, 1)

    def test_a_closed_channel_rolls_back(self):
        queue = self.queue()
        self.confirmed(queue, "back")
        method, _properties, _body = self.await_message(queue, auto_ack=False, channel=self.tx)
        self.tx.basic_ack(method.delivery_tag)
        self.tx.basic_publish("", queue, "gone")
        self.tx.close()
        method, _properties, body = self.await_message(queue)
        self.assertEqual(("back", True), (body, method.redelivered))
        self.ready(queue, 0)

    def test_an_unroutable_mandatory_message_returns_at_commit(self):
        returned = []
        self.tx.add_on_return_callback(lambda *back: returned.append(back))
        self.tx.basic_publish("", "pika.nowhere", "a", mandatory=True)
        self.tx.tx_commit()
        self.serve_until(lambda: returned, self.link)

    def test_confirms_and_transactions_exclude_each_other(self):
        with self.assertRaises(exceptions.ChannelClosedByBroker) as caught:
            self.tx.confirm_delivery()
        self.assertEqual(406, caught.exception.reply_code)
        self.channel.confirm_delivery()
        self.assertChannelClosed(406, lambda: self.channel.tx_select())

    def test_commit_and_rollback_want_a_transaction(self):
        self.assertChannelClosed(406, lambda: self.channel.tx_commit())
        self.assertChannelClosed(406, lambda: self.channel.tx_rollback())
