"""Views, folded states and places in PostgreSQL, behind the projector's port.

Decides: how long one transaction may take, and which errors are an outage. Must not know: how a batch comes about.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from projections import checkpoints
from projections.checkpoints import LIVE_PROJECTION
from projections.freshness import announce
from projections.projector import store
from projections.projector.folds import FoldTables
from projections.projector.rebuild import rebuild_missing
from projections.projector.view_store import RowsRefused, ViewsAway, ViewStore, ViewTransaction
from projections.registry import VIEWS
from projections.view import table_of
from streams.postgres.connection import OUTAGE, answered_within
from streams.postgres.migrate import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping, Sequence

    from projections.checkpoints import Checkpoint, Tenure
    from projections.projector.filling import Elsewhere
    from projections.projector.fold_batch import Known, Poison, Writes
    from projections.projector.reading import Halt
    from projections.projector.store import Tables
    from projections.view import Connection, View
    from streams.log import Log

ACT_S: Final = 30.0
"""What one transaction may take; far more than any does, unless a rebuild is just being switched to."""


class PostgresTransaction(ViewTransaction):
    """A transaction of a connection."""

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self._connection = connection
        self._tables = tables
        self._folds = FoldTables()

    @override
    async def fence(self, tenure: Tenure) -> tuple[int, dict[int, Checkpoint]]:
        return await checkpoints.fence(self._connection, tenure)

    @override
    async def parked(self) -> set[tuple[str, str]]:
        return store.pairs(await store.parked(self._connection))

    @override
    async def folds(self, streams: Collection[str]) -> dict[str, Known]:
        return await self._folds.load(self._connection, streams)

    @override
    async def write(self, outcome: Writes, *, singly: bool) -> list[Poison]:
        if singly:
            return await store.write_singly(self._connection, self._tables, outcome)
        try:
            return await store.write(self._connection, self._tables, outcome)
        except store.ROWS_REFUSED as refused:
            raise RowsRefused(str(refused)) from refused

    @override
    async def settle(
        self, tenure: Tenure, known: Mapping[str, Known], outcome: Writes, moved: Sequence[Checkpoint]
    ) -> None:
        async with self._connection.pipeline():
            await store.park(self._connection, outcome.poisoned)
            await self._folds.keep(self._connection, known, outcome.folded.values())
            if moved:
                await checkpoints.advance(self._connection, tenure, moved)
            await announce(self._connection, moved, outcome.folded)


class PostgresViewStore(ViewStore):
    """The database at `url`, over one connection that is made again after every outage."""

    def __init__(
        self, url: str, views: Sequence[View] = VIEWS, *, elsewhere: Elsewhere | None = None, act_s: float = ACT_S
    ) -> None:
        self._url = url
        self._views = tuple(views)
        self._tables = tuple((view, table_of(view)) for view in views)
        self._elsewhere = elsewhere
        self._act_s = act_s
        self._connection: Connection | None = None

    @override
    async def prepare(self, log: Log) -> None:
        try:
            await rebuild_missing(log, self._url, self._views, elsewhere=self._elsewhere)
        except OUTAGE as error:
            raise _away(error) from error

    @override
    async def claim(self, partitions: int, owner: str) -> tuple[Tenure, tuple[Checkpoint, ...]]:
        async with self._connected() as connection:
            return await checkpoints.claim(connection, LIVE_PROJECTION, partitions, owner)

    @asynccontextmanager
    @override
    async def transaction(self, *, lazily: bool) -> AsyncIterator[ViewTransaction]:
        async with self._connected() as connection, connection.transaction():
            if lazily:
                await connection.execute("SET LOCAL synchronous_commit = off")
            yield PostgresTransaction(connection, self._tables)

    @override
    async def caught_up(self, tenure: Tenure, ages: Mapping[int, float]) -> None:
        async with self._connected() as connection:
            await checkpoints.caught_up(connection, tenure, ages)

    @override
    async def require_halted(self, partitions: Collection[int]) -> None:
        async with self._connected() as connection:
            await checkpoints.require_halted(connection, LIVE_PROJECTION, partitions)

    @override
    async def stop(self, tenure: Tenure, halt: Halt) -> None:
        async with self._connected() as connection:
            await checkpoints.stop(connection, tenure, halt.partition, halt.why)

    @override
    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        try:
            if self._connection is None:
                self._connection = await connect(self._url)
            with answered_within(self._connection, self._act_s):
                yield self._connection
        except OUTAGE as error:
            await self.close()
            raise _away(error) from error


def _away(error: Exception) -> ViewsAway:
    return ViewsAway(f"{type(error).__name__}: {error}")
