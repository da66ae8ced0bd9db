"""The JDK that programs here run on, and the jars that Maven fetches for them, kept in bench/target.

Python's standard library only.
"""

import shutil
import subprocess
import tarfile
from pathlib import Path

from machine import REPOSITORY

HDR_HISTOGRAM = ("org.hdrhistogram", "HdrHistogram", "2.2.2")  # as in bench/pom.xml


class ToolFailed(Exception):
    """A compiler or Maven could not do its part; the message says which and why."""


class Tools:
    """The JDK, and class paths that Maven has resolved, kept in bench/target."""

    def __init__(self, folder):
        self.folder = folder
        self.home = _jdk_home()
        self.java = str(self.home / "bin" / "java")
        self.classes = {}

    def compiled(self, main, sources, artifacts, options=()):
        """The class path of a program: its sources, compiled now, and what Maven says its artifacts need."""
        jars = self.resolved(artifacts)
        key = (jars, tuple(sources))
        if key not in self.classes:
            out = self.folder / "classes" / main.rpartition(".")[2]
            shutil.rmtree(out, ignore_errors=True)
            files = [str(file) for source in sources for file in _java_files(REPOSITORY / source)]
            command = [str(self.home / "bin" / "javac"), "-nowarn", "-XDignore.symbol.file", *options, "-d", str(out)]
            done = subprocess.run([*command, "-cp", jars, *files], capture_output=True, text=True, timeout=120, check=False)
            if done.returncode != 0:
                raise ToolFailed(f"compiling {main} failed:\n{done.stderr}")
            self.classes[key] = out
        return f"{self.classes[key]}:{jars}"

    def resolved(self, artifacts):
        """The class path of artifacts, each a group, a name and a version, with all that they need."""
        name = "-".join(f"{artifact}-{version}" for _group, artifact, version in artifacts)
        kept = self.folder / f"{name}.classpath"
        if not kept.exists() or not all(Path(jar).exists() for jar in kept.read_text().strip().split(":")):
            folder = self.folder / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "pom.xml").write_text(_pom(artifacts))
            pom = ["-f", str(folder / "pom.xml")]
            _maven(artifacts[0], *pom, "dependency:build-classpath", f"-Dmdep.outputFile={kept}")
        return kept.read_text().strip()

    def distribution(self, group, artifact, version):
        """The folder of a program that comes as an archive: fetched and unpacked here, once."""
        folder = self.folder / f"{artifact}-{version}"
        if not (folder / "bin").exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            wanted = f"-Dartifact={group}:{artifact}:{version}:tar.gz:bin"
            _maven((group, artifact, version), "dependency:copy", wanted, f"-DoutputDirectory={self.folder}")
            archive = self.folder / f"{artifact}-{version}-bin.tar.gz"
            with tarfile.open(archive) as packed:
                packed.extractall(self.folder)
            archive.unlink()
        return folder


def _maven(artifact, *words):
    if not shutil.which("mvn"):
        raise ToolFailed("no mvn in PATH, which fetches what is measured: apt-get install maven")
    print(f"fetching {artifact[1]} {artifact[2]} with Maven ...", flush=True)
    done = subprocess.run(["mvn", "-q", "-B", *words], capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise ToolFailed(f"Maven could not fetch {artifact[1]}:\n{done.stdout[-2000:]}")


def _java_files(place):
    if place.is_file():
        return [place]
    # On the class path there are no modules, and a descriptor would make javac look for them.
    return sorted(file for file in place.rglob("*.java") if file.name != "module-info.java")


def _pom(artifacts):
    dependencies = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version></dependency>"
        for group, artifact, version in artifacts
    )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>bench</groupId>'
        "<artifactId>class-path</artifactId><version>1</version><packaging>pom</packaging>"
        f"<dependencies>{dependencies}</dependencies></project>\n"
    )


def _jdk_home():
    """The JDK that the broker itself would run on."""
    find = f'. "{REPOSITORY}/bin/find-jdk.sh"; require_jdk && printf %s "$JDK"'
    found = subprocess.run(["sh", "-c", find], capture_output=True, text=True, timeout=20, check=False)
    if found.returncode != 0:
        raise SystemExit(found.stderr.strip())
    return Path(found.stdout)
