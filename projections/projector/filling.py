"""One partition's rows, from its first record on, into new tables: the long way of a rebuild.

Decides: that a stream is written once it has been quiet for long, so that most are written once, and how many are held
until then. Must not know: which process it runs in, what becomes of the tables.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from projections.checkpoints import Checkpoint
from projections.projector import store
from projections.projector.copying import copy_folds, copy_rows
from projections.projector.fold_batch import Folding, HistoryChanged, Poison, Writes
from projections.projector.folds import FoldTables
from projections.projector.reading import following
from projections.projector.tables import NEW
from projections.registry import VIEWS
from projections.view import StateView, table_of
from streams.postgres.migrate import connect
from streams.record import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from domain.decider import Event
    from domain.recorded import Recorded
    from projections.projector.fold_batch import Known
    from projections.view import Connection, View
    from streams.log import Bookmark, Log

OPEN: Final = 10_000
"""Streams held at once; the half that was quiet for longest is then written."""

ROWS: Final = 10_000
"""Rows of events held at once."""


@dataclass(slots=True)
class Filled:
    """How far a partition was read, of how many events, and what could not be digested."""

    place: Checkpoint
    events: int = 0
    poisoned: list[Poison] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How another process reaches the same log and the same database. Travels, so `opener` has to be picklable."""

    opener: Callable[[], Log]
    """Makes the log; it is not open yet."""
    url: str


@dataclass(frozen=True, slots=True)
class FillTask:
    """One partition up to a place, for a process of its own; views by name."""

    elsewhere: Elsewhere
    views: tuple[str, ...]
    partition: int
    upto: Bookmark


async def fill(task: FillTask) -> Filled:
    """Fill the new tables from the start of a partition."""
    views = [view for view in VIEWS if view.name in task.views]
    log = task.elsewhere.opener()
    await log.open()
    try:
        async with await connect(task.elsewhere.url) as connection:
            filling = Filling(connection, views, Filled(Checkpoint(task.partition)))
            return await filling.run(log, task.upto)
    finally:
        await log.close()


class Filling:
    """Brings the new tables of some views further in one partition, from where `filled` says, which moves with it."""

    def __init__(self, connection: Connection, views: Sequence[View], filled: Filled) -> None:
        self._connection = connection
        self._tables = tuple((view, table_of(view) + NEW) for view in views)
        self._folds = FoldTables(NEW)
        self._folding = Folding(views, store.pairs(filled.poisoned))
        self._reopened: dict[str, Known | None] = {}
        """Streams that are open again, as the tables have them."""
        self._filled = filled

    async def run(self, log: Log, upto: Bookmark) -> Filled:
        """Read and write everything up to a place of the log."""
        filled = self._filled
        async with aclosing(log.read(filled.place.partition, filled.place.bookmark, upto)) as batches:
            async for batch in batches:
                filled.place = following(filled.place, batch)
                filled.events += len(batch.records)
                concerned = [stored for stored in batch.records if self._folding.concerns(stored.stream)]
                await self._take([decode(stored, filled.place.partition) for stored in concerned])
        await self._write(len(self._folding.open))
        return filled

    async def _take(self, records: Sequence[Recorded[Event]]) -> None:
        folding = self._folding
        begun = {recorded.stream for recorded in records if recorded.version == 1}
        reopened = {recorded.stream for recorded in records} - begun - folding.open.keys()
        known = await self._folds.load(self._connection, reopened)
        self._reopened |= {stream: known.get(stream) for stream in reopened}
        for recorded in records:
            folding.take(recorded, known.get(recorded.stream))
        if len(folding.open) > OPEN:
            await self._write(OPEN // 2)
        elif max(map(len, folding.outcome.rows.values()), default=0) > ROWS:
            await self._write(0)

    async def _write(self, streams: int) -> None:
        """Write what there is, and this number of the streams that were quiet for longest."""
        folding = self._folding
        for stream in tuple(islice(folding.open, streams)):
            folding.finish(stream)
        outcome, folding.outcome = folding.outcome, Writes()
        async with self._connection.transaction():
            await self._connection.execute("SET LOCAL synchronous_commit = off")
            try:
                async with self._connection.transaction():
                    await self._rows(outcome)
            except store.ROWS_REFUSED:
                refused = await store.write_singly(self._connection, self._tables, outcome)
                folding.give_up(refused)
                outcome.poisoned += refused
            await self._keep(outcome)
        for stream in outcome.folded:
            self._reopened.pop(stream, None)
        self._filled.poisoned += outcome.poisoned

    async def _rows(self, outcome: Writes) -> None:
        again = Writes()
        for view, table in self._tables:
            rows = outcome.rows.get(view.name, [])
            await store.take_away_terms(self._connection, view, table, outcome.unsaid.get(view.name, ()))
            if self._reopened and isinstance(view, StateView):
                again.rows[view.name] = [row for row in rows if row.stream in self._reopened]
                rows = [row for row in rows if row.stream not in self._reopened]
            again.gone[view.name] = [one for one in outcome.gone.get(view.name, ()) if one.stream in self._reopened]
            if rows:
                await copy_rows(self._connection, view, table, rows)
        if self._reopened:
            await store.write(self._connection, self._tables, again)

    async def _keep(self, outcome: Writes) -> None:
        again = [folded for folded in outcome.folded.values() if folded.stream in self._reopened]
        fresh = [folded for folded in outcome.folded.values() if folded.stream not in self._reopened]
        if fresh:
            await copy_folds(self._connection, NEW, fresh)
        known = {stream: known for stream, known in self._reopened.items() if known is not None}
        await self._folds.keep(self._connection, known, again)


def require_place(place: Checkpoint, target: Checkpoint) -> None:
    """Raise `HistoryChanged` where reading up to a checkpoint has not led to it."""
    if place.sequence != target.sequence:
        raise HistoryChanged(
            f"partition {target.partition} ends at sequence {place.sequence}; the views are at {target.sequence}"
        )
