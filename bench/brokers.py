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
import ssl
import subprocess
import time
from pathlib import Path

from machine import REPOSITORY, child_ended, free_ports, process_tree, start_child

READY = re.compile(r"^(?P<version>.+) ready in (?P<ms>\d+) ms: amqps? (?P<host>\S+):(?P<port>\d+)\b.* data ")
RABBITMQ_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


class BrokerFailed(Exception):
    """The broker did not start, or ended when it should not have."""


def speaks_amqp(port, tls=False):
    """True when the port answers an AMQP 0-9-1 header with connection.start."""
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    try:
        plain = socket.create_connection(("127.0.0.1", port), timeout=1)
        with trusting.wrap_socket(plain) if tls else plain as link:
            link.settimeout(2)
            link.sendall(b"AMQP\x00\x00\x09\x01")
            first = link.recv(16)
            return len(first) >= 11 and first[0] == 1 and first[7:11] == b"\x00\x0a\x00\x0a"
    except OSError:
        return False


class Broker:
    """One running broker: a child process, its port, its data directory and its log.

    What is asked of a broker before it starts: `tls`, a folder with cert.pem and key.pem, gives it a port with TLS and
    nothing else; `wall` is a memory cgroup it has to live in. It may be started again after `stop` or `kill`, on the data
    that the first life left.
    """

    name = "broker"
    scheme = "amqp"

    def __init__(self, folder):
        self.folder = Path(folder)
        self.data = self.folder / "data"
        self.log = self.folder / f"{self.name}.log"
        self.port = 0
        self.version = self.name
        self.process = None
        self.began = 0.0
        self.started_in_ms = 0
        self.tls = None
        self.wall = None

    @property
    def pid(self):
        return self.process.pid

    @property
    def uri(self):
        return f"{self.scheme}{'s' if self.tls else ''}://guest:guest@127.0.0.1:{self.port}/%2f"

    def spawn(self, command, environment=None, stdout=None):
        self.folder.mkdir(parents=True, exist_ok=True)
        wall = self.wall

        def enter():
            if wall is not None:
                wall.enter(os.getpid())

        with open(self.log, "ab") as log:
            self.began = time.monotonic()
            self.process = start_child(
                command, stdout=stdout or log, stderr=log, env=environment, cwd=self.folder, preexec_fn=enter
            )

    def wait_until(self, is_ready, timeout_seconds):
        """Asks every few milliseconds; the time it took from the start of the process is kept."""
        deadline = time.monotonic() + timeout_seconds
        while not is_ready():
            if self.process.poll() is not None:
                raise self.fail(f"ended with {self.process.returncode} before it was ready")
            if time.monotonic() > deadline:
                raise self.fail(f"was not ready within {timeout_seconds} s")
            time.sleep(0.005)
        self.started_in_ms = round((time.monotonic() - self.began) * 1000)

    def tail(self):
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        except OSError:
            return ""

    def fail(self, what):
        return BrokerFailed(f"{self.name} {what}; the end of {self.log}:\n{self.tail()}")

    def stop(self, grace_seconds=20):
        """Ends the broker's whole process group, asking first; safe to call twice."""
        self._end(((signal.SIGTERM, grace_seconds), (signal.SIGKILL, 10)))

    def kill(self):
        """Ends it as a power cut would, the page cache apart."""
        self._end(((signal.SIGKILL, 10),))

    def _end(self, steps):
        if self.process is None:
            return
        for sign, seconds in steps:
            try:
                os.killpg(self.process.pid, sign)
            except ProcessLookupError:
                pass
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            if not self._group_lives():
                child_ended(self.process)
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

    def alarms(self):
        """What its own log says of publishers that it has blocked."""
        return []

    def command_line(self, program):
        """The words of the process in our tree that runs a program."""
        for pid in process_tree(self.pid):
            try:
                words = Path("/proc", str(pid), "cmdline").read_text().split("\0")
            except OSError:
                continue
            if words[0].endswith(program):
                return pid, words
        return None, []


class JavaBroker(Broker):
    """What is the same for brokers in a JVM."""

    def settings(self):
        pid, words = self.command_line("java")
        if pid is None:
            return ""
        options = " ".join(word for word in words if word.startswith(("-X", "-Dio.netty")))
        shown = self.jcmd("VM.flags")
        kept = re.findall(r"-XX:(?:MaxHeapSize=\d+|MaxDirectMemorySize=\d+|[+]Use\w+GC)", shown)
        return options + (" | " + " ".join(kept) if kept else "")

    def jcmd(self, *words):
        """What the JVM's own tool answers; nothing where there is none."""
        pid, _words = self.command_line("java")
        if pid is None:
            return ""
        tool = Path(os.path.realpath(f"/proc/{pid}/exe")).parent / "jcmd"
        if not tool.exists():
            return ""
        return subprocess.run([tool, str(pid), *words], capture_output=True, text=True, timeout=60, check=False).stdout

    def live_heap_bytes(self):
        """What is reachable, after two collections; None without jcmd."""
        self.jcmd("GC.run")
        self.jcmd("GC.run")
        used = re.search(r"used (\d+)K", self.jcmd("GC.heap_info"))
        return int(used[1]) * 1024 if used else None


class Holdfast(JavaBroker):
    name = "holdfast"

    def __init__(self, folder, command=None, java_options="", more=()):
        super().__init__(folder)
        self.command = command or str(REPOSITORY / "holdfast") + " serve --bind 127.0.0.1 --port {port} --data {data}"
        self.java_options = java_options
        self.more = list(more)

    def start(self, timeout_seconds=240):
        # Long enough for the launcher to build first what was never built.
        words = [word.format(port=0, data=self.data) for word in self.command.split()] + self.more
        if self.tls:
            words += ["--set", "listeners.ssl.default=127.0.0.1:0", "--set", "listeners.tcp=none"]
            words += ["--set", f"ssl_options.certfile={self.tls / 'cert.pem'}"]
            words += ["--set", f"ssl_options.keyfile={self.tls / 'key.pem'}"]
            words = _without(words, "--port")
        self.folder.mkdir(parents=True, exist_ok=True)
        printed = self.folder / "stdout"
        environment = dict(os.environ)
        if self.java_options:
            environment["HOLDFAST_JAVA_OPTS"] = f"{environment.get('HOLDFAST_JAVA_OPTS', '')} {self.java_options}".strip()
        # A file, not a pipe: nobody reads on once the ready line is seen, and a full pipe would stop the broker.
        with open(printed, "wb") as out:
            self.spawn(words, environment, stdout=out)

        def ready():
            for line in printed.read_text(errors="replace").splitlines():
                found = READY.match(line)
                if found:
                    self.port, self.version = int(found["port"]), found["version"]
                    return True
            return False

        self.wait_until(ready, timeout_seconds)


def _without(words, option):
    at = words.index(option) if option in words else -1
    return words if at < 0 else words[:at] + words[at + 2 :]


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
        self.data.mkdir(parents=True, exist_ok=True)
        amqp, dist, epmd = free_ports(3)
        self.port = self.wanted_port or amqp
        # Started by us in the foreground: the node would otherwise leave a daemon behind in nobody's process group.
        self.epmd = start_child(
            ["epmd", "-address", "127.0.0.1", "-port", str(epmd)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.spawn([str(RABBITMQ_SERVER)], self._environment(dist, epmd))
        self.wait_until(lambda: speaks_amqp(self.port, bool(self.tls)), timeout_seconds)
        self.version = "RabbitMQ " + package_version("rabbitmq-server")

    def _environment(self, dist_port, epmd_port):
        # The node's name is kept beside its data: the database belongs to the name that made it.
        name_file = self.data / "node-name"
        if not name_file.exists():
            name_file.write_text(f"bench{secrets.token_hex(4)}@localhost")
        (self.data / "rabbitmq.conf").write_text(self._configuration())
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

    def alarms(self):
        said = "".join(_text(log) for log in (self.data / "log").glob("*.log"))
        return sorted(set(re.findall(r"\w+ resource limit alarm set", said)))

    def _configuration(self):
        if not self.tls:
            return ""
        return (
            f"listeners.tcp = none\nlisteners.ssl.default = 127.0.0.1:{self.port}\nssl_options.verify = verify_none\n"
            f"ssl_options.cacertfile = {self.tls / 'cert.pem'}\nssl_options.certfile = {self.tls / 'cert.pem'}\n"
            f"ssl_options.keyfile = {self.tls / 'key.pem'}\n"
        )

    def _end(self, steps):
        super()._end(steps)
        if self.epmd is not None:
            self.epmd.kill()
            self.epmd.wait(5)
            child_ended(self.epmd)
            self.epmd = None

    def settings(self):
        _pid, words = self.command_line("beam.smp")
        return " ".join(words[1 : words.index("--") if "--" in words else 12])


class Nats(Broker):
    """Debian's nats-server with JetStream in files; everything else as it comes."""

    name = "nats"
    scheme = "nats"

    @property
    def uri(self):
        return f"nats://127.0.0.1:{self.port}"

    def start(self, timeout_seconds=30):
        if not shutil.which("nats-server"):
            raise BrokerFailed("nats-server is not installed: apt-get install nats-server")
        self.data.mkdir(parents=True, exist_ok=True)
        (self.port,) = free_ports(1)
        self.spawn(["nats-server", "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self.data)])
        self.wait_until(lambda: "Server is ready" in _text(self.log), timeout_seconds)
        self.version = "NATS " + package_version("nats-server")

    def settings(self):
        _pid, words = self.command_line("nats-server")
        return " ".join(words[1:]).strip() + " (not synced before it acknowledges)"


class Artemis(JavaBroker):
    """Apache Artemis as its own `create` sets it up, with the journal over libaio, synced, and tuned on this disk."""

    name = "artemis"
    scheme = "tcp"
    VERSION = "2.56.0"

    def __init__(self, folder, tools):
        super().__init__(folder)
        self.tools = tools
        self.instance = self.data / "instance"

    @property
    def uri(self):
        return f"tcp://127.0.0.1:{self.port}"

    def start(self, timeout_seconds=60):
        environment = dict(os.environ) | {"JAVA_HOME": str(self.tools.home)}
        if not self.instance.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            (self.port,) = free_ports(1)
            home = self.tools.distribution("org.apache.artemis", "apache-artemis", self.VERSION)
            command = ["sh", str(home / "bin" / "artemis"), "create", "--silent", "--aio", "--no-web", "--allow-anonymous"]
            command += ["--user", "guest", "--password", "guest", "--host", "127.0.0.1", "--default-port", str(self.port)]
            command += ["--no-amqp-acceptor", "--no-mqtt-acceptor", "--no-stomp-acceptor", "--no-hornetq-acceptor"]
            made = subprocess.run(
                [*command, str(self.instance)], env=environment, capture_output=True, text=True, timeout=120, check=False
            )
            if made.returncode != 0:
                raise BrokerFailed(f"artemis create failed:\n{made.stdout}\n{made.stderr}")
        self.spawn(["sh", str(self.instance / "bin" / "artemis"), "run"], environment)
        self.wait_until(lambda: "AMQ221007" in _text(self.log), timeout_seconds)
        if "Using AIO Journal" not in _text(self.log):
            raise self.fail("does not use libaio (apt-get install libaio1)")
        self.version = "Artemis " + self.VERSION

    def settings(self):
        set_up = _text(self.instance / "etc" / "broker.xml")
        kept = re.findall(r"<(journal-type|journal-datasync|journal-buffer-timeout)>(\w+)<", set_up)
        return super().settings() + " | " + " ".join(f"{key}={value}" for key, value in kept)


def package_version(name):
    shown = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True, check=False)
    return shown.stdout.split("-")[0] or "?"


def _text(file):
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""
