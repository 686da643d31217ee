"""A real Kafka broker from Maven artifacts on one data directory, for tests and for trying the Kafka log on a laptop.

Decides: where the jars come from, which settings a broker on one small machine has, and when it is ready. Must not
know: which topics exist; `streams/kafka/topics.py` creates them. As a program (`… -m ordertrail.local.kafka CACHE`) it
fetches the jars and says what is missing.
"""

import asyncio
import base64
import contextlib
import os
import pwd
import re
import secrets
import shutil
import signal
import string
import struct
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from typing_extensions import override

from ordertrail.local import child_server
from ordertrail.local.child_server import LocalServerError
from ordertrail.local.local_server import Kind, Launch, LocalServer

PACKAGED: Final = Path(__file__).parent / "broker"
OLDEST_JAVA: Final = 17
READY_S: Final = 300.0  # as for PostgreSQL: giving up would only start it again
SHUTDOWN: Final = ((signal.SIGTERM, 20.0), (signal.SIGKILL, 30.0))
# The serial collector: half a gigabyte on two cores shared with the clients gains nothing from parallel threads.
JVM: Final = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true")
CLASSES: Final = "classes.jsa"
"""Beside the jars: the broker's classes as the JVM keeps them. One that does not fit the JVM is not used; one that is
damaged may end it by a signal."""
ENDED_BY_SIGTERM: Final = 128 + signal.SIGTERM
"""Exit code of a JVM that was told to end and had the time to do all of it."""


class KafkaUnavailable(LocalServerError):
    """The local Kafka broker cannot run; the message is one sentence for the person who started it."""


class LocalKafka(LocalServer):
    """A broker; its address is its bootstrap servers."""

    kind = Kind("Kafka", KafkaUnavailable, "Address already in use", READY_S, SHUTDOWN)

    def __init__(
        self, data_dir: Path, libs_dir: Path, *, flush_every_message: bool = False, keep_classes: Path | None = None
    ) -> None:
        super().__init__(data_dir)
        self._libs_dir = libs_dir.absolute()
        self._keep_classes = keep_classes and keep_classes.absolute()
        self._kept: Path | None = self._libs_dir.with_name(CLASSES)
        self._flush = flush_every_message
        self._work = self.data_dir / "broker"

    @override
    async def _prepare(self) -> None:
        require_java()
        self._work.mkdir(exist_ok=True)
        await child_server.clear(lambda: child_server.running_in(self._work, "java"), *SHUTDOWN)

    @override
    def _launch(self, port: int) -> Launch:
        async def answers(_: subprocess.Popen[bytes]) -> bool:
            return await is_ready("127.0.0.1", port)

        self._configure(port)
        self._format()
        keep = [f"-XX:ArchiveClassesAtExit={self._keep_classes}"] if self._keep_classes else []
        command = [*self._java(), *self._kept_classes(), *keep, *JVM, "kafka.Kafka", "server.properties"]
        return Launch(command, self._work, answers)

    @override
    async def _runs(self, attempt: Launch) -> bool:
        try:
            return await super()._runs(attempt)
        except KafkaUnavailable:
            kept = self._kept_classes()
            if not kept or not self._process or (self._process.poll() or 0) >= 0:
                raise
            self._drop_classes()
            return await super()._runs(replace(attempt, command=[word for word in attempt.command if word not in kept]))

    @override
    async def _reached(self, port: int) -> str:
        return f"127.0.0.1:{port}"

    def _configure(self, port: int) -> None:
        template = string.Template((PACKAGED / "server.properties").read_text())
        settings = template.substitute(
            port=port,
            controller_port=child_server.kept_port(self.data_dir / "controller.port"),
            log_dir=self._work / "log",
            flush="log.flush.interval.messages=1" if self._flush else "",
        )
        (self._work / "server.properties").write_text(settings)

    def _format(self) -> None:
        """Once: the mark is written after the storage, so that an interrupted first start formats again."""
        mark = self._work / "formatted"
        if mark.exists():
            return
        cluster_id = base64.urlsafe_b64encode(b"\x00" + secrets.token_bytes(15)).decode().rstrip("=")
        tool = ["kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", cluster_id, "-c", "server.properties"]
        done = self._tried(tool)
        if done.returncode < 0 and self._kept_classes():
            self._drop_classes()
            done = self._tried(tool)
        if done.returncode:
            raise KafkaUnavailable(
                f"Kafka could not format {self._work}: {(done.stderr or done.stdout).strip()[-300:]}."
            )
        mark.touch()

    def _tried(self, tool: list[str]) -> subprocess.CompletedProcess[str]:
        command = [*self._java(), *self._kept_classes(), *JVM, *tool]
        return subprocess.run(command, cwd=self._work, capture_output=True, text=True, check=False)

    def _kept_classes(self) -> list[str]:
        return [f"-XX:SharedArchiveFile={self._kept}"] if self._kept and self._kept.exists() else []

    def _drop_classes(self) -> None:
        """A JVM ended by a signal with them: they may be damaged, and then they would end every one after it."""
        kept, self._kept = self._kept, None
        if kept:
            with contextlib.suppress(OSError):
                kept.unlink()

    def _java(self) -> list[str]:
        if not any(self._libs_dir.glob("kafka_*.jar")):
            raise KafkaUnavailable(f"The Kafka jars are missing in {self._libs_dir}; `make setup` fetches them.")
        logging = f"-Dlog4j2.configurationFile={PACKAGED / 'log4j2.properties'}"
        return ["java", logging, "-cp", f"{self._libs_dir}/*"]


async def is_ready(host: str, port: int) -> bool:
    """Whether a broker answers and counts itself in: a Metadata request (version 1, no topics) lists it then."""
    request = struct.pack(">hhihi", 3, 1, 1, -1, 0)
    try:
        async with asyncio.timeout(1):
            reader, writer = await asyncio.open_connection(host, port)
            with contextlib.closing(writer):
                writer.write(struct.pack(">i", len(request)) + request)
                (size,) = struct.unpack(">i", await reader.readexactly(4))
                answer = await reader.readexactly(size)
    except (OSError, EOFError, TimeoutError):
        return False
    _correlation, brokers = struct.unpack(">ii", answer[:8])
    return bool(brokers)


def kafka_version() -> str:
    """The version that the packaged POM names."""
    found = re.search(r"<kafka.version>(.+?)</kafka.version>", (PACKAGED / "pom.xml").read_text())
    return found[1] if found else "unknown"


def java_version() -> int:
    """The major version, such as 17 for OpenJDK 17.0.15; 0 when there is no Java."""
    try:
        answer = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    except OSError:
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', answer)
    return int(found[1]) if found else 0


def require_java() -> None:
    """Refuse with a sentence when Java is missing or too old for the broker."""
    found = java_version()
    if found < OLDEST_JAVA:
        have = f"Java {found}" if found else "none"
        raise KafkaUnavailable(f"The Kafka broker needs Java {OLDEST_JAVA} or newer; found: {have}.")


async def ensure_jars(cache_dir: Path) -> Path:
    """The folder with the broker's jars, fetched with Maven when it is not there yet."""
    libs = cache_dir.absolute() / f"kafka-{kafka_version()}" / "libs"
    if libs.is_dir():
        return libs
    require_java()
    maven = shutil.which("mvn")
    if not maven:
        raise KafkaUnavailable("The Kafka jars are missing, and so is Maven (mvn), which would fetch them.")
    libs.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=libs.parent) as unfinished:
        await _copy_dependencies([maven, *_repository(cache_dir)], Path(unfinished))
        with contextlib.suppress(FileExistsError, OSError):  # somebody else was quicker with the same jars
            (Path(unfinished) / "libs").rename(libs)
    return libs


def _repository(cache_dir: Path) -> list[str]:
    """Maven keeps what it fetches in the home that the password file names; build users often have none."""
    try:
        home = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        home = ""
    return [] if os.access(home, os.W_OK) else [f"-Dmaven.repo.local={cache_dir.absolute() / 'maven'}"]


async def _copy_dependencies(maven: list[str], work: Path) -> None:
    shutil.copy(PACKAGED / "pom.xml", work)
    options = ["-DoutputDirectory=libs", "-DincludeScope=runtime", "-Dstyle.color=never"]
    process = await asyncio.create_subprocess_exec(
        *maven, "-q", "-B", "dependency:copy-dependencies", *options,
        cwd=work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    if process.returncode:
        first = next((line for line in output.decode().splitlines() if "ERROR" in line), "no reason given")
        raise KafkaUnavailable(f"Maven could not fetch the Kafka jars: {first}")


async def keep_classes(libs: Path) -> None:
    """Start a broker once and keep its classes, so that later ones start sooner; nothing where it fails.

    The JVM writes them when it ends. One that had to be killed leaves a part, and a part ends every JVM after it.
    """
    kept = libs.with_name(CLASSES)
    if kept.exists():
        return
    with tempfile.TemporaryDirectory(dir=libs.parent) as unfinished, contextlib.suppress(LocalServerError, OSError):
        archive = Path(unfinished) / CLASSES
        broker = LocalKafka(Path(unfinished) / "data", libs, keep_classes=archive)
        await broker.start()
        await broker.stop()
        if broker.exit_code == ENDED_BY_SIGTERM:
            with archive.open("rb") as written:
                os.fsync(written.fileno())
            archive.rename(kept)


def main(cache_dir: Path) -> None:
    """Fetch the jars for the tests, and keep the classes; what is missing is a sentence, not a failure."""
    try:
        libs = asyncio.run(ensure_jars(cache_dir))
        asyncio.run(keep_classes(libs))
    except LocalServerError as error:
        sys.stdout.write(f"{error} Tests that need the broker will be skipped.\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
