"""The loads that brokers are measured under, each a child process: how it is started, read and summed up.

PerfTest is RabbitMQ's own generator, unmodified; `Lean` is ours (`./holdfast bench amqp`), for a ceiling that PerfTest does
not reach; `PeerClient` is a small program around a peer's own Java client, where a peer does not speak AMQP 0-9-1.
Every run comes back as the same dictionary, so that a table need not know which load it was.
"""

import json
import os
import re
import selectors
import signal
import statistics
import subprocess
import time

from brokers import BrokerFailed
from java_tools import HDR_HISTOGRAM
from machine import REPOSITORY, TARGET, Clocks, child_ended, disk_mib, rss_mib, start_child

PERF_TEST = ("com.rabbitmq", "perf-test", "2.22.1")
PERCENTILES = ("p50", "p99", "p999")
SAMPLES_MIN = 1000  # a percentile of fewer is not one

_PEERS = "bench/src/peers/java/holdfast/bench/peer/"
_TIME = re.compile(r"\btime:? ([\d.]+) ?s\b")
_RATE = re.compile(r"\b(sent|received|confirmed|returned|nacked): ([\d.,]+) msg/s")
_LATENCY = re.compile(r"min/median/75th/95th/99th (consumer|confirm) latency: ([\d/]+) (µs|ms)|(confirm) latency: ([\d/]+) (µs|ms)")


class Child:
    """A load's process: its lines as they come, an end that is certain, and what it complained about."""

    def __init__(self, command, timeout_seconds, environment=None, with_errors=False):
        """With errors: what it says on standard error comes among the lines."""
        self.command = command
        self.deadline = time.monotonic() + timeout_seconds
        self.errors = TARGET / "compare" / f"load-{os.getpid()}.err"
        self.errors.parent.mkdir(parents=True, exist_ok=True)
        with open(self.errors, "wb") as errors:
            self.process = start_child(
                command, stdout=subprocess.PIPE, env=environment, stderr=subprocess.STDOUT if with_errors else errors, cwd=REPOSITORY
            )

    @property
    def pid(self):
        return self.process.pid

    def lines(self):
        """Every line of its output; when this ends, so has the process."""
        try:
            with selectors.DefaultSelector() as waiting:
                waiting.register(self.process.stdout, selectors.EVENT_READ)
                rest = b""
                while True:
                    if not waiting.select(max(0.0, self.deadline - time.monotonic())):
                        raise self.failed("did not end in time")
                    got = os.read(self.process.stdout.fileno(), 65536)
                    if not got:
                        break
                    *lines, rest = (rest + got).split(b"\n")
                    for line in lines:
                        yield line.decode(errors="replace")
                if rest:
                    yield rest.decode(errors="replace")
            self.process.wait(15)
        finally:
            self.end()

    def end(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
        child_ended(self.process)
        self.process.stdout.close()
        if self.process.returncode == 0:
            self.errors.unlink(missing_ok=True)

    def failed(self, what, said=()):
        said = said or self.errors.read_text(errors="replace").splitlines()
        return BrokerFailed(f"{' '.join(self.command)[:400]}\n{what}; what it said last:\n" + "\n".join(said[-12:]))


def summed(broker, spent, sent, received, latencies, more):
    """One run as tables want it. `sent` and `received` are numbers of messages within the time that counts; CPU a message
    is for its whole way, and where one goes to many queues each copy is a message."""
    messages = max(1.0, sent, received)
    return {
        "rate": (received or sent) / spent["seconds"],
        "sent": sent / spent["seconds"],
        "cpu_us": spent["broker_seconds"] * 1e6 / messages,
        **{f"{kind}_{name}_us": values.get(name) for kind, values in latencies.items() for name in PERCENTILES},
        "rss_mib": rss_mib(broker.pid),
        "disk_mib": disk_mib(broker.data),
        "start_ms": broker.started_in_ms,
        **{key: spent[key] for key in ("seconds", "broker_cores", "load_cores", "foreign_cores", "disturbed")},
        **more, "remarks": more.get("remarks", []) + broker.alarms(),
    }


class PerfTest:
    """RabbitMQ's PerfTest with the arguments given; seconds that warm up are not counted."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.title = "PerfTest " + PERF_TEST[2] + " " + arguments

    def run(self, broker, bench):
        seconds = bench.warm_up + bench.seconds + 1
        command = [bench.tools.java, *bench.load_java.split(), "-cp", bench.tools.resolved([PERF_TEST])]
        command += ["com.rabbitmq.perf.PerfTest", "-h", broker.uri, *self.arguments.split(), "-z", str(seconds)]
        child = Child(command, seconds + 60)
        began = ended = None
        counted, other, last = [], [], 0.0
        for line in child.lines():
            at = _TIME.search(line)
            rates = {kind: float(value.replace(",", "")) for kind, value in _RATE.findall(line)}
            if not at or not rates:
                other += [line.strip()] if line.strip() else []
                continue
            now = float(at[1])
            if now >= bench.warm_up:
                clocks = Clocks(broker.pid, child.pid)
                if began is None:
                    began = clocks
                else:
                    counted.append({"seconds": now - last, "latency": _perf_test_latency(line), **rates})
                    ended = clocks
            last = now
        if len(counted) < 2:
            raise child.failed(f"gave {len(counted)} counted lines against {broker.name}; {' | '.join(other[-5:])}")
        passed = {
            kind: sum(line.get(kind, 0) * line["seconds"] for line in counted) for kind in ("sent", "received")
        }
        # PerfTest's percentiles are those of a second: the median of them is steady, not exact.
        latencies = {
            ours: {name: _median_of(counted, kind, index) for name, index in (("p50", 1), ("p99", 4))}
            for ours, kind in (("confirm", "confirm"), ("delivery", "consumer"))
        }
        remarks = [line for line in other if "block" in line.lower() or "exception" in line.lower()][:5]
        spent = began.until(ended)
        return summed(broker, spent, passed["sent"], passed["received"], latencies, {"remarks": remarks})


def _median_of(lines, kind, index):
    values = [line["latency"][kind][index] for line in lines if kind in line["latency"]]
    return statistics.median(values) if values else None


def _perf_test_latency(line):
    found = {}
    for kind, values, unit, other, other_values, other_unit in _LATENCY.findall(line):
        scale = 1000 if (unit or other_unit) == "ms" else 1
        found[kind or other] = [int(value) * scale for value in (values or other_values).split("/")]
    return found


def reported(broker, spent, found):
    """A run from what a load says of itself as JSON. Its rates are those of the time that counts; its counts need not be."""
    latencies = {kind: _percentiles(found.get(f"{kind}_us")) for kind in ("confirm", "delivery")}
    wrong = [f"{key}: {found[key]}" for key in ("missing", "duplicates", "disordered", "nacked", "returned") if found.get(key)]
    more = {"remarks": wrong + found.get("violations", []) + found.get("failures", [])}
    if found.get("blocked_seconds"):
        more["blocked_seconds"] = found["blocked_seconds"]
        more["remarks"].append(f"connection.blocked for {found['blocked_seconds']:.1f} s")
    sent, received = (found[key] * found["seconds"] for key in ("published_per_s", "received_per_s"))
    run = summed(broker, spent, sent, received, latencies, more)
    rates = {"rate": found["received_per_s"] or found["published_per_s"], "sent": found["published_per_s"], "seconds": found["seconds"]}
    return run | rates | {"load": {key: value for key, value in found.items() if key not in ("per_second", "arguments")}}


def _percentiles(found):
    if not found or found.get("samples", 0) < SAMPLES_MIN:
        return {}
    return {name: found.get(name) for name in PERCENTILES if name != "p999" or found["samples"] >= 10 * SAMPLES_MIN}


class Lean:
    """Our own generator: a few threads that write frames from a prepared buffer, for a ceiling PerfTest cannot show.

    Not timed, it ends by itself with the number of messages its arguments name, and all of its life counts.
    """

    _SECOND = re.compile(r"^ *(?:(warm)|(\d+) s) +sent ")

    def __init__(self, arguments, timed=True, patience_seconds=90):
        self.arguments = arguments
        self.timed = timed
        self.patience_seconds = patience_seconds
        self.title = "./holdfast bench amqp " + arguments

    def run(self, broker, bench):
        result = TARGET / "compare" / f"load-{os.getpid()}.json"
        result.unlink(missing_ok=True)
        words = [str(REPOSITORY / "holdfast"), "bench", "amqp", "--uri", broker.uri, "--json", str(result)]
        words += self.arguments.split() + (["--insecure"] if broker.tls else [])
        if self.timed:
            words += ["--seconds", str(bench.seconds), "--warmup", str(bench.warm_up)]
        # The broker beside it is of the same build; the load must not make another in the middle of a run.
        environment = dict(os.environ) | {"HOLDFAST_NO_BUILD": "1", "HOLDFAST_JAVA_OPTS": bench.load_java}
        patience = bench.warm_up + bench.seconds + self.patience_seconds
        began, ended, said = Clocks(broker.pid), None, []
        child = Child(words, patience, environment, with_errors=True)
        for line in child.lines():
            second = self._SECOND.match(line)
            if second is None:
                said.append(line)
            elif self.timed and second[1]:
                began = Clocks(broker.pid, child.pid)
            elif self.timed and int(second[2]) == bench.seconds:
                ended = Clocks(broker.pid, child.pid)
        status = child.process.returncode
        found = json.loads(result.read_text()) if result.exists() else None
        result.unlink(missing_ok=True)
        if status != 0 or not found:
            raise child.failed(f"ended with {status} against {broker.name}", said)
        # Our own clock for CPU and its own for rates: they differ by a few milliseconds.
        run = reported(broker, began.until(ended or Clocks(broker.pid)), found)
        return run if self.timed else run | {"per_second": found["per_second"]}


class PeerClient:
    """A load around a peer's own client, compiled with what Maven brings. It says `begin` and `end` around the time that
    counts, and what it found as JSON."""

    def __init__(self, main, artifact, size, outstanding):
        self.main = "holdfast.bench.peer." + main
        self.sources = [_PEERS + "PeerMeter.java", f"{_PEERS}{main}.java"]
        self.artifact = artifact
        self.size = size
        self.outstanding = outstanding
        self.title = f"{main} ({artifact[1]} {artifact[2]}), {size} B, {outstanding} in flight"

    def run(self, broker, bench):
        class_path = bench.tools.compiled(self.main, self.sources, (self.artifact, HDR_HISTOGRAM))
        words = [bench.tools.java, *bench.load_java.split(), "--enable-native-access=ALL-UNNAMED"]
        words += ["--sun-misc-unsafe-memory-access=allow", "-cp", class_path, self.main, broker.uri]
        words += [str(self.size), str(self.outstanding), str(bench.warm_up), str(bench.seconds)]
        child = Child(words, bench.warm_up + bench.seconds + 90)
        clocks, last = {}, ""
        for line in child.lines():
            if line in ("begin", "end"):
                clocks[line] = Clocks(broker.pid, child.pid)
            last = line
        if child.process.returncode != 0 or len(clocks) != 2:
            raise child.failed(f"ended with {child.process.returncode} against {broker.name}")
        return reported(broker, clocks["begin"].until(clocks["end"]), json.loads(last))


def round_trip(bench, directory):
    """One message after the other through a socket and a synced write, with no broker in between."""
    source = REPOSITORY / "bench/src/main/java/holdfast/bench/RoundTrip.java"
    framed = 1024 + 54  # 1 KiB as it is published: method, header and body in their frames
    words = [bench.tools.java, str(source), str(directory), str(framed), str(bench.seconds)]
    child = Child(words, bench.seconds + 60)
    return json.loads(list(child.lines())[-1])


def nats(outstanding, size=1024):
    return PeerClient("NatsLoad", ("io.nats", "jnats", "2.26.2"), size, outstanding)


def artemis(outstanding, size=1024):
    return PeerClient("ArtemisClientLoad", ("org.apache.artemis", "artemis-core-client", "2.56.0"), size, outstanding)
