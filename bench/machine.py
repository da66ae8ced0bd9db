"""What the machine tells about processes, its disk and its memory: /proc, ports, file systems, memory cgroups.

And the processes that a script of ours starts: they end with it, however it ends. Python's standard library only.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TARGET = REPOSITORY / "bench" / "target"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
KERNEL_THREADS = 2  # their common parent
FOREIGN_CORES_MAX = 0.3
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_children = []
_stopping = False


def stop_on_signals():
    """From here on a signal is a KeyboardInterrupt, once: what it makes the script end and remove is not interrupted again.
    SIGINT too: a script started in a shell's background inherits it ignored."""
    for sign in STOPS:
        signal.signal(sign, _stopped_by)
    atexit.register(_end_children)


def _stopped_by(sign, _frame):
    global _stopping
    if not _stopping:
        _stopping = True
        raise KeyboardInterrupt(signal.Signals(sign).name)


def start_child(command, **more):
    """A process with a process group of its own. No signal comes between its start and the note of it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    enter = more.pop("preexec_fn", None)

    def unblock():
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if enter is not None:
            enter()

    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=unblock, **more)
        _children.append(child)
        return child
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def child_ended(child):
    """It has ended, and its group with it."""
    if child in _children:
        _children.remove(child)


def _end_children():
    for child in _children:
        try:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait(10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def free_ports(count):
    """Ports nobody holds now; held together while choosing so that they differ."""
    held = []
    try:
        for _ in range(count):
            probe = socket.socket()
            held.append(probe)
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in held]
    finally:
        for probe in held:
            probe.close()


def children_by_parent():
    tree = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = Path("/proc", entry, "stat").read_text()
        except OSError:
            continue
        parent = int(stat.rpartition(")")[2].split()[1])
        tree.setdefault(parent, []).append(int(entry))
    return tree


def process_tree(root):
    """The process and everything below it."""
    tree = children_by_parent()
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting.extend(tree.get(pid, []))
    return found


def cpu_seconds(root):
    """User and system time of a process tree, its ended and awaited children included for the root's tree."""
    total = 0
    for pid in process_tree(root):
        try:
            fields = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(field) for field in fields[11:15])
    return total / TICKS_PER_SECOND


def rss_mib(root):
    total = 0
    for pid in process_tree(root):
        try:
            total += int(Path("/proc", str(pid), "statm").read_text().split()[1])
        except OSError:
            continue
    return total * os.sysconf("SC_PAGE_SIZE") / 2**20


def machine_busy_seconds():
    """Core seconds that were not idle since boot, time stolen by the host included: that is foreign too."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = (
        int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND


def disk_mib(folder):
    total = 0
    for base, _folders, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(base, name)).st_blocks * 512
            except OSError:
                continue
    return total / 2**20


def file_system(folder):
    """Type and mount point under a folder: a broker measured on tmpfs syncs nothing."""
    best = ("?", "")
    for line in Path("/proc/mounts").read_text().splitlines():
        _device, mount, kind = line.split()[:3]
        inside = str(folder) == mount or str(folder).startswith(mount.rstrip("/") + "/")
        if inside and len(mount) > len(best[1]):
            best = (kind, mount)
    return best


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)


def own_cpu_seconds():
    spent = os.times()
    return spent.user + spent.system


def awaited_cpu_seconds():
    """What all our children that have ended have used."""
    spent = os.times()
    return spent.children_user + spent.children_system


class Clocks:
    """CPU of a broker, of the load on it, of kernel threads, of this script and of everybody, at one moment. No broker:
    it is about to be started."""

    def __init__(self, broker=None, load=None):
        self.at = time.monotonic()
        self.broker = cpu_seconds(broker) if broker else 0.0
        # A load that has ended and was awaited is found with our own children.
        self.load = (cpu_seconds(load) if load else 0.0) + awaited_cpu_seconds()
        self.kernel = cpu_seconds(KERNEL_THREADS)
        self.own = own_cpu_seconds()
        self.busy = machine_busy_seconds()

    def until(self, end):
        """Cores used between two moments. What kernel threads do is mostly the broker's disk work, and not foreign. A bit
        below nothing is what the clocks differ by: time in interrupts is some process's in one and nobody's in the other."""
        seconds = max(1e-3, end.at - self.at)
        broker, load = end.broker - self.broker, end.load - self.load
        foreign = end.busy - self.busy - broker - load - (end.kernel - self.kernel) - (end.own - self.own)
        foreign_cores = round(foreign / seconds, 3) + 0.0
        return {
            "seconds": seconds, "broker_seconds": broker, "broker_cores": broker / seconds, "load_cores": load / seconds,
            "foreign_cores": foreign_cores, "disturbed": foreign_cores > FOREIGN_CORES_MAX,
        }


class MemoryLimit:
    """A memory cgroup, version 1 or 2: a wall around a process tree and the page cache that it fills."""

    V1 = Path("/sys/fs/cgroup/memory")
    V2 = Path("/sys/fs/cgroup")

    def __init__(self, limit_bytes):
        self.group = None
        name = f"holdfast-bench-{os.getpid()}"
        if (self.V1 / "memory.limit_in_bytes").exists():
            self.group, limit, self._peak = self.V1 / name, "memory.limit_in_bytes", "memory.max_usage_in_bytes"
        elif "memory" in _text(self.V2 / "cgroup.controllers").split():
            self.group, limit, self._peak = self.V2 / name, "memory.max", "memory.peak"
        else:
            raise Unlimited("this machine shows no memory controller of cgroups")
        try:
            self.group.mkdir(exist_ok=True)
            (self.group / limit).write_text(str(limit_bytes))
        except OSError as refused:
            self.group = None
            raise Unlimited(f"no memory cgroup can be made here, which takes root: {refused}") from refused

    def enter(self, pid):
        (self.group / "cgroup.procs").write_text(str(pid))

    def peak_mib(self):
        text = _text(self.group / self._peak).strip()
        return int(text) / 2**20 if text else None

    def remove(self):
        for _ in range(50):
            try:
                self.group.rmdir()
                return
            except OSError:
                time.sleep(0.1)


class Unlimited(Exception):
    """No memory cgroup to be had; the message says why."""


def _text(file):
    try:
        return file.read_text()
    except OSError:
        return ""


def open_files(root):
    """File descriptors of a process tree."""
    total = 0
    for pid in process_tree(root):
        try:
            total += len(os.listdir(f"/proc/{pid}/fd"))
        except OSError:
            continue
    return total
