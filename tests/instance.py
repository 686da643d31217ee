"""One whole `ordertrail up` as a real process on a data directory of its own, to be used, killed and started again.

with Instance(tmp_path, LogKind.EMBEDDED) as instance:
    async with instance.people() as people:
        order = await people.place(line("MUG", 2))
    os.kill(instance.pids()["server"], signal.SIGKILL)
    instance.verify()
"""

import asyncio
import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psycopg

from domain.roles import Role
from ordertrail import wiring
from ordertrail.issuer import Issuer
from ordertrail.local import child_server, servers
from ordertrail.settings import LogKind, Settings
from tests.people import People
from web.tokens import Caller

PROGRAM = Path(sys.executable).with_name("ordertrail")
PYTHONS = {"python", "python3", Path(sys.executable).name[:15]}
"""What our own processes may be called: the name under which `ordertrail` found its interpreter."""
READY_S = 180.0
STOP_S = 120.0
SETTLE_S = 180.0
COMMAND_S = 180.0
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Every client of an instance speaks plain HTTP: to read all certificates that httpx trusts takes 25 ms for each client."""
CARRIER = "DHL"
"""Whose parcels the people of an instance speak of."""
OURS = ("server", "projector")
"""Parts that are processes of our own."""


@dataclass(frozen=True)
class Exported:
    """One line of an export."""

    position: str
    subject: str
    version: int
    command_id: str
    type: str
    data: dict[str, Any]


class Instance:
    """`extra` are more variables, such as SAMPLE=yes."""

    def __init__(self, data: Path, log: LogKind, **extra: str) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.output = data / "up.log"
        port = child_server.kept_port(data / "http.port")
        self.settings = Settings(port=port, data=data, log=log, sample=False)
        self._environment = instance_environment(PORT=str(port), DATA=str(data), LOG=log.value, **extra)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return self.settings.url

    @property
    def database_url(self) -> str:
        found = servers.read_endpoints(self.data)
        assert found, "the instance does not run"
        return found.database_url

    def start(self, *words: str) -> None:
        """Start it, with these words after `up`, and wait until it says `ready`."""
        seen = len(self.said())
        self._process = child_server.launch(
            [PROGRAM, "up", *words], self.data, log=self.output, end=signal.SIGTERM, env=self._environment
        )
        process = self._process
        until(
            lambda: f"ready {self.url}" in self.said()[seen:] or process.poll() is not None, READY_S, "the word ready"
        )
        assert process.poll() is None, f"`ordertrail up` ended with {process.returncode}:\n{self.said()[seen:]}"

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Have it stop; the exit code. Everything that it had started is gone then."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            code = process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        assert not self.pids(), f"left running: {self.pids()}"
        return code

    def ended(self) -> int:
        """Wait until it ends by itself; the exit code."""
        process, self._process = self._process, None
        assert process, "the instance does not run"
        try:
            return process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process = process
            raise

    @contextlib.contextmanager
    def standing_still(self) -> Iterator[None]:
        """Nobody starts again what ends meanwhile: `ordertrail up` itself stands still; what it has started goes on."""
        assert self._process, "the instance does not run"
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        self.stop()
        self.start()

    def said(self) -> str:
        """Everything that all runs of it have printed."""
        return self.output.read_text() if self.output.exists() else ""

    def pids(self) -> dict[str, int]:
        """Process ids of what runs: server, projector, PostgreSQL's postmaster, the broker."""
        found = {name: self._in(f"run/ordertrail.{name}", *PYTHONS) for name in OURS}
        found |= {"postgres": self._postmaster(), "broker": self._in("kafka/broker", "java")}
        return {name: pids[0] for name, pids in found.items() if pids}

    def _in(self, directory: str, *programs: str) -> list[int]:
        return [pid for program in programs for pid in child_server.running_in(self.data / directory, program)]

    def _postmaster(self) -> list[int]:
        file = self.data / "postgres" / "cluster" / "postmaster.pid"
        recorded = file.read_text().split()[:1] if file.exists() else []
        return [pid for pid in self._in("postgres/cluster", "postgres") if [str(pid)] == recorded]

    def postgres_sessions(self) -> list[int]:
        """Every process of PostgreSQL that works on this data, the postmaster included."""
        return self._in("postgres/cluster", "postgres")

    def is_back(self, name: str, killed: int) -> bool:
        """Whether the part runs again and the instance as a whole answers that it is ready."""
        if self.pids().get(name, killed) == killed:
            return False
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/health/ready", timeout=5.0, verify=NO_TLS).is_success
        return False

    def run(self, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """`ordertrail` with these words, as somebody beside the running instance."""
        return subprocess.run(
            [PROGRAM, *words],
            env={**self._environment, **extra},
            cwd=self.data,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_S,
        )

    def verify(self) -> dict[str, Any]:
        """`ordertrail verify`, which has to find nothing wrong."""
        done = self.run("verify", "--json")
        assert done.returncode == 0, done.stdout or done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        assert found["ok"], found
        return found

    def export(self) -> list[Exported]:
        """Every record of the log."""
        return list(exported(self.export_file()))

    def export_file(self) -> Path:
        """Where every record of the log has just been written to."""
        file = self.data / "export.txt"
        file.unlink(missing_ok=True)
        done = self.run("export", str(file))
        assert done.returncode == 0, done.stderr
        return file

    async def settled(self) -> dict[int, int]:
        """Wait until the workflow has nothing to do and the views show everything; the log's end by partition."""
        deadline = time.monotonic() + SETTLE_S
        state = ""
        async with httpx.AsyncClient(base_url=self.url, timeout=30, verify=NO_TLS) as client:
            while time.monotonic() < deadline:
                with contextlib.suppress(psycopg.Error, httpx.TransportError, KeyError):
                    finished, shown, behind = await self._progress(client)
                    # The workflow was asked first: what its last reactions wrote would stand beyond what it has finished.
                    if behind == 0 and finished == shown:
                        return shown
                    state = f"workflow {finished}, views {shown}, behind {behind}"
                await asyncio.sleep(0.05)
        raise AssertionError(f"not settled within {SETTLE_S:.0f} s: {state}")

    async def _progress(self, client: httpx.AsyncClient) -> tuple[dict[int, int], dict[int, int], int]:
        async with await psycopg.AsyncConnection.connect(self.database_url) as connection:
            rows = await (await connection.execute("SELECT partition, sequence FROM workflow.checkpoint")).fetchall()
        finished = {int(partition): int(sequence) for partition, sequence in rows}
        status = (await client.get("/status", headers=self._reader())).json()
        places = (place.split(":") for place in status["position"].split(",") if place)
        shown = {int(partition): int(sequence) for partition, sequence in places}
        return (
            {number: sequence for number, sequence in finished.items() if sequence},
            {number: sequence for number, sequence in shown.items() if sequence},
            max(view["behind"] for view in status["views"]),
        )

    def _reader(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(Role.AUDITOR, 'audrey')}", "Accept": "application/json"}

    def token(self, role: Role, actor: str) -> str:
        """What `ordertrail token` prints for a new one, the same for as long as this object lives."""
        return self._tokens()(role, actor)

    def _tokens(self) -> Callable[[Role, str], str]:
        if "tokens" not in self.__dict__:
            manifest = wiring.manifest_of(self.settings)
            issuer = Issuer(self.settings, manifest)

            def issued(role: Role, actor: str) -> str:
                carrier = CARRIER if role is Role.CARRIER else None
                return issuer.token(
                    Caller(actor, role, manifest.company, manifest.training, carrier), timedelta(hours=12)
                )

            self.__dict__["tokens"] = cache(issued)
        found: Callable[[Role, str], str] = self.__dict__["tokens"]
        return found

    @contextlib.asynccontextmanager
    async def people(self) -> AsyncIterator[People]:
        """The company's people at work on this instance."""
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        async with httpx.AsyncClient(base_url=self.url, timeout=30, limits=limits, verify=NO_TLS) as client:
            yield People(client, self.token, self.settled)


def instance_environment(**given: str) -> dict[str, str]:
    """This process's environment without the variables of an instance that somebody else may have set, and `given`."""
    ours = {name.upper() for name in Settings.model_fields} - {"ORDERTRAIL_CACHE"}
    return {**{name: value for name, value in os.environ.items() if name not in ours}, "SAMPLE": "no", **given}


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for the condition; AssertionError that names it after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come within {seconds:.0f} s"
        time.sleep(0.05)


def exported(file: Path) -> Iterator[Exported]:
    with file.open(encoding="utf-8") as lines:
        for one in lines:
            position, _, value = one.partition("\t")
            record = json.loads(value)
            yield Exported(
                position=position,
                subject=record["subject"],
                version=record["streamversion"],
                command_id=record["commandid"],
                type=record["type"],
                data=record["data"],
            )
