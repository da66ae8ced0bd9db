"""What is compared: a name, how it is measured, beside whom, and what is asked of us.

A goal is either a ratio, ours by the peer's of the same round, or a figure of ours alone. `measure(broker, bench)` starts
the broker, does what the scenario is about and returns one run; whoever called it stops the broker.
"""

from dataclasses import dataclass, field
from typing import Callable

import phases
from loads import Lean, PerfTest, artemis, nats


@dataclass(frozen=True)
class Goal:
    """`key` of a run; at least or at most `bound` times the peer's where `ratio`, else `bound` itself."""

    what: str
    key: str
    bound: float
    at_least: bool = True
    ratio: bool = True


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    measure: Callable
    peer: str | None = "rabbitmq"
    peer_measure: Callable | None = None
    goals: tuple = ()
    tls: bool = False
    shown: tuple = ()  # what an extra line shows: a key of a run and its words
    java_options: str = ""
    settings: tuple = field(default=())


def at_least(times):
    return Goal("rate", "rate", times)


def at_most(what, key, times):
    return Goal(what, key, times, at_least=False)


def ours_at_least(what, key, bound):
    return Goal(what, key, bound, ratio=False)


def ours_at_most(what, key, bound):
    return Goal(what, key, bound, at_least=False, ratio=False)


def under(load):
    """The plain case: start it, load it."""

    def measure(broker, bench):
        broker.start()
        return load.run(broker, bench)

    measure.load = load.title
    return measure


_DURABLE = "-x 1 -y 1 -s 1024 -q 200 -f persistent -ad false -u q"
_KINDS = {"classic": " --queue-args x-queue-type=classic", "quorum": " --quorum-queue"}
_LEAN = "--queue load --size 1024 --persistent"
_CLASSIC = " --queue-type classic"


def _perf_test():
    for number, confirms in (("one", 1), ("hundred", 100), ("thousand", 1000)):
        for kind, arguments in _KINDS.items():
            goals = (at_least(5),)
            if confirms == 1:
                goals = (at_least(3 if kind == "quorum" else 2.5), at_most("confirm p50", "confirm_p50_us", 0.45))
            yield Scenario(
                f"{number}-{kind}", f"PerfTest 1+1, 1 KiB persistent, {confirms:,} in flight, {kind} queue",
                under(PerfTest(f"{_DURABLE}{arguments} -c {confirms}")), goals=goals,
            )


def _lean():
    one = "--producers 1 --consumers 1 --queues 1 --prefetch 1000 " + _LEAN + _CLASSIC
    many = (at_least(10), ours_at_least("rate/s", "rate", 200_000))
    yield Scenario(
        "lean-one", "lean generator 1+1, 1 KiB persistent, 1 in flight", phases.beside_one_thread(Lean(one + " --confirms 1")),
        goals=(at_least(4),),
        shown=(("of_most", "{:.2f} of what one thread does that only reads, syncs and answers"), ("most_rate", "which is {:,.0f}/s")),
    )
    yield Scenario("lean-hundred", "lean generator 1+1, 1 KiB persistent, 100 in flight", under(Lean(one + " --confirms 100")))
    yield Scenario(
        "lean-1000", "lean generator 1+1, 1 KiB persistent, 1,000 in flight", under(Lean(one + " --confirms 1000")), goals=many
    )
    four = one.replace("--producers 1 --consumers 1 --queues 1", "--producers 4 --consumers 4 --queues 4")
    yield Scenario(
        "lean-4x4", "lean generator 4+4, 4 queues, 1 KiB persistent, 1,000 in flight each", under(Lean(four + " --confirms 1000")), goals=many
    )
    into_one = one.replace("--producers 1", "--producers 8")
    yield Scenario(
        "lean-8x1", "lean generator, 8 producers and 1 consumer of one queue, 1 KiB persistent, 1,000 in flight each",
        under(Lean(into_one + " --confirms 1000")),
    )
    tiny = "--producers 1 --consumers 1 --queues 1 --queue load --size 16 --transient --auto-ack --confirms 0 --transient-queue" + _CLASSIC
    yield Scenario(
        "lean-tiny", "lean generator 1+1, 16 B transient, no confirms, automatic acks", under(Lean(tiny)), goals=(at_least(15),)
    )
    steady = (
        at_most("CPU a message", "cpu_us", 0.5), at_most("confirm p50", "confirm_p50_us", 0.5),
        at_most("confirm p99", "confirm_p99_us", 1.0),
    )
    yield Scenario(
        "steady-5000", "lean generator 1+1, 1 KiB persistent, 5,000 messages/s, 1,000 in flight at most",
        under(Lean(one + " --confirms 1000 --rate 5000")), goals=steady,
    )
    large = one.replace("--size 1024", "--size 16384") + " --confirms 1000"
    yield Scenario(
        "lean-16k", "lean generator 1+1, 16 KiB persistent, 1,000 in flight", phases.beside_the_journal(Lean(large), 16384, 1000),
        goals=(at_least(3), ours_at_least("share of the journal's own rate", "of_journal", 0.5)),
        shown=(("of_journal", "{:.2f} of the journal's own rate"),),
    )
    yield Scenario(
        "tls-1k", "lean generator 1+1, 1 KiB persistent, 1,000 in flight, TLS", under(Lean(one + " --confirms 1000")), tls=True,
        goals=(at_least(5),),
    )


def _others():
    one = "--producers 1 --consumers 1 --queues 1 --prefetch 1000 " + _LEAN
    for outstanding in (1, 100, 1000):
        ours = under(Lean(f"{one} --confirms {outstanding}"))
        for name, load, what in (
            ("nats", nats, "NATS JetStream, files not synced, its Java client"),
            ("artemis", artemis, "Artemis, libaio and synced, its core client"),
        ):
            yield Scenario(
                f"{name}-{outstanding}", f"1 KiB, {outstanding:,} in flight, ours under the lean generator beside {what}",
                ours, peer=name, peer_measure=under(load(outstanding)), goals=(at_least(1),),
            )


def _standing():
    each = (("kib_each", "{:.2f} KiB each"), ("raw_kib_each", "{:.2f} before a collection"), ("heap_kib_each", "{:.2f} of it live heap"))
    yield Scenario(
        "idle-connections", "10,000 connections with a channel each, idle", phases.idle_connections(10_000),
        goals=(ours_at_most("KiB a connection", "kib_each", 16),), shown=(*each, ("made_per_s", "{:,.0f} opened/s")),
    )
    yield Scenario(
        "idle-queues", "20,000 durable queues, empty", phases.idle_queues(20_000),
        goals=(ours_at_most("KiB a queue", "kib_each", 2), ours_at_most("files a queue", "files_each", 0.01)),
        shown=(*each, ("files_each", "{:.4f} files each"), ("made_per_s", "{:,.0f} declared/s")),
    )
    yield Scenario(
        "ready-messages", "heap a waiting message takes, beyond the front kept in memory", phases.ready_messages(1_000_000),
        peer=None, goals=(ours_at_most("heap bytes a message", "bytes_each", 32),), shown=(("bytes_each", "{:.1f} B of heap each"),),
    )
    for name, title, seconds, prepare in (
        ("start-empty", "an empty data directory", 0.5, None),
        ("start-20000-queues", "20,000 durable queues", 1.5, phases.with_queues(20_000)),
        ("start-1m-after-kill", "1 M x 1 KiB waiting, after kill -9", 1.5, phases.with_messages(1_000_000)),
    ):
        yield Scenario(
            name, f"from exec by the outside clock: {title}", phases.start(prepare),
            goals=(ours_at_most("seconds to accepting", "ready_seconds", seconds), at_most("seconds to a confirm", "start_seconds", 1)),
            shown=(("ready_seconds", "accepts after {:.2f} s"), ("start_seconds", "confirms after {:.2f}"), ("served_seconds", "serves what waited after {:.2f}")),
        )


def _large():
    kept = (
        ours_at_least("rate at the end by that at the start", "end_by_start", 0.8),
        ours_at_least("drain by the rate through an empty queue", "drain_by_empty", 0.6),
    )
    shown = (
        ("end_by_start", "end {:.2f} of the start"), ("drain_by_empty", "drain {:.2f} of an empty queue's rate"),
        ("publish_rate", "in at {:,.0f}/s"), ("drain_rate", "out at {:,.0f}/s"), ("peak_mib", "{:,.0f} MiB at most"),
    )
    together = "--ack-every 50"
    for name, title, arguments, acks in (
        ("backlog-10m", "plain", "", together),
        ("backlog-10m-ttl", "each with a TTL and 3 headers", " --expiration 86400000 --headers 3", together),
        ("backlog-10m-gaps", "settled out of order, of 500 first every second one", "", "--ack-every 500 --ack-alternately"),
    ):
        yield Scenario(
            name, f"10 M x 1 KiB in, then drained, heap 512 MiB inside 900 MiB: {title}",
            phases.backlog(10_000_000, arguments, acks, 900), peer=None, goals=kept, shown=shown,
            java_options="-Xmx512m -XX:MaxDirectMemorySize=128m",
        )
    for name, title, cells in (
        ("growth-queues", "1 and 20,000 queues", ((1, 1), (20_000, 1))),
        ("growth-connections", "1 and 10,000 connections", ((1, 1), (1, 10_000))),
    ):
        yield Scenario(
            name, f"CPU a message with {title}, 10,000 messages/s one by one", phases.growth(cells, 10_000), peer=None,
            goals=(ours_at_most("times the CPU", "growth", 1.5),),
            shown=(("growth", "{:.2f} times the CPU"), ("few_us", "{:.1f} us with one"), ("many_us", "{:.1f} us with many")),
        )
    yield Scenario(
        "fanout-1000", "one producer, a fanout exchange with 1,000 queues", under(Lean(
            "--producers 1 --consumers 4 --queues 1000 --queue fan --exchange-fanout --size 1024 --persistent --confirms 10"
            " --prefetch 1000" + _CLASSIC
        )),
    )
    yield Scenario(
        "bindings-100", "a direct exchange with 100 more bindings", under(Lean(
            "--producers 1 --consumers 1 --queues 1 --bindings 100 --confirms 1000 --prefetch 1000 " + _LEAN + _CLASSIC
        )),
    )
    four = "--producers 1 --consumers 4 --queues 4 --confirms 1000 --prefetch 100 " + _LEAN + _CLASSIC
    # The slow one's queue gets a fifth of all messages, and the fast ones the same as without it.
    slow = " --rate 10000 --slow-consumers 1 --consumer-delay-ms 100"
    yield Scenario(
        "slow-consumer", "four fast consumers at 8,000/s, without and with a slow one at 2,000/s more",
        phases.disturbed_by(Lean(four + " --rate 8000"), Lean(four + slow)),
        goals=(ours_at_least("rate kept", "rate_kept", 0.95), ours_at_most("times the delivery p99", "p99_grown", 1.2)),
        shown=(("rate_kept", "rate {:.3f} of that without"), ("p99_grown", "p99 {:.2f} times that without")),
    )
    small = "--producers 1 --consumers 1 --queues 1 --confirms 100 --prefetch 100 --rate 2000 " + _LEAN + _CLASSIC
    yield Scenario(
        "large-beside-small", "2,000 small messages/s, without and with bodies of 64 MiB beside them",
        phases.disturbed_by(Lean(small), Lean(small + " --large-size 67108864")),
        goals=(ours_at_most("times the small ones' delivery p99", "p99_grown", 3),),
        shown=(("rate_kept", "rate {:.3f} of that without"), ("p99_grown", "p99 {:.2f} times that without")),
        settings=("max_message_size=128MiB",),
    )


SCENARIOS = {one.name: one for group in (_perf_test, _lean, _others, _standing, _large) for one in group()}

# One step of the sweep for each number in flight: throughput against latency.
IN_FLIGHT = (1, 4, 16, 64, 256, 1000, 4000)


def sweep(outstanding):
    """Loads by broker, the same message everywhere."""
    lean = Lean(f"--producers 1 --consumers 1 --queues 1 --prefetch 1000 {_LEAN}{_CLASSIC} --confirms {outstanding}")
    return {"holdfast": lean, "rabbitmq": lean, "artemis": artemis(outstanding), "nats": nats(outstanding)}
