#!/usr/bin/python3
"""Celery with two workers against a broker. Prints the Test Anything Protocol.

    celery_suite.py [--host HOST] [--port PORT] [Class.test ...]
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid
from pathlib import Path

sys.dont_write_bytecode = True

import tap  # noqa: E402

HERE = Path(__file__).resolve().parent
PATIENCE_SECONDS = 60


class WorkersCase(unittest.TestCase):
    """Two workers for each class, on a queue of its own."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="celery-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.done = Path(cls.folder.name) / "done"
        cls.done.mkdir()
        os.environ.update(
            TASKS_BROKER=f"amqp://guest:guest@{OPTIONS.host}:{OPTIONS.port}//",
            TASKS_QUEUE=f"celery.{uuid.uuid4().hex[:12]}", TASKS_DONE=str(cls.done), PYTHONPATH=str(HERE),
            PYTHONDONTWRITEBYTECODE="1")
        # The application reads the environment when it is imported: each class has its own.
        sys.modules.pop("celery_tasks", None)
        import celery_tasks
        cls.tasks = celery_tasks
        cls.addClassCleanup(cls.remove_queue)
        cls.workers = [cls.start_worker(number) for number in (1, 2)]
        cls.await_ready()

    @classmethod
    def remove_queue(cls):
        with cls.tasks.app.connection_for_write() as connection:
            channel = connection.channel()
            channel.queue_delete(cls.tasks.app.conf.task_default_queue)
            channel.exchange_delete(cls.tasks.app.conf.task_default_queue)

    @classmethod
    def start_worker(cls, number):
        with open(Path(cls.folder.name) / f"worker-{number}.log", "wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "celery_tasks", "worker", "-c", "2", "-l", "INFO",
                 "-n", f"worker{number}-{uuid.uuid4().hex[:6]}@localhost"],
                cwd=cls.folder.name, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        cls.addClassCleanup(cls.end_worker, worker)
        return worker

    @classmethod
    def end_worker(cls, worker):
        if worker.poll() is None:
            cls.kill(worker)

    @staticmethod
    def kill(worker):
        """SIGKILL to the worker and the processes of its pool, which are a group of their own."""
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    @classmethod
    def logs(cls):
        texts = [log.read_text(errors="replace") for log in sorted(Path(cls.folder.name).glob("worker-*.log"))]
        return "\n".join(line for text in texts for line in text.splitlines()[-30:])

    @classmethod
    def await_ready(cls):
        deadline = time.monotonic() + PATIENCE_SECONDS
        logs = [Path(cls.folder.name) / f"worker-{number}.log" for number in (1, 2)]
        while not all(" ready." in log.read_text(errors="replace") for log in logs):
            if time.monotonic() > deadline or any(worker.poll() is not None for worker in cls.workers):
                raise AssertionError("the workers did not become ready:\n" + cls.logs())
            time.sleep(0.05)

    def finished(self, kind):
        return {name.name for name in self.done.glob(f"{kind}-*")}

    def await_done(self, kind, count):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self.finished(kind)) < count:
            if time.monotonic() > deadline:
                self.fail(f"{len(self.finished(kind))} of {count} tasks are done\n{self.logs()}")
            time.sleep(0.02)


class Workers(WorkersCase):
    def test_a_result_comes_back(self):
        self.assertEqual(5, self.tasks.add.delay(2, 3).get(timeout=30))

    def test_many_results_come_back(self):
        from celery import group
        results = group(self.tasks.add.s(number, number) for number in range(30)).apply_async()
        self.assertEqual([2 * number for number in range(30)], results.get(timeout=30))

    def test_failing_tasks_are_retried_until_they_succeed(self):
        for number in range(20):
            self.tasks.flaky.delay(number)
        self.await_done("flaky", 20)

    def test_a_task_with_an_eta_runs_then_and_not_before(self):
        asked = time.time()
        for number in range(10):
            self.tasks.work.apply_async(("eta", number), countdown=1.5)
        self.await_done("eta", 10)
        for name in self.finished("eta"):
            self.assertGreaterEqual(float((self.done / name).read_text()), asked + 1.4)

    def test_both_workers_answer_a_broadcast(self):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(answers := self.tasks.app.control.ping(timeout=1)) < 2:
            self.assertLess(time.monotonic(), deadline, f"{answers}\n{self.logs()}")
        self.assertEqual([{"ok": "pong"}] * 2, [next(iter(answer.values())) for answer in answers])


class KilledWorker(WorkersCase):
    def test_every_task_takes_effect_though_a_worker_is_killed(self):
        for number in range(500):
            # Tasks that wait for their time are held by a worker all the while: those of the killed one come back.
            if number % 10:
                self.tasks.work.delay("kill", number)
            else:
                self.tasks.work.apply_async(("kill", number), countdown=2)
            if number == 300:
                self.await_done("kill", 100)
                self.kill(self.workers[0])
        self.await_done("kill", 500)
        self.assertEqual({f"kill-{number}" for number in range(500)}, self.finished("kill"))


if __name__ == "__main__":
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--host", default="127.0.0.1")
    reader.add_argument("--port", type=int, default=5672)
    reader.add_argument("tests", nargs="*")
    OPTIONS = reader.parse_args()
    sys.exit(tap.run(sys.modules[__name__], OPTIONS.tests))
