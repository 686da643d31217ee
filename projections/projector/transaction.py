"""One transaction per batch: rows of all views, folded states, checkpoints and notifications, fenced by an epoch.

Decides: what one transaction holds, what is tried again after an outage and how a batch whose commit got no answer is
recognised. Must not know: how events are read and gathered, what any view shows.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from projections import checkpoints
from projections.checkpoints import LIVE_PROJECTION, Displaced, Tenure
from projections.freshness import announce
from projections.projector import store
from projections.projector.fold_batch import HistoryChanged, Writes, fold_records
from projections.projector.folds import Folds
from projections.projector.reading import Fetched, Halt, pauses
from projections.view import table_of
from streams.postgres.connection import OUTAGE, answered_within
from streams.postgres.migrate import connect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from projections.checkpoints import Checkpoint
    from projections.projector.fold_batch import Known
    from projections.projector.store import Writing
    from projections.view import Connection, View

logger = logging.getLogger(__name__)

T = TypeVar("T")

CATCHING_UP: Final = 500
"""From this number of events on nobody waits for the batch, and its commit need not wait for the disk: a crash of the
database loses rows and checkpoint together."""

DOUBTFUL: Final = -1
"""No generation: whatever is held in memory is read again before the next batch."""

ACT_S: Final = 30.0
"""What one transaction may take; far more than any does, unless a rebuild is just being switched to."""


class Applier:
    """Holds the right to write the live views. Every method waits out an outage of PostgreSQL.

    Every method raises `Superseded` when another projector has taken over, `Displaced` when the database is not as this
    one left it: then claim again and read on from there.
    """

    def __init__(self, url: str, views: Sequence[View], *, act_s: float = ACT_S) -> None:
        self._url = url
        self._act_s = act_s
        self._tables = tuple((view, table_of(view)) for view in views)
        self._views = tuple(views)
        self._folds = Folds()
        self._parked: set[tuple[str, str]] = set()
        self._halted: set[int] = set()
        self._connection: Connection | None = None
        self._tenure = Tenure(LIVE_PROJECTION, 0, 0)

    async def claim(self, partitions: int, owner: str) -> tuple[Checkpoint, ...]:
        """Take over from the previous owner; returns where to read on."""
        return await self._patiently(lambda connection: self._claim(connection, partitions, owner))

    async def apply(self, portions: Sequence[Fetched]) -> tuple[Halt, ...]:
        """Write portions, at most one per partition, in one transaction; partitions that had to stop are left out."""
        return await self._patiently(lambda connection: self._apply(connection, portions))

    async def caught_up(self, ages: Mapping[int, float]) -> None:
        """Note which partitions had everything applied, and how many seconds ago."""
        await self._patiently(lambda connection: checkpoints.caught_up(connection, self._tenure, ages))

    async def require_halted(self) -> None:
        """`Displaced` when a partition that this projector has halted may be read again."""
        halted = self._halted
        if halted:
            await self._patiently(lambda connection: checkpoints.require_halted(connection, LIVE_PROJECTION, halted))

    async def halt(self, halt: Halt) -> None:
        """Note for everybody to see that a partition is read no further."""
        logger.error("partition %d is read no further: %s", halt.partition, halt.why)
        self._halted.add(halt.partition)
        await self._patiently(lambda connection: checkpoints.stop(connection, self._tenure, halt.partition, halt.why))

    async def close(self) -> None:
        """Let the connection go."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _patiently(self, act: Callable[[Connection], Awaitable[T]]) -> T:
        waits = pauses()
        while True:
            try:
                if self._connection is None:
                    self._connection = await connect(self._url)
                with answered_within(self._connection, self._act_s):
                    return await act(self._connection)
            except OUTAGE as error:
                logger.warning("the views cannot be written for now: %s: %s", type(error).__name__, error)
                await self.close()
                # The commit may have happened all the same: then what is in memory is older than the tables.
                self._tenure = replace(self._tenure, generation=DOUBTFUL)
                await asyncio.sleep(next(waits))

    async def _claim(self, connection: Connection, partitions: int, owner: str) -> tuple[Checkpoint, ...]:
        self._tenure, found = await checkpoints.claim(connection, LIVE_PROJECTION, partitions, owner)
        self._halted.clear()
        await self._begin_anew(connection, self._tenure.generation)
        return found

    async def _begin_anew(self, connection: Connection, generation: int) -> None:
        self._tenure = replace(self._tenure, generation=generation)
        self._parked = store.pairs(await store.parked(connection))
        self._folds.forget()

    async def _apply(self, connection: Connection, portions: Sequence[Fetched]) -> tuple[Halt, ...]:
        try:
            return await self._transaction(connection, portions, store.write)
        except store.ROWS_REFUSED:
            return await self._transaction(connection, portions, store.write_singly)

    async def _transaction(
        self, connection: Connection, portions: Sequence[Fetched], write: Writing
    ) -> tuple[Halt, ...]:
        async with connection.transaction():
            if sum(len(portion.records) for portion in portions) >= CATCHING_UP:
                await connection.execute("SET LOCAL synchronous_commit = off")
            generation, stored = await checkpoints.fence(connection, self._tenure)
            if generation != self._tenure.generation:
                await self._begin_anew(connection, generation)
            due = [portion for portion in portions if _due(portion, stored[portion.partition])]
            streams = {recorded.stream for portion in due for recorded in portion.records}
            known = await self._folds.known(connection, streams)
            outcome, halts = self._digest(known, due)
            halted = {halt.partition for halt in halts}
            moved = [portion.after for portion in due if portion.partition not in halted]
            outcome.poisoned += await write(connection, self._tables, outcome)
            await self._settle(connection, known, outcome, moved)
        self._folds.remember(outcome.folded.values())
        self._parked |= store.pairs(outcome.poisoned)
        return halts

    def _digest(self, known: Mapping[str, Known], due: Sequence[Fetched]) -> tuple[Writes, tuple[Halt, ...]]:
        outcome, halts = Writes(), []
        for portion in due:
            try:
                outcome.add(fold_records(self._views, known, portion.records, self._parked))
            except HistoryChanged as error:
                halts.append(Halt(portion.partition, str(error)))
        return outcome, tuple(halts)

    async def _settle(
        self, connection: Connection, known: Mapping[str, Known], outcome: Writes, moved: Sequence[Checkpoint]
    ) -> None:
        async with connection.pipeline():
            await store.park(connection, outcome.poisoned)
            await self._folds.keep(connection, known, outcome.folded.values())
            if moved:
                await checkpoints.advance(connection, self._tenure, moved)
            await announce(connection, moved, outcome.folded)


def _due(portion: Fetched, stored: Checkpoint) -> bool:
    """False where an earlier attempt was committed although its answer never came."""
    if stored == portion.after:
        return False
    if stored == portion.before:
        return True
    raise Displaced(
        f"partition {stored.partition} stands at sequence {stored.sequence} in PostgreSQL and was left at "
        f"{portion.before.sequence}"
    )
