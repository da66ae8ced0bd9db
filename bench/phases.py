"""Measurements that are more than one load on one broker: what stands idle costs, starts, backlogs, growth, neighbours.

Each function here returns a `measure(broker, bench)` that starts the broker, may stop and start it again, and returns one run.
"""

import contextlib
import threading
import time

import wire
from brokers import Holdfast, JavaBroker
from journal_peers import journal_load
from loads import Lean, round_trip
from machine import Clocks, MemoryLimit, Unlimited, open_files, rss_mib

SETTLE_SECONDS = 2


class Skipped(Exception):
    """This machine cannot measure it; the message says why."""


def watched(broker, began, more):
    """A run without a load's process: our own script was the load."""
    spent = began.until(Clocks(broker.pid))
    kept = {key: spent[key] for key in ("seconds", "broker_cores", "foreign_cores", "disturbed")}
    return {"rss_mib": rss_mib(broker.pid), "start_ms": broker.started_in_ms, **kept, **more}


def together(runs):
    """What several runs against one broker were worth: as much as the most disturbed of them."""
    return {
        "foreign_cores": max(run["foreign_cores"] for run in runs), "disturbed": any(run["disturbed"] for run in runs),
        "remarks": [remark for run in runs for remark in run.get("remarks", [])],
    }


def beside_the_journal(load, size, outstanding):
    """The load, and then on the same disk the journal alone with records of the same size: how much a broker adds."""

    def measure(broker, bench):
        broker.start()
        run = load.run(broker, bench)
        if isinstance(broker, Holdfast):
            broker.stop()
            alone = journal_load(bench, broker.folder / "journal", size, outstanding)
            run |= together([run, alone]) | {"journal_rate": alone["rate"], "of_journal": run["rate"] / alone["rate"]}
        return run

    measure.load = load.title
    return measure


def beside_one_thread(load):
    """The load, and then what a thread could do that reads a message, writes 4 KiB synced, and answers, and does nothing
    else: how near to it a broker comes with one message in flight. It says what no broker on this machine can pass."""

    def measure(broker, bench):
        broker.start()
        run = load.run(broker, bench)
        if isinstance(broker, Holdfast):
            broker.stop()
            most = round_trip(bench, broker.folder / "round-trip")
            run |= {"most_rate": most["rate"], "most_p50_us": most["p50_us"], "of_most": run["rate"] / most["rate"]}
        return run

    measure.load = load.title
    return measure


def idle_connections(count):
    def stand(broker, number):
        open_ones = contextlib.ExitStack()
        with open_ones:
            for _ in range(number):
                open_ones.callback(wire.Connection(broker.port).close)
            return open_ones.pop_all()

    return idle(count, stand)


def idle_queues(count):
    def stand(broker, number):
        connection = wire.Connection(broker.port)
        names = contextlib.ExitStack()
        names.callback(connection.close)
        connection.call_all([wire.declare(f"idle.{number}.{one}") for one in range(number)])
        return names

    return idle(count, stand)


def idle(count, stand):
    """What each of many things that only stand there takes. A JVM's resident memory has garbage in it, most of all after it
    was busy making them, so a JVM collects before both readings; what had grown before the second is shown too."""

    def measure(broker, bench):
        number = bench.scaled(count)
        broker.start()
        with stand(broker, 200):
            time.sleep(SETTLE_SECONDS)
        heap, before, files = _live_heap(broker), rss_mib(broker.pid), open_files(broker.pid)
        began = Clocks(broker.pid)
        with stand(broker, number):
            made = time.monotonic() - began.at
            time.sleep(SETTLE_SECONDS)
            raw, live = rss_mib(broker.pid), _live_heap(broker)
            after = rss_mib(broker.pid)
            more = {
                "kib_each": (after - before) * 1024 / number, "raw_kib_each": (raw - before) * 1024 / number,
                "files_each": (open_files(broker.pid) - files) / number, "made_per_s": number / made,
            }
            if heap is not None:
                more["heap_kib_each"] = (live - heap) / 1024 / number
            return watched(broker, began, more)

    return measure


def _live_heap(broker):
    return broker.live_heap_bytes() if isinstance(broker, JavaBroker) else None


def ready_messages(count):
    """Live heap with half of the messages and with all: the front that is kept in memory is there in both."""

    def measure(broker, bench):
        number = bench.scaled(count)
        broker.start()
        connection = wire.Connection(broker.port)
        connection.call(wire.declare("ready"))
        began = Clocks(broker.pid)
        heap = []
        for _ in range(2):
            connection.fill("ready", number, bytes(1024))
            heap.append(_live_heap(broker))
        run = watched(broker, began, {"bytes_each": (heap[1] - heap[0]) / number})
        connection.close()
        return run

    return measure


def with_queues(count):
    def prepare(broker, bench):
        connection = wire.Connection(broker.port)
        connection.call_all([wire.declare(f"idle.{one}") for one in range(bench.scaled(count))])
        connection.close()
        broker.stop(grace_seconds=60)

    return prepare


def with_messages(count):
    def prepare(broker, bench):
        connection = wire.Connection(broker.port)
        connection.call(wire.declare("first"))
        connection.fill("first", bench.scaled(count), bytes(1024))
        broker.kill()
        connection.close()

    return prepare


def start(prepare):
    """By the outside clock: from exec until a publish is confirmed, and until the first message is served."""

    def measure(broker, bench):
        if prepare is not None:
            broker.start()
            prepare(broker, bench)
        began = Clocks()
        broker.start()
        ready = time.monotonic()
        connection = wire.Connection(broker.port)
        connection.call(wire.declare("start"))
        connection.publish_confirmed("start")
        confirmed = time.monotonic()
        connection.call(wire.declare("first"))
        if prepare is None or not prepare.__qualname__.startswith("with_messages"):
            connection.publish_confirmed("first")
        connection.get("first")
        served = time.monotonic()
        seconds = {
            "start_seconds": confirmed - broker.began, "served_seconds": served - broker.began,
            "ready_seconds": ready - broker.began,
        }
        run = watched(broker, began, seconds)
        connection.close()
        return run

    return measure


def backlog(count, arguments, acks, mib):
    """In with nobody reading, then out with nobody writing, inside a memory cgroup that counts the page cache too."""
    one = "--queues 1 --queue load --queue-type classic --size 1024 --prefetch 1000" + arguments
    queue = " --keep --no-declare"

    def measure(broker, bench):
        number = bench.scaled(count)
        try:
            wall = MemoryLimit(mib * 2**20)
        except Unlimited as reason:
            raise Skipped(str(reason)) from reason
        try:
            broker.wall = wall
            broker.start()
            empty = Lean(f"--producers 1 --consumers 1 --persistent --confirms 1000 {one}").run(broker, bench)
            patience = max(600, number // 5000)
            put = Lean(
                f"--producers 1 --consumers 0 --produce-only --persistent --confirms 1000 --count {number} {one} --keep",
                timed=False, patience_seconds=patience,
            ).run(broker, bench)
            took = Lean(
                f"--producers 0 --consumers 1 --consume-only {acks} --count {number} {one}{queue}",
                timed=False, patience_seconds=patience,
            ).run(broker, bench)
            by_second = [second["published"] for second in put["per_second"]]
            tenth = max(1, len(by_second) // 10)
            first, last = (sum(part) / len(part) for part in (by_second[1 : 1 + tenth], by_second[-tenth:]))
            return {
                "rss_mib": rss_mib(broker.pid), "start_ms": broker.started_in_ms, **together([empty, put, took]),
                "end_by_start": last / first, "drain_by_empty": took["rate"] / empty["rate"], "empty_rate": empty["rate"],
                "publish_rate": put["rate"], "drain_rate": took["rate"], "peak_mib": wall.peak_mib(), "messages": number,
            }
        finally:
            broker.stop()
            wall.remove()

    return measure


def growth(cells, rate):
    """CPU a message at the same rate, one message a wake-up, with few and with many. Cells take turns on one broker, twice:
    what it has learnt counts for both."""

    def measure(broker, bench):
        broker.start()
        cost, runs = {cell: [] for cell in cells}, []
        for _ in range(2):
            for cell in cells:
                run = _cell(broker, *(bench.scaled(number) if number > 1 else 1 for number in cell), rate, bench)
                cost[cell].append(run["cpu_us"])
                runs.append(run)
        few, many = (min(cost[cell]) for cell in cells)
        return runs[-1] | together(runs) | {"growth": many / few, "few_us": few, "many_us": many, "cpu_us": many}

    return measure


def _cell(broker, queues, connections, rate, bench):
    with contextlib.ExitStack() as open_ones:
        consumer = wire.Connection(broker.port)
        open_ones.callback(consumer.close)
        names = [f"scale.{number}" for number in range(queues)]
        consumer.call_all([wire.declare(name) for name in names])
        consumer.call_all([wire.consume(name) for name in names])
        publishers = []
        for _ in range(connections):
            publishers.append(wire.Connection(broker.port))
            open_ones.callback(publishers[-1].close)
        time.sleep(SETTLE_SECONDS)
        stopped = threading.Event()
        drains = threading.Thread(target=consumer.drain, args=(stopped,), daemon=True)
        drains.start()
        messages = [wire.publish(name) for name in names]
        wire.send_steadily(publishers, messages, rate, bench.warm_up)
        began = Clocks(broker.pid)
        sent = wire.send_steadily(publishers, messages, rate, bench.seconds)
        spent = began.until(Clocks(broker.pid))
        stopped.set()
        drains.join()
    kept = {key: spent[key] for key in ("seconds", "broker_cores", "foreign_cores", "disturbed")}
    cost = {"rate": sent / spent["seconds"], "cpu_us": spent["broker_seconds"] * 1e6 / sent}
    return kept | cost | {"rss_mib": rss_mib(broker.pid), "start_ms": broker.started_in_ms}


def disturbed_by(calm, beside):
    """The same load with something beside it and without, on one broker, after a run that makes it warm."""

    def measure(broker, bench):
        broker.start()
        _warm, with_it, without = (load.run(broker, bench) for load in (calm, beside, calm))
        kept = with_it["rate"] / without["rate"]
        grown = (with_it.get("delivery_p99_us") or 0) / without["delivery_p99_us"] if without.get("delivery_p99_us") else None
        return with_it | together([without, with_it]) | {"rate_kept": kept, "p99_grown": grown, "without": without}

    measure.load = beside.title
    return measure
