"""The journals that journal-compare measures: how each is fetched, compiled, started and read.

Python's standard library only. Every peer is a child process of its own, so that no peer's jars, threads or page cache
settings are in another's figures, and one is alive at a time.
"""

import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

from java_tools import HDR_HISTOGRAM
from machine import FOREIGN_CORES_MAX, KERNEL_THREADS, REPOSITORY, awaited_cpu_seconds, child_ended, cpu_seconds, machine_busy_seconds
from machine import own_cpu_seconds, start_child

BENCH = REPOSITORY / "bench"
TARGET = BENCH / "target" / "journal-compare"
SKIPPED = 3
FIO_FILE_BYTES = 64 * 2**20
FIO_BLOCK_BYTES = 4096

_MAIN = "bench/src/main/java/holdfast/bench/journal/"
_PEERS = "bench/src/peers/java/holdfast/bench/journal/"
_OPEN_FOR_CHRONICLE = [
    *(f"--add-exports=java.base/{name}=ALL-UNNAMED" for name in ("jdk.internal.ref", "sun.nio.ch")),
    "--add-exports=jdk.unsupported/sun.misc=ALL-UNNAMED",
    "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
    "--add-opens=jdk.compiler/com.sun.tools.javac=ALL-UNNAMED",
    *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in ("java.lang", "java.lang.reflect", "java.io", "java.util")),
    "-Dchronicle.analytics.disable=true",  # it would report its use to its makers
]


class PeerFailed(Exception):
    """A peer could not be measured, and should have been."""


class PeerMissing(Exception):
    """A peer that this machine cannot run; the message says what it needs."""


class Run:
    """One child process: its output line by line, and the CPU of everybody between `begin` and `end`."""

    def __init__(self, command, log, timeout_seconds):
        self.log = log
        self.began = self.ended = None
        self.output = []
        with open(log, "wb") as errors:
            self.child = start_child(command, stdout=subprocess.PIPE, stderr=errors)
        self.deadline = time.monotonic() + timeout_seconds

    def clocks(self):
        return (time.monotonic(), cpu_seconds(self.child.pid), cpu_seconds(KERNEL_THREADS), own_cpu_seconds(), machine_busy_seconds())

    def read(self):
        """Reads to the end; whatever happens, the child has ended when this returns."""
        try:
            with selectors.DefaultSelector() as waiting:
                waiting.register(self.child.stdout, selectors.EVENT_READ)
                rest = b""
                while True:
                    if not waiting.select(max(0.0, self.deadline - time.monotonic())):
                        raise PeerFailed(f"no end in sight; the end of {self.log}:\n{self.tail()}")
                    got = os.read(self.child.stdout.fileno(), 65536)
                    if not got:
                        break
                    *lines, rest = (rest + got).split(b"\n")
                    for line in lines:
                        self._take(line.decode(errors="replace"))
            return self.child.wait(30)
        finally:
            if self.child.poll() is None:
                os.killpg(self.child.pid, signal.SIGKILL)
                self.child.wait(10)
            child_ended(self.child)
            self.child.stdout.close()

    def _take(self, line):
        if line == "begin":
            self.began = self.clocks()
        elif line == "end":
            self.ended = self.clocks()
        else:
            self.output.append(line)

    def tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])

    def cores(self):
        """Cores that kernel threads and strangers used meanwhile. One peer is alive at a time and the disk work of
        kernel threads is mostly its own, so theirs is told apart and does not count as foreign."""
        seconds, child, kernel, own, busy = (after - before for before, after in zip(self.began, self.ended))
        foreign = max(0.0, busy - child - kernel - own) / seconds
        return {"kernel_cores": kernel / seconds, "foreign_cores": foreign, "disturbed": foreign > FOREIGN_CORES_MAX}


class Fio:
    """One block at a time, straight to the disk: what the device and the kernel give anybody."""

    name = "fio"

    def takes(self, _size, _outstanding):
        return True

    def prepare(self, _tools):
        if not shutil.which("fio"):
            raise PeerMissing("fio is not installed: apt-get install fio")

    def measure(self, directory, _size, _outstanding, options):
        directory.mkdir(parents=True)
        file = directory / "blocks"
        with open(file, "wb", buffering=0) as blocks:
            for _ in range(FIO_FILE_BYTES // 2**20):
                blocks.write(bytes(2**20))
            os.fsync(blocks.fileno())
        seconds = options.fio_seconds
        command = ["fio", "--name=one", f"--filename={file}", "--direct=1", "--sync=dsync", "--ioengine=psync"]
        command += ["--iodepth=1", "--rw=write", f"--bs={FIO_BLOCK_BYTES}", f"--size={FIO_FILE_BYTES}", "--overwrite=1"]
        command += ["--time_based", f"--ramp_time={options.fio_ramp}", f"--runtime={seconds}", "--output-format=json"]
        before = awaited_cpu_seconds()
        run = Run(command, directory / "log", seconds + options.fio_ramp + 60)
        run.began = run.clocks()
        status = run.read()
        # It says nothing on its way, so its whole life is looked at, and its CPU is what awaiting it has added to ours.
        clocks = run.clocks()
        run.ended = (clocks[0], run.began[1] + awaited_cpu_seconds() - before, *clocks[2:])
        if status != 0:
            raise PeerFailed(f"fio ended with {status}:\n{run.tail()}")
        write = json.loads("\n".join(run.output))["jobs"][0]["write"]
        percentiles = write["clat_ns"]["percentile"]
        result = {"rate": write["iops"], "seconds": write["runtime"] / 1000}
        result |= {"p50_us": percentiles["50.000000"] / 1000, "p99_us": percentiles["99.000000"] / 1000}
        return result | {"cpu_us": None, "garbage_bytes": None, "remark": "4 KiB at a time"} | run.cores()


class JavaPeer:
    """A load program in a JVM of its own, compiled from its sources each time the script starts: seconds, and what is
    measured is what stands there."""

    def __init__(self, name, main, sources, artifacts, flags=(), mode="-", sizes=None, outstanding=None):
        self.name = name
        self.main = main
        self.sources = sources
        self.artifacts = artifacts
        self.flags = list(flags)
        self.mode = mode
        self.sizes = sizes
        self.outstanding = outstanding
        self.class_path = ""

    def takes(self, size, outstanding):
        return (self.sizes is None or size in self.sizes) and (self.outstanding is None or outstanding in self.outstanding)

    def prepare(self, tools):
        self.java = tools.java
        self.class_path = tools.compiled(self.main, self.sources, (*self.artifacts, HDR_HISTOGRAM))
        if self.mode == "aio":
            self.flags = [*self.flags, f"-Djava.library.path={_native_folder(self.class_path)}"]

    def measure(self, directory, size, outstanding, options):
        log = directory.parent / f"{directory.name}.log"
        # Native libraries are unpacked there, and a run that is ended leaves them.
        temporary = directory.parent / f"{directory.name}-tmp"
        temporary.mkdir(exist_ok=True)
        command = [self.java, *options.java_options.split(), "--enable-native-access=ALL-UNNAMED"]
        command += [f"-Djava.io.tmpdir={temporary}"]
        command += ["--sun-misc-unsafe-memory-access=allow", *self.flags, "-cp", self.class_path, self.main]
        command += [str(directory), self.mode, str(size), str(outstanding), str(options.warm_up), str(options.seconds)]
        try:
            run = Run(command, log, options.warm_up + options.seconds + 90)
            status = run.read()
            if status == SKIPPED:
                raise PeerMissing(run.tail().splitlines()[-1])
            if status != 0 or not run.output or run.ended is None:
                raise PeerFailed(f"{self.name} ended with {status}; the end of what it said:\n{run.tail()}")
            return json.loads(run.output[-1]) | run.cores()
        finally:
            log.unlink(missing_ok=True)
            shutil.rmtree(temporary, ignore_errors=True)


def _native_folder(class_path):
    """Artemis ships its native library inside a jar and leaves taking it out to the broker's packaging."""
    folder = TARGET / "artemis-native"
    for jar in class_path.split(":"):
        if "artemis-native" in jar:
            with zipfile.ZipFile(jar) as packed:
                for name in packed.namelist():
                    if name.startswith("lib/linux-x86_64/") and name.endswith(".so"):
                        folder.mkdir(parents=True, exist_ok=True)
                        (folder / Path(name).name).write_bytes(packed.read(name))
    return folder


def jspecify():
    """Whose annotations the store's sources bear: needed to compile them, not to run them."""
    version = re.search(r"<jspecify.version>(.+?)<", (REPOSITORY / "pom.xml").read_text())[1]
    return ("org.jspecify", "jspecify", version)


def peers():
    """All of them, in the order in which they take turns."""
    package = "holdfast.bench.journal."
    meter = _MAIN + "Meter.java"
    store = ["store/src/main/java", meter, _MAIN + "StoreLoad.java"]
    artemis = ("org.apache.artemis", "artemis-journal", "2.56.0")
    rocksdb = ("org.rocksdb", "rocksdbjni", "11.8.1")
    chronicle = ("net.openhft", "chronicle-queue", "2026.4")
    return [
        Fio(),
        JavaPeer("holdfast", package + "StoreLoad", store, [jspecify()], mode="writer"),
        JavaPeer("holdfast-caller", package + "StoreLoad", store, [jspecify()], mode="caller", outstanding=[1]),
        JavaPeer("artemis-nio", package + "ArtemisLoad", [meter, _PEERS + "ArtemisLoad.java"], [artemis], mode="nio"),
        JavaPeer("artemis-aio", package + "ArtemisLoad", [meter, _PEERS + "ArtemisLoad.java"], [artemis], mode="aio"),
        JavaPeer("rocksdb", package + "RocksDbLoad", [meter, _PEERS + "RocksDbLoad.java"], [rocksdb]),
        JavaPeer(
            "chronicle", package + "ChronicleLoad", [meter, _PEERS + "ChronicleLoad.java"], [chronicle],
            flags=_OPEN_FOR_CHRONICLE, mode="page-cache", outstanding=[1],
        ),
    ]


def journal_load(bench, directory, size, outstanding):
    """One run of the store alone, as journal-compare makes it: what its own disk lets it do just now."""
    store = next(peer for peer in peers() if peer.name == "holdfast")
    store.prepare(bench.tools)
    options = SimpleNamespace(java_options="-Xms1g -Xmx1g", warm_up=min(3, bench.warm_up), seconds=bench.seconds)
    try:
        return store.measure(directory, size, outstanding, options)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
