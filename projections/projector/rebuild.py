"""Building views anew from the log, beside the live ones, and switching to them in one transaction.

Decides: that a new table is filled from the very start, brought to exactly the live checkpoint while the projector
waits for that moment, compared with the table it replaces, and only then shown. The replaced table is kept until the
next rebuild as the way back. Must not know: what any view shows.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Final, LiteralString

from domain.decider import Event
from domain.recorded import Recorded
from projections import checkpoints
from projections.checkpoints import LIVE, Checkpoint
from projections.projector import store, tables
from projections.projector.fold_batch import HistoryChanged, Poison, digest
from projections.projector.reading import portions
from projections.projector.tables import NEW, Difference, Live
from projections.registry import VIEWS
from projections.view import View, table_of
from streams import state_codec
from streams.log import Log
from streams.postgres.migrate import Connection, connect

logger = logging.getLogger(__name__)

EVENTS_PER_TRANSACTION: Final = 2_000

LOCK: Final = 0x72656275696C64  # "rebuild": any number that nobody else in the database locks

UNPARK: Final[LiteralString] = "DELETE FROM views.parked WHERE view = ANY(%s)"


class UnknownView(Exception):
    """There is no view of that name."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """One view that was built anew."""

    view: str
    version: int
    events: int
    """Events that were read for it."""
    rows_before: int
    rows: int
    differing: int | None
    """Rows that are not the same as before; None where there was none to compare with, or of another version."""
    parked: int
    """Streams that the view cannot digest."""


async def rebuild(log: Log, url: str, names: Iterable[str] = (), views: Sequence[View] = VIEWS) -> tuple[Rebuilt, ...]:
    """Build the named views anew, or all of them, beside a running projector. Raises `UnknownView`."""
    wanted = set(names) or {view.name for view in views}
    unknown = wanted - {view.name for view in views}
    if unknown:
        known = ", ".join(view.name for view in views)
        raise UnknownView(f"there is no view {min(unknown)!r}; there are {known}")
    async with _alone(url) as connection:
        return await Rebuild(log, connection, [view for view in views if view.name in wanted]).run()


async def rebuild_missing(log: Log, url: str, views: Sequence[View] = VIEWS) -> tuple[Rebuilt, ...]:
    """Build what this version of the program shows and the database does not have yet."""
    async with _alone(url) as connection:
        shown = await tables.live(connection)
        wanted = [view for view in views if view.name not in shown or not _current(view, shown[view.name])]
        return await Rebuild(log, connection, wanted).run() if wanted else ()


class Rebuild:
    """One run: some views, from the start of the log to the live checkpoint."""

    near = EVENTS_PER_TRANSACTION
    """So many missing events are read while the projector waits."""

    def __init__(self, log: Log, connection: Connection, views: Sequence[View]) -> None:
        self._log = log
        self._connection = connection
        self._views = tuple(views)
        self._tables = tuple((view, table_of(view) + NEW) for view in views)
        self._folds = store.Folds(store.FOLD + NEW)
        self._poisoned: list[Poison] = []
        self._places = {partition: Checkpoint(partition) for partition in range(log.partitions)}
        self._events = 0

    async def run(self) -> tuple[Rebuilt, ...]:
        """Fill, catch up, compare, switch."""
        async with self._connection.transaction():
            await tables.make_new(self._connection, self._views)
        await self._approach()
        async with self._connection.transaction():
            live = await checkpoints.lock(self._connection, LIVE, self._log.partitions)
            await self._read_up_to(live)
            return await self._switch()

    async def _approach(self) -> None:
        """Come close to the projector, which goes on meanwhile; one that is as fast as we are is never reached."""
        before = sys.maxsize
        while True:
            live = await checkpoints.read(self._connection, LIVE)
            missing = sum(target.sequence - self._places[target.partition].sequence for target in live)
            if missing <= self.near or missing >= before:
                return
            await self._read_up_to(live)
            before = missing

    async def _read_up_to(self, live: Sequence[Checkpoint]) -> None:
        for target in live:
            place = self._places[target.partition]
            if place != target:
                await self._read_partition(place, target)
                self._places[target.partition] = target

    async def _read_partition(self, place: Checkpoint, target: Checkpoint) -> None:
        reached = place.sequence
        gathered: list[Recorded[Event]] = []
        async with aclosing(portions(self._log, place, target.bookmark)) as found:
            async for portion in found:
                # A portion may go beyond the target; what lies there is left to the projector.
                due = [recorded for recorded in portion.records if recorded.position.sequence <= target.sequence]
                gathered += due
                reached += len(due)
                if len(gathered) >= EVENTS_PER_TRANSACTION:
                    await self._write(gathered)
                    gathered.clear()
        await self._write(gathered)
        if reached != target.sequence:
            raise HistoryChanged(
                f"partition {target.partition} ends at sequence {reached}; the views are at {target.sequence}"
            )

    async def _write(self, records: Sequence[Recorded[Event]]) -> None:
        connection = self._connection
        async with connection.transaction():
            await connection.execute("SET LOCAL synchronous_commit = off")
            known = await self._folds.known(connection, {recorded.stream for recorded in records})
            outcome = digest(self._views, known, records, store.pairs(self._poisoned))
            try:
                async with connection.transaction():
                    await store.write(connection, self._tables, outcome)
            except store.REFUSED:
                outcome.poisoned += await store.write_singly(connection, self._tables, outcome)
            await self._folds.keep(connection, outcome)
        self._folds.remember(outcome)
        self._poisoned += outcome.poisoned
        self._events += len(records)

    async def _switch(self) -> tuple[Rebuilt, ...]:
        connection = self._connection
        shown = await tables.live(connection)
        changed = any(view.name in shown and not _current(view, shown[view.name]) for view in self._views)
        rebuilt = []
        for view in self._views:
            difference = await tables.compare(connection, view, shown.get(view.name))
            await tables.switch_view(connection, view, shown.get(view.name), state_codec.shape())
            rebuilt.append(self._report(view, difference))
        await tables.switch_folds(connection, self._views)
        await connection.execute(UNPARK, ([view.name for view in self._views],))
        await store.park(connection, self._poisoned)
        # A projector that knows another version of a view would go on feeding its table, which nobody sees any more.
        await checkpoints.switch(connection, LIVE, fenced=changed)
        return tuple(rebuilt)

    def _report(self, view: View, difference: Difference) -> Rebuilt:
        parked = sum(poison.view == view.name for poison in self._poisoned)
        logger.info(
            "view %s version %d rebuilt: %d rows, %s differ",
            view.name,
            view.version,
            difference.after,
            difference.differing,
        )
        return Rebuilt(
            view.name, view.version, self._events, difference.before, difference.after, difference.differing, parked
        )


def _current(view: View, shown: Live) -> bool:
    return shown.version == view.version and shown.shape == state_codec.shape()


@asynccontextmanager
async def _alone(url: str) -> AsyncIterator[Connection]:
    """A connection on which nobody else rebuilds at the same time; others wait."""
    async with await connect(url) as connection:
        await connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        yield connection
