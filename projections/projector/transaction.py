"""One transaction per batch: rows of all views, folded states, checkpoints and notifications, fenced by an epoch.

Decides: what one transaction holds, what is tried again after an outage and how a batch whose commit got no answer is
recognised. Must not know: how events are read and gathered, what any view shows, where it is kept.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from projections.checkpoints import LIVE_PROJECTION, Displaced, Tenure
from projections.projector.fold_batch import HistoryChanged, Writes, fold_records
from projections.projector.folds import RecentFolds
from projections.projector.reading import Fetched, Halt, pauses
from projections.projector.view_store import RowsRefused, ViewsAway

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from projections.checkpoints import Checkpoint
    from projections.projector.fold_batch import Known
    from projections.projector.view_store import ViewStore, ViewTransaction
    from projections.view import View

logger = logging.getLogger(__name__)

T = TypeVar("T")

CATCHING_UP: Final = 500
"""From this number of events on nobody waits for the batch, and its commit need not wait for the disk: a crash of the
database loses rows and checkpoint together."""

DOUBTFUL: Final = -1
"""No generation: whatever is held in memory is read again before the next batch."""


class Applier:
    """Holds the right to write the live views. Every method waits out an outage of what keeps them.

    Every method raises `Superseded` when another projector has taken over, `Displaced` when the database is not as this
    one left it: then claim again and read on from there.
    """

    def __init__(self, store: ViewStore, views: Sequence[View]) -> None:
        self._store = store
        self._views = tuple(views)
        self._folds = RecentFolds()
        self._parked: set[tuple[str, str]] = set()
        self._halted: set[int] = set()
        self._tenure = Tenure(LIVE_PROJECTION, 0, DOUBTFUL)

    async def claim(self, partitions: int, owner: str) -> tuple[Checkpoint, ...]:
        """Take over from the previous owner; returns where to read on."""
        tenure, found = await self._patiently(lambda: self._store.claim(partitions, owner))
        self._halted.clear()
        self._tenure = replace(tenure, generation=DOUBTFUL)
        return found

    async def apply(self, portions: Sequence[Fetched]) -> tuple[Halt, ...]:
        """Write portions, at most one per partition, in one transaction; partitions that had to stop are left out."""
        return await self._patiently(lambda: self._apply(portions))

    async def caught_up(self, ages: Mapping[int, float]) -> None:
        """Note which partitions had everything applied, and how many seconds ago."""
        await self._patiently(lambda: self._store.caught_up(self._tenure, ages))

    async def require_halted(self) -> None:
        """`Displaced` when a partition that this projector has halted may be read again."""
        halted = self._halted
        if halted:
            await self._patiently(lambda: self._store.require_halted(halted))

    async def halt(self, halt: Halt) -> None:
        """Note for everybody to see that a partition is read no further."""
        logger.error("partition %d is read no further: %s", halt.partition, halt.why)
        self._halted.add(halt.partition)
        await self._patiently(lambda: self._store.stop(self._tenure, halt))

    async def _patiently(self, act: Callable[[], Awaitable[T]]) -> T:
        waits = pauses()
        while True:
            try:
                return await act()
            except ViewsAway as error:
                logger.warning("the views cannot be written for now: %s", error)
                # The commit may have happened all the same: then what is in memory is older than the tables.
                self._tenure = replace(self._tenure, generation=DOUBTFUL)
                await asyncio.sleep(next(waits))

    async def _apply(self, portions: Sequence[Fetched]) -> tuple[Halt, ...]:
        try:
            return await self._transaction(portions, singly=False)
        except RowsRefused:
            return await self._transaction(portions, singly=True)

    async def _transaction(self, portions: Sequence[Fetched], *, singly: bool) -> tuple[Halt, ...]:
        lazily = sum(len(portion.records) for portion in portions) >= CATCHING_UP
        async with self._store.transaction(lazily=lazily) as transaction:
            generation, stored = await transaction.fence(self._tenure)
            if generation != self._tenure.generation:
                await self._begin_anew(transaction, generation)
            due = [portion for portion in portions if _due(portion, stored[portion.partition])]
            known = await self._known(transaction, due)
            outcome, halts = self._digest(known, due)
            halted = {halt.partition for halt in halts}
            moved = [portion.after for portion in due if portion.partition not in halted]
            outcome.poisoned += await transaction.write(outcome, singly=singly)
            await transaction.settle(self._tenure, known, outcome, moved)
        self._folds.remember(outcome.folded.values())
        self._parked |= {(one.view, one.stream) for one in outcome.poisoned}
        return halts

    async def _begin_anew(self, transaction: ViewTransaction, generation: int) -> None:
        self._tenure = replace(self._tenure, generation=generation)
        self._parked = await transaction.parked()
        self._folds.forget()

    async def _known(self, transaction: ViewTransaction, due: Sequence[Fetched]) -> dict[str, Known]:
        streams = {recorded.stream for portion in due for recorded in portion.records}
        remembered = self._folds.known(streams)
        return remembered | await transaction.folds(streams - remembered.keys())

    def _digest(self, known: Mapping[str, Known], due: Sequence[Fetched]) -> tuple[Writes, tuple[Halt, ...]]:
        outcome, halts = Writes(), []
        for portion in due:
            try:
                outcome.add(fold_records(self._views, known, portion.records, self._parked))
            except HistoryChanged as error:
                halts.append(Halt(portion.partition, str(error)))
        return outcome, tuple(halts)


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
