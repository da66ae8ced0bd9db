"""Starting, watching and ending the brokers that the scripts here measure.

Python's standard library only. A broker is always a foreground child in a session of its own, so that whatever
happens to us, one signal to its group ends it and everything it started.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
READY = re.compile(r"^(?P<version>.+) ready in (?P<ms>\d+) ms: amqp (?P<host>\S+):(?P<port>\d+) data ")
RABBITMQ_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


class BrokerFailed(Exception):
    """The broker did not start, or ended when it should not have."""


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


def speaks_amqp(port):
    """True when the port answers an AMQP 0-9-1 header with connection.start."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as link:
            link.settimeout(2)
            link.sendall(b"AMQP\x00\x00\x09\x01")
            first = link.recv(16)
            return len(first) >= 11 and first[0] == 1 and first[7:11] == b"\x00\x0a\x00\x0a"
    except OSError:
        return False


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


class Broker:
    """One running broker: a child process, its port, its data directory and its log."""

    name = "broker"

    def __init__(self, folder):
        self.folder = Path(folder)
        self.data = self.folder / "data"
        self.log = self.folder / f"{self.name}.log"
        self.port = 0
        self.version = self.name
        self.process = None
        self.started_in_ms = 0

    @property
    def pid(self):
        return self.process.pid

    def spawn(self, command, environment=None, stdout=None):
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stdout or log,
                stderr=log,
                env=environment,
                cwd=self.folder,
                start_new_session=True,
            )

    def tail(self):
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        except OSError:
            return ""

    def fail(self, what):
        return BrokerFailed(f"{self.name} {what}; the end of {self.log}:\n{self.tail()}")

    def stop(self, grace_seconds=20):
        """Ends the broker's whole process group, asking first; safe to call twice."""
        if self.process is None:
            return
        for sign, seconds in ((signal.SIGTERM, grace_seconds), (signal.SIGKILL, 10)):
            try:
                os.killpg(self.process.pid, sign)
            except ProcessLookupError:
                pass
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            if not self._group_lives():
                break
        self.process = None

    def _group_lives(self):
        try:
            os.killpg(self.process.pid, 0)
            return True
        except ProcessLookupError:
            return False

    def settings(self):
        """Heap and flags, as the running process shows them."""
        return ""


class Holdfast(Broker):
    name = "holdfast"

    def __init__(self, folder, command=None):
        super().__init__(folder)
        self.command = command or str(REPOSITORY / "holdfast") + " serve --port {port} --data {data}"

    def start(self, timeout_seconds=240):
        # Long enough for the launcher to build first what was never built.
        words = [word.format(port=0, data=self.data) for word in self.command.split()]
        self.folder.mkdir(parents=True, exist_ok=True)
        printed = self.folder / "stdout"
        # A file, not a pipe: nobody reads on once the ready line is seen, and a full pipe would stop the broker.
        with open(printed, "wb") as out:
            self.spawn(words, stdout=out)
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            for line in printed.read_text(errors="replace").splitlines():
                ready = READY.match(line)
                if ready:
                    self.port = int(ready["port"])
                    self.version = ready["version"]
                    self.started_in_ms = int(ready["ms"])
                    return
            if self.process.poll() is not None:
                raise self.fail(f"ended with {self.process.returncode} before it was ready")
            time.sleep(0.02)
        raise self.fail(f"was not ready within {timeout_seconds} s")

    def settings(self):
        options, flags = [], ""
        for pid in process_tree(self.pid):
            try:
                words = Path("/proc", str(pid), "cmdline").read_text().split("\0")
            except OSError:
                continue
            if not words[0].endswith("java"):
                continue
            options += [word for word in words if word.startswith(("-X", "-Dio.netty"))]
            jcmd = Path(os.path.realpath(f"/proc/{pid}/exe")).parent / "jcmd"
            if jcmd.exists():
                shown = subprocess.run(
                    [jcmd, str(pid), "VM.flags"], capture_output=True, text=True, timeout=20, check=False
                )
                kept = re.findall(r"-XX:(?:MaxHeapSize=\d+|MaxDirectMemorySize=\d+|[+]Use\w+GC)", shown.stdout)
                flags = " ".join(kept)
        return " ".join(options) + (" | " + flags if flags else "")


class RabbitMq(Broker):
    """A private node of Debian's rabbitmq-server with its default settings, alone with an epmd of its own."""

    name = "rabbitmq"

    def __init__(self, folder, port=0):
        super().__init__(folder)
        self.wanted_port = port
        self.epmd = None

    def start(self, timeout_seconds=90):
        if not RABBITMQ_SERVER.exists():
            raise BrokerFailed("rabbitmq-server is not installed: apt-get install rabbitmq-server")
        began = time.monotonic()
        self.data.mkdir(parents=True, exist_ok=True)
        amqp, dist, epmd = free_ports(3)
        self.port = self.wanted_port or amqp
        # Started by us in the foreground: the node would otherwise leave a daemon behind in nobody's process group.
        self.epmd = subprocess.Popen(
            ["epmd", "-address", "127.0.0.1", "-port", str(epmd)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.spawn([str(RABBITMQ_SERVER)], self._environment(dist, epmd))
        deadline = time.monotonic() + timeout_seconds
        while not speaks_amqp(self.port):
            if self.process.poll() is not None:
                raise self.fail(f"ended with {self.process.returncode} before it was ready")
            if time.monotonic() > deadline:
                raise self.fail(f"was not ready within {timeout_seconds} s")
            time.sleep(0.05)
        self.started_in_ms = round((time.monotonic() - began) * 1000)
        self.version = "RabbitMQ " + self._package_version()

    def _environment(self, dist_port, epmd_port):
        # The node's name is kept beside its data: the database belongs to the name that made it.
        name_file = self.data / "node-name"
        if not name_file.exists():
            name_file.write_text(f"bench{secrets.token_hex(4)}@localhost")
        (self.data / "rabbitmq.conf").touch()
        (self.data / "enabled_plugins").write_text("[].\n")
        kept = {key: value for key, value in os.environ.items() if not key.startswith("RABBITMQ_")}
        return kept | {
            "HOME": str(self.data),
            "ERL_EPMD_PORT": str(epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": name_file.read_text(),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(dist_port),
            "RABBITMQ_MNESIA_BASE": str(self.data / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.data / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.data / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.data / "enabled_plugins"),
        }

    @staticmethod
    def _package_version():
        shown = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", "rabbitmq-server"], capture_output=True, text=True, check=False
        )
        return shown.stdout.split("-")[0] or "?"

    def stop(self, grace_seconds=20):
        super().stop(grace_seconds)
        if self.epmd is not None:
            self.epmd.kill()
            self.epmd.wait(5)
            self.epmd = None

    def settings(self):
        for pid in process_tree(self.pid):
            try:
                words = Path("/proc", str(pid), "cmdline").read_text().split("\0")
            except OSError:
                continue
            if words[0].endswith("beam.smp"):
                return " ".join(words[1 : words.index("--") if "--" in words else 12])
        return ""


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)
