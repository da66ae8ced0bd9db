#!/usr/bin/python3
"""Sends one persistent message to the task queue, as RabbitMQ's tutorial does.

    send.py [--port PORT] [word ...]
"""

import argparse

import pika

parser = argparse.ArgumentParser()
parser.add_argument("--host", default="localhost")
parser.add_argument("--port", type=int, default=5672)
parser.add_argument("words", nargs="*")
options = parser.parse_args()
message = " ".join(options.words) or "Hello World!"

connection = pika.BlockingConnection(pika.ConnectionParameters(host=options.host, port=options.port))
channel = connection.channel()

channel.queue_declare(queue='task_queue', durable=True)
channel.basic_publish(
    exchange='',
    routing_key='task_queue',
    body=message,
    properties=pika.BasicProperties(delivery_mode=2),
)
print(f" [x] Sent {message!r}", flush=True)
connection.close()
