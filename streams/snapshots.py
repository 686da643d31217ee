"""Folded states of stock streams, which grow for ever: loading one reads the snapshot and what came after it.

A cache beside the index: losing it costs time, nothing else. A snapshot of another form is not loaded: of another
shape of state, or folded by other rules. One that is loaded is compared with the log's record of its version. Must not
know: when to take one (`writing/snapshot_keeper.py`).
"""

from __future__ import annotations

import hashlib
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import domain
from streams.index import outages_told
from streams.postgres.connection import answered_within
from streams.postgres.migrate import connect
from streams.runtime import Runtime
from streams.state_codec import shape

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence
    from datetime import datetime

    from psycopg import AsyncConnection
    from psycopg_pool import AsyncConnectionPool

NEWEST_SNAPSHOTS: Final = """
SELECT stream, version, sequence, hash, recorded_at, state FROM "index".snapshot WHERE stream = ANY(%s) AND shape = %s
"""

KEEP_SNAPSHOT: Final = """
INSERT INTO "index".snapshot AS known (stream, shape, version, sequence, hash, recorded_at, state)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (stream) DO UPDATE
SET shape = excluded.shape, version = excluded.version, sequence = excluded.sequence, hash = excluded.hash,
    recorded_at = excluded.recorded_at, state = excluded.state
WHERE known.version < excluded.version OR known.shape <> excluded.shape
"""


LARGE_BYTES: Final = 256_000
"""A larger state is saved over a connection of its own, of which a state of thousands of orders needs one in minutes:
libpq's buffer grows to what it has sent and stays so for as long as the connection lives. After a state of 6 MB had
gone over each of a pool's eight connections, the process held 64 MB more."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A stream's folded state (as `state_codec.dump` made it) at a version, and what its next record links to."""

    stream: str
    version: int
    sequence: int
    hash: str
    recorded_at: datetime | None
    """When its last record was made."""
    state: bytes


class Snapshots(Protocol):
    """Where snapshots are kept."""

    async def load(self, streams: Sequence[str]) -> Mapping[str, Snapshot]:
        """The newest snapshot of each stream that has one. Raises `IndexUnavailable`, as does `save`."""

    async def save(self, snapshots: Sequence[Snapshot]) -> None:
        """Keep these, unless newer ones are there."""


@cache
def form() -> str:
    """SHA-256 (hex) of the states' shape and of the rules that fold them: any change of either, and all fold again."""
    rules = hashlib.sha256(shape().encode())
    for path in sorted(Path(domain.__path__[0]).rglob("*.py")):
        rules.update(path.read_bytes())
    return rules.hexdigest()


class PostgresSnapshots:
    """In table `"index".snapshot`. Raises `IndexUnavailable` while the database is away."""

    def __init__(self, pool: AsyncConnectionPool, url: str, runtime: Runtime | None = None) -> None:
        self._pool = pool
        self._url = url
        self._seconds = (runtime or Runtime()).limits.index_s

    async def load(self, streams: Sequence[str]) -> Mapping[str, Snapshot]:
        """The newest snapshot of each stream that has one of today's form."""
        with outages_told():
            async with self._pool.connection(timeout=self._seconds) as connection:
                with answered_within(connection, self._seconds):
                    rows = await (await connection.execute(NEWEST_SNAPSHOTS, (list(streams), form()))).fetchall()
        return {row[0]: Snapshot(*row) for row in rows}

    async def save(self, snapshots: Sequence[Snapshot]) -> None:
        """Keep these, unless newer ones are there."""
        rows = [(s.stream, form(), s.version, s.sequence, s.hash, s.recorded_at, s.state) for s in snapshots]
        large = any(len(s.state) > LARGE_BYTES for s in snapshots)
        with outages_told():
            async with self._carrying(large=large) as connection, connection.cursor() as cursor:
                with answered_within(connection, self._seconds):
                    await cursor.executemany(KEEP_SNAPSHOT, rows)

    @asynccontextmanager
    async def _carrying(self, *, large: bool) -> AsyncGenerator[AsyncConnection]:
        if large:
            async with await connect(self._url) as connection:
                yield connection
        else:
            async with self._pool.connection(timeout=self._seconds) as connection:
                yield connection


class MemorySnapshots:
    """The twin in memory, for tests and simulation."""

    def __init__(self) -> None:
        self._known: dict[str, Snapshot] = {}

    async def load(self, streams: Sequence[str]) -> Mapping[str, Snapshot]:
        """The newest snapshot of each stream that has one."""
        return {stream: self._known[stream] for stream in streams if stream in self._known}

    def spoil(self, snapshot: Snapshot) -> None:
        """Keep this one whatever is there: a fault."""
        self._known[snapshot.stream] = snapshot

    async def save(self, snapshots: Sequence[Snapshot]) -> None:
        """Keep these, unless newer ones are there."""
        for snapshot in snapshots:
            if snapshot.stream not in self._known or self._known[snapshot.stream].version < snapshot.version:
                self._known[snapshot.stream] = snapshot
