"""The tasks of celery_suite.py, as an application would write them. The environment says where everything is."""

import os
import time
import uuid
from pathlib import Path

from celery import Celery

DONE = Path(os.environ["TASKS_DONE"])

app = Celery("tasks", broker=os.environ["TASKS_BROKER"], backend="rpc://")
app.conf.update(
    task_default_queue=os.environ["TASKS_QUEUE"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=4,
    broker_connection_timeout=10,
    broker_transport_options={"confirm_publish": True},
)


def note(kind, number):
    """What a task leaves behind: a file, whole or not there, however often the task runs."""
    fresh = DONE / f".{uuid.uuid4().hex}"
    fresh.write_text(f"{time.time()}")
    fresh.rename(DONE / f"{kind}-{number}")


@app.task(name="tasks.work")
def work(kind, number, seconds=0.005):
    time.sleep(seconds)
    note(kind, number)


@app.task(name="tasks.flaky", bind=True, max_retries=5)
def flaky(self, number):
    """Succeeds at the third try."""
    if self.request.retries < 2:
        raise self.retry(countdown=0.1)
    note("flaky", number)


@app.task(name="tasks.add")
def add(one, other):
    return one + other
