"""What PostgreSQL and Kafka have in common when they run here: a data directory, a port, a start and an end.

Decides: when a start has failed, and that a directory has one owner. Must not know: how either is configured.
"""

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar, Final

from ordertrail.local import child_server
from ordertrail.local.child_server import Ladder, LocalServerError

PARALLEL_PORTS: Final = 5
"""Ports that are tried when others take them at the same moment."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What one kind of server is like."""

    name: str
    failure: type[LocalServerError]
    port_taken: str
    """What its log says when somebody else took the port between the choice and the start."""
    ready_s: float
    shutdown: Ladder
    """Its signal for an orderly end first."""


@dataclass(frozen=True, slots=True)
class Launch:
    """One attempt to run a server: what is run, where, and when it is ready."""

    command: Sequence[str | Path]
    directory: Path
    is_ready: Callable[[subprocess.Popen[bytes]], Awaitable[bool]]


class LocalServer(ABC):
    """One server on one data directory. Start it again after a crash, on the same object or a new one.

    The server ends with the thread that started it (on Linux), so start it from the main thread.
    """

    kind: ClassVar[Kind]

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self.address = ""
        """Where it is reached; the same at every start."""
        self.exit_code: int | None = None
        """How it ended when it was stopped last; negative for a signal."""
        self.log = self.data_dir / f"{self.kind.name.lower()}.log"
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    async def start(self) -> str:
        """Start the server, create its storage when it is new; its address."""
        if self.pid:
            return self.address
        child_server.own_directory(self.data_dir)
        self._lock = self._lock or child_server.lock_directory(self.data_dir)
        try:
            await self._prepare()
            child_server.turn_over(self.log)
            self.address = await self._on_a_free_port()
        except BaseException as error:
            await self.stop()
            if isinstance(error, OSError):  # a full disk, above all
                raise self.kind.failure(f"{self.kind.name} cannot be started: {error}.") from error
            raise
        return self.address

    async def stop(self) -> None:
        """End it in order, and let go of the data directory."""
        if self._process:
            await child_server.terminate(self._process, *self.kind.shutdown)
            self.exit_code, self._process = self._process.returncode, None
        if self._lock:
            self._lock.close()
            self._lock = None

    @abstractmethod
    async def _prepare(self) -> None:
        """End what an earlier run left behind, and create the storage when it is new."""

    @abstractmethod
    def _launch(self, port: int) -> Launch:
        """How the server is run on this port."""

    @abstractmethod
    async def _reached(self, port: int) -> str:
        """The address of the server, which is ready on this port."""

    async def _on_a_free_port(self) -> str:
        for _ in range(PARALLEL_PORTS):
            port = child_server.kept_port(self.data_dir / "port")
            if await self._runs(self._launch(port)):
                return await self._reached(port)
        raise self._failure()

    async def _runs(self, attempt: Launch) -> bool:
        """Whether it is ready; it is not when somebody else took the port between the choice and the start."""
        process = child_server.launch(attempt.command, attempt.directory, log=self.log, end=self.kind.shutdown[0][0])
        self._process = process

        async def ended_or_ready() -> bool:
            return process.poll() is not None or await attempt.is_ready(process)

        if await child_server.until(ended_or_ready, self.kind.ready_s) and process.poll() is None:
            return True
        if process.poll() is not None and self.kind.port_taken in child_server.last_words(self.log, 100):
            return False
        raise self._failure()

    def _failure(self) -> LocalServerError:
        return self.kind.failure(f"{self.kind.name} did not start: {child_server.last_words(self.log)}.")
