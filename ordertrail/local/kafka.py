"""A real Kafka broker from Maven artifacts on one data directory, for tests and for trying the Kafka log on a laptop.

Decides: where the jars come from, which settings a broker on one small machine has, and when it is ready. Must not know
which topics exist: `streams/kafka/topics.py` creates them. As a program it fetches the jars and says what is missing.
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
from pathlib import Path
from typing import IO, Final

from ordertrail.local import child_server
from ordertrail.local.child_server import LocalServerError

PACKAGED: Final = Path(__file__).parent / "broker"
OLDEST_JAVA: Final = 17
READY_S: Final = 60.0
PARALLEL_PORTS: Final = 5
SHUTDOWN: Final = ((signal.SIGTERM, 20.0), (signal.SIGKILL, 5.0))
# The serial collector: half a gigabyte on two cores shared with the clients gains nothing from parallel threads.
JVM: Final = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true")


class KafkaUnavailable(LocalServerError):
    """The local Kafka broker cannot run; the message is one sentence for the person who started it."""


class LocalKafka:
    """One broker on one data directory. Start it again after a crash, on the same object or a new one.

    The server ends with the thread that started it (on Linux), so start it from the main thread.
    """

    def __init__(self, data_dir: Path, libs_dir: Path, *, flush_every_message: bool = False) -> None:
        self.data_dir = data_dir.absolute()
        self.bootstrap = ""
        self.log = self.data_dir / "kafka.log"
        self._libs_dir = libs_dir.absolute()
        self._flush = flush_every_message
        self._work = self.data_dir / "broker"
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The broker's process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    async def start(self) -> str:
        """Start the broker, format its storage when it is new; the bootstrap servers, the same at every start."""
        if self.pid:
            return self.bootstrap
        require_java()
        child_server.own_directory(self.data_dir)
        self._lock = self._lock or child_server.lock_directory(self.data_dir)
        try:
            return await self._start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close the log cleanly and let go of the data directory."""
        if self._process:
            await child_server.terminate(self._process, *SHUTDOWN)
            self._process = None
        if self._lock:
            self._lock.close()
            self._lock = None

    async def _start(self) -> str:
        self._work.mkdir(exist_ok=True)
        await child_server.clear(lambda: child_server.running_in(self._work, "java"), *SHUTDOWN)
        child_server.turn_over(self.log)
        for _ in range(PARALLEL_PORTS):
            port = self._configure()
            self._format()
            if await self._runs(port):
                self.bootstrap = f"127.0.0.1:{port}"
                return self.bootstrap
        raise KafkaUnavailable(self._reason())

    async def _runs(self, port: int) -> bool:
        """Whether it is ready; it is not when somebody else took a port between the choice and the start."""
        command = [*self._java(), *JVM, "kafka.Kafka", "server.properties"]
        process = child_server.launch(command, self._work, log=self.log, end=signal.SIGTERM)
        self._process = process

        async def ended_or_ready() -> bool:
            return process.poll() is not None or await is_ready("127.0.0.1", port)

        if await child_server.until(ended_or_ready, READY_S) and process.poll() is None:
            return True
        if "Address already in use" in child_server.last_words(self.log, 100):
            return False
        raise KafkaUnavailable(self._reason())

    def _reason(self) -> str:
        return f"Kafka did not start: {child_server.last_words(self.log)}."

    def _configure(self) -> int:
        port = child_server.kept_port(self.data_dir / "port")
        template = string.Template((PACKAGED / "server.properties").read_text())
        settings = template.substitute(
            port=port,
            controller_port=child_server.kept_port(self.data_dir / "controller.port"),
            log_dir=self._work / "log",
            flush="log.flush.interval.messages=1" if self._flush else "",
        )
        (self._work / "server.properties").write_text(settings)
        return port

    def _format(self) -> None:
        """Once: the mark is written after the storage, so that an interrupted first start formats again."""
        mark = self._work / "formatted"
        if mark.exists():
            return
        cluster_id = base64.urlsafe_b64encode(b"\x00" + secrets.token_bytes(15)).decode().rstrip("=")
        tool = ["kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", cluster_id, "-c", "server.properties"]
        command = [*self._java(), *JVM, *tool]
        done = subprocess.run(command, cwd=self._work, capture_output=True, text=True, check=False)
        if done.returncode:
            raise KafkaUnavailable(
                f"Kafka could not format {self._work}: {(done.stderr or done.stdout).strip()[-300:]}."
            )
        mark.touch()

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


def default_cache() -> Path:
    """Where fetched jars are kept: ORDERTRAIL_CACHE, otherwise `.cache` in the project."""
    return Path(os.environ.get("ORDERTRAIL_CACHE") or Path(__file__).parents[2] / ".cache")


def java_version() -> int:
    """17 for OpenJDK 17.0.15; 0 when there is no Java."""
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


def main(arguments: list[str]) -> None:
    """Fetch the jars for the tests; what is missing is a sentence, not a failure."""
    cache = Path(arguments[0]) if arguments else default_cache()
    try:
        asyncio.run(ensure_jars(cache))
    except LocalServerError as error:
        sys.stdout.write(f"{error} Tests that need the broker will be skipped.\n")


if __name__ == "__main__":
    main(sys.argv[1:])
