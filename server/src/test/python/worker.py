#!/usr/bin/python3
"""Takes messages from the task queue one at a time and acknowledges each, as RabbitMQ's tutorial does.

    worker.py [--port PORT] [--count N]

With --count it ends after N messages, else it runs until interrupted.
"""

import argparse

import pika

parser = argparse.ArgumentParser()
parser.add_argument("--host", default="localhost")
parser.add_argument("--port", type=int, default=5672)
parser.add_argument("--count", type=int, default=0)
options = parser.parse_args()

connection = pika.BlockingConnection(pika.ConnectionParameters(host=options.host, port=options.port))
channel = connection.channel()

channel.queue_declare(queue='task_queue', durable=True)
print(" [*] Waiting for messages", flush=True)
taken = 0


def callback(ch, method, properties, body):
    global taken
    print(f" [x] Received {body.decode()!r}", flush=True)
    ch.basic_ack(delivery_tag=method.delivery_tag)
    taken += 1
    if options.count and taken >= options.count:
        ch.stop_consuming()


channel.basic_qos(prefetch_count=1)
channel.basic_consume(queue='task_queue', on_message_callback=callback)
try:
    channel.start_consuming()
except KeyboardInterrupt:
    pass
connection.close()
