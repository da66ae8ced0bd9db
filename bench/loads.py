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
from machine import REPOSITORY, TARGET, Clocks, disk_mib, rss_mib

PERF_TEST = ("com.rabbitmq", "perf-test", "2.22.1")
PERCENTILES = ("p50", "p99", "p999")
SAMPLES_MIN = 1000  # a percentile of fewer is not one

_PEERS = "bench/src/peers/java/holdfast/bench/peer/"
_TIME = re.compile(r"\btime:? ([\d.]+) ?s\b")
_RATE = re.compile(r"\b(sent|received|confirmed|returned|nacked): ([\d.,]+) msg/s")
_LATENCY = re.compile(r"min/median/75th/95th/99th (consumer|confirm) latency: ([\d/]+) (µs|ms)|(confirm) latency: ([\d/]+) (µs|ms)")


class Child:
    """A load's process: its lines as they come, an end that is certain, and what it complained about."""

    def __init__(self, command, timeout_seconds, environment=None):
        self.command = command
        self.deadline = time.monotonic() + timeout_seconds
        self.errors = TARGET / "compare" / f"load-{os.getpid()}.err"
        self.errors.parent.mkdir(parents=True, exist_ok=True)
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=environment,
                start_new_session=True, cwd=REPOSITORY,
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
        self.process.stdout.close()

    def failed(self, what):
        said = self.errors.read_text(errors="replace").splitlines() if self.errors.exists() else []
        return BrokerFailed(f"{' '.join(self.command)[:400]}\n{what}; what it said last:\n" + "\n".join(said[-12:]))


def summed(broker, spent, sent, received, latencies, more):
    """One run as tables want it. `sent` and `received` are numbers of messages within the time that counts; CPU a message
    is for its whole way, so where as many go out as come in it is divided by either."""
    messages = max(1.0, (sent + received) / 2 if sent and received else sent + received)
    return {
        "rate": (received or sent) / spent["seconds"],
        "sent": sent / spent["seconds"],
        "cpu_us": spent["broker_seconds"] * 1e6 / messages,
        **{f"{kind}_{name}_us": values.get(name) for kind, values in latencies.items() for name in PERCENTILES},
        "rss_mib": rss_mib(broker.pid),
        "disk_mib": disk_mib(broker.data),
        "start_ms": broker.started_in_ms,
        **{key: spent[key] for key in ("seconds", "broker_cores", "load_cores", "foreign_cores", "disturbed")},
        **more,
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


class Reported:
    """A load that says `begin` and `end` around the time that counts, and what it found as JSON."""

    def command(self, broker, bench, result):
        """The words to start it with; it may write its JSON into the file `result` or print it as its last line."""
        raise NotImplementedError

    def environment(self, _bench):
        return None

    def run(self, broker, bench):
        result = TARGET / "compare" / f"load-{os.getpid()}.json"
        result.unlink(missing_ok=True)
        child = Child(self.command(broker, bench, result), self.patience(bench), self.environment(bench))
        began, ended, last = Clocks(broker.pid, child.pid), None, ""
        for line in child.lines():
            if line == "begin":
                began = Clocks(broker.pid, child.pid)
            elif line == "end":
                ended = Clocks(broker.pid, child.pid)
            elif line.startswith("{"):
                last = line
        if child.process.returncode != 0:
            raise child.failed(f"ended with {child.process.returncode} against {broker.name}")
        found = json.loads(result.read_text() if result.exists() else last)
        result.unlink(missing_ok=True)
        # Without the words, the load's own CPU has gone with it, and the whole of its life is what counts.
        spent = began.until(ended or Clocks(broker.pid))
        return self.summed(broker, spent, found)

    def patience(self, bench):
        return bench.warm_up + bench.seconds + 90

    def summed(self, broker, spent, found):
        latencies = {kind: _percentiles(found.get(f"{kind}_us")) for kind in ("confirm", "delivery")}
        more = {key: found[key] for key in ("blocked_seconds", "missing", "duplicates", "disordered", "nacked") if found.get(key)}
        more["remarks"] = [f"{key}: {value}" for key, value in more.items()]
        scale = spent["seconds"] / found["seconds"] if found.get("seconds") else 1.0
        sent, received = found["published"] * scale, found["received"] * scale
        run = summed(broker, spent, sent, received, latencies, more)
        return run | {"load": {key: value for key, value in found.items() if key not in ("per_second", "arguments")}}


def _percentiles(found):
    if not found or found.get("samples", 0) < SAMPLES_MIN:
        return {}
    return {name: found.get(name) for name in PERCENTILES if name != "p999" or found["samples"] >= 10 * SAMPLES_MIN}


class Lean(Reported):
    """Our own generator: a few threads that write frames from a prepared buffer, for a ceiling PerfTest cannot show."""

    def __init__(self, arguments, timed=True, patience_seconds=90):
        self.arguments = arguments
        self.timed = timed
        self.patience_seconds = patience_seconds
        self.title = "./holdfast bench amqp " + arguments

    def command(self, broker, bench, result):
        words = [str(REPOSITORY / "holdfast"), "bench", "amqp", "--uri", broker.uri, "--json", str(result)]
        words += self.arguments.split() + (["--insecure"] if broker.tls else [])
        if self.timed:
            words += ["--seconds", str(bench.seconds), "--warmup", str(bench.warm_up)]
        return words

    def environment(self, bench):
        # The broker beside it is of the same build; the load must not make another in the middle of a run.
        return dict(os.environ) | {"HOLDFAST_NO_BUILD": "1", "HOLDFAST_JAVA_OPTS": bench.load_java}

    def patience(self, bench):
        return bench.warm_up + bench.seconds + self.patience_seconds


class PeerClient(Reported):
    """A load around a peer's own client, compiled with what Maven brings."""

    def __init__(self, main, artifact, size, outstanding):
        self.main = "holdfast.bench.peer." + main
        self.sources = [_PEERS + "PeerMeter.java", f"{_PEERS}{main}.java"]
        self.artifact = artifact
        self.size = size
        self.outstanding = outstanding
        self.title = f"{main} ({artifact[1]} {artifact[2]}), {size} B, {outstanding} in flight"

    def command(self, broker, bench, _result):
        class_path = bench.tools.compiled(self.main, self.sources, (self.artifact, HDR_HISTOGRAM))
        words = [bench.tools.java, *bench.load_java.split(), "--enable-native-access=ALL-UNNAMED"]
        words += ["--sun-misc-unsafe-memory-access=allow", "-cp", class_path, self.main, broker.uri]
        return words + [str(self.size), str(self.outstanding), str(bench.warm_up), str(bench.seconds)]


def nats(outstanding, size=1024):
    return PeerClient("NatsLoad", ("io.nats", "jnats", "2.26.2"), size, outstanding)


def artemis(outstanding, size=1024):
    return PeerClient("ArtemisClientLoad", ("org.apache.artemis", "artemis-core-client", "2.56.0"), size, outstanding)
