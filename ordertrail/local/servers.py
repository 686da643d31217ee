"""The servers an instance stands on: found by their variables, or started on the data directory.

Decides: which of PostgreSQL and Kafka run here, and how a second program finds those of a running instance. Must not
know: what is stored in them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from ordertrail.local import child_server
from ordertrail.local.child_server import DirectoryInUse, LocalServerError
from ordertrail.local.kafka import LocalKafka, ensure_jars
from ordertrail.local.postgres import LocalPostgres
from ordertrail.settings import LogKind

if TYPE_CHECKING:
    from ordertrail.local.children import Say, Tended
    from ordertrail.settings import Settings

RUNNING_FILE: Final = "running.json"
RUNNING_S: Final = 60.0


class Endpoints(BaseModel):
    """Where the servers are; `url` is where the instance itself answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    database_url: str
    owner_url: str | None = None
    """The same database for who may change its tables; None where that is the same role."""
    bootstrap: str | None = None


class LocalServers:
    """PostgreSQL, and Kafka where the log needs it. Holds the data directory while it runs."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self.parts: list[tuple[str, Tended, str]] = []
        """Name, server and address of what was started here, in the order in which it is needed."""
        self._settings = settings
        self._say = say
        self._lock: IO[str] | None = None

    def hold(self) -> None:
        """Keep every other instance from the data directory; `DirectoryInUse` when one is there."""
        child_server.own_directory(self._settings.data)
        self._lock = child_server.lock_directory(self._settings.data)
        _withdraw(self._settings.data)

    async def start(self) -> Endpoints:
        """Start the servers that no variable names. `LocalServerError` in one sentence when that is not possible."""
        (database, owner), bootstrap = await asyncio.gather(self._database(), self._kafka())
        return Endpoints(url=self._settings.url, database_url=database, owner_url=owner, bootstrap=bootstrap)

    async def stop(self) -> None:
        """Stop them again, the last one first, and let go of the data directory."""
        for _, part, _ in reversed(self.parts):
            await part.stop()
        self.parts.clear()
        if self._lock:
            _withdraw(self._settings.data)
            self._lock.close()
            self._lock = None

    async def _database(self) -> tuple[str, str | None]:
        """The database for a running instance, and for its owner."""
        settings = self._settings
        if settings.database_url:
            owner = settings.database_owner_url
            return settings.database_url.get_secret_value(), owner.get_secret_value() if owner else None
        self._say("Starting PostgreSQL ...")
        server = LocalPostgres(settings.data / "postgres")
        owner_url = await self._started("PostgreSQL", server)
        return server.instance_url, owner_url

    async def _kafka(self) -> str | None:
        settings = self._settings
        if settings.log is not LogKind.KAFKA:
            return None
        if settings.kafka_bootstrap_servers:
            return settings.kafka_bootstrap_servers
        self._say("Starting Kafka ...")
        jars = await ensure_jars(settings.ordertrail_cache)
        broker = LocalKafka(settings.data / "kafka", jars, flush_every_message=settings.kafka_flush)
        return await self._started("Kafka", broker)

    async def _started(self, name: str, part: Tended) -> str:
        address = await part.start()
        self.parts.append((name, part, address))
        return address


def write_endpoints(data: Path, endpoints: Endpoints) -> None:
    """Tell the other commands of this user where the servers are; the file holds the database's password."""
    file = data / RUNNING_FILE
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(endpoints.model_copy(update={"owner_url": None}).model_dump_json())


def _withdraw(data: Path) -> None:
    (data / RUNNING_FILE).unlink(missing_ok=True)


def read_endpoints(data: Path) -> Endpoints | None:
    """Where a running instance said that its servers are; None where none runs."""
    try:
        return Endpoints.model_validate_json((data / RUNNING_FILE).read_text())
    except (FileNotFoundError, ValidationError):
        return None


@contextlib.asynccontextmanager
async def reached(settings: Settings) -> AsyncGenerator[Endpoints]:
    """The servers of the running instance; where none runs, the same servers started for as long as this lasts."""
    servers = LocalServers(settings, say=lambda _: None)
    try:
        servers.hold()
    except DirectoryInUse:
        yield await _of_running(settings)
        return
    try:
        yield await servers.start()
    finally:
        await servers.stop()


async def _of_running(settings: Settings) -> Endpoints:
    """Waits for an instance that is still starting."""
    await child_server.until(lambda: read_endpoints(settings.data) is not None, RUNNING_S)
    found = read_endpoints(settings.data)
    if found is None:
        raise LocalServerError(f"The instance that runs on {settings.data} does not say where its servers are.")
    return found
