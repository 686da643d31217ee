"""Building views anew from the log, beside the live ones, and switching to them in one transaction.

Decides: that a new table is filled from the start, brought to exactly the live checkpoint while the projector waits for
that moment, compared with the table it replaces, and only then shown. The replaced table is kept until the
next rebuild as the way back. Must not know: what any view shows.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, LiteralString

from projections import checkpoints
from projections.checkpoints import LIVE_PROJECTION, Checkpoint
from projections.freshness import announce
from projections.projector import store, tables
from projections.projector.filling import Elsewhere, Filled, Filling, FillTask, fill, require_place
from projections.projector.fold_batch import HistoryChanged, Poison
from projections.projector.history import contradiction
from projections.projector.processes import in_processes
from projections.projector.tables import Difference, Live
from projections.registry import VIEWS
from projections.view import Connection, View, shape_of
from streams.log import START, Bookmark, Log
from streams.postgres.migrate import connect

logger = logging.getLogger(__name__)

EVENTS_TO_WAIT_FOR: Final = 2_000
"""So many missing events are read while the projector waits."""

WORTH_A_PROCESS: Final = 20_000
"""Places of the log from which on a process for each partition is quicker than none."""

REBUILD_LOCK: Final = 0x72656275696C64  # "rebuild": any number that nobody else in the database locks

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
    """Rows that are not the same as before; None where there was none to compare with, or of another form."""
    parked: int
    """Streams that the view cannot digest."""


async def rebuild(
    log: Log, url: str, names: Iterable[str] = (), views: Sequence[View] = VIEWS, *, elsewhere: Elsewhere | None = None
) -> tuple[Rebuilt, ...]:
    """Build the named views anew, or all of them, beside a running projector. Raises `UnknownView`.

    `HistoryChanged` where the checkpoint is not of this log: then only all views can be built anew.
    """
    wanted = set(names) or {view.name for view in views}
    unknown = wanted - {view.name for view in views}
    if unknown:
        known = ", ".join(view.name for view in views)
        raise UnknownView(f"there is no view {min(unknown)!r}; there are {known}")
    async with _alone(url) as connection:
        return await Rebuild(log, connection, [view for view in views if view.name in wanted], elsewhere).run()


async def rebuild_missing(
    log: Log, url: str, views: Sequence[View] = VIEWS, *, elsewhere: Elsewhere | None = None
) -> tuple[Rebuilt, ...]:
    """Build what this version of the program shows and the database does not have yet."""
    async with _alone(url) as connection:
        shown = await tables.live(connection)
        wanted = [view for view in views if view.name not in shown or not _current(view, shown[view.name])]
        return await Rebuild(log, connection, wanted, elsewhere).run() if wanted else ()


class Rebuild:
    """One run: some views, from the start of the log to the live checkpoint.

    Where all views are built, a partition whose checkpoint is not of this log, or has not begun, goes to the log's end.
    """

    near = EVENTS_TO_WAIT_FOR

    def __init__(
        self, log: Log, connection: Connection, views: Sequence[View], elsewhere: Elsewhere | None = None
    ) -> None:
        self._log = log
        self._connection = connection
        self._views = tuple(views)
        self._elsewhere = elsewhere
        self._filled = {partition: Filled(Checkpoint(partition)) for partition in range(log.partitions)}
        self._anew: set[int] = set()

    async def run(self) -> tuple[Rebuilt, ...]:
        """Fill, catch up, compare, switch."""
        async with self._connection.transaction():
            await tables.make_new(self._connection, self._views)
        await self._fill()
        await tables.complete_new(self._connection, self._views)
        await self._approach()
        async with self._connection.transaction():
            live = await checkpoints.lock(self._connection, LIVE_PROJECTION, self._log.partitions)
            await self._read_up_to(live)
            return await self._switch()

    async def _fill(self) -> None:
        """Nearly everything."""
        ends = await self._ends()
        if self._elsewhere is not None and sum(end.place for end in ends.values()) > WORTH_A_PROCESS:
            names = tuple(view.name for view in self._views)
            tasks = [FillTask(self._elsewhere, names, partition, end) for partition, end in ends.items()]
            filled = await in_processes(fill, tasks)
            self._filled |= {one.place.partition: one for one in filled}
        else:
            for partition, end in ends.items():
                await self._read_on(partition, end)

    async def _ends(self) -> dict[int, Bookmark]:
        """Up to where each partition is read at first."""
        live = {place.partition: place for place in await checkpoints.read(self._connection, LIVE_PROJECTION)}
        names = {view.name for view in self._views}
        whole = names >= (await tables.live(self._connection)).keys()
        for partition in self._filled:
            place = live.get(partition, Checkpoint(partition))
            why = await contradiction(self._log, place)
            if why is not None and not whole:
                raise HistoryChanged(why)
            if whole and (why is not None or place.bookmark == START):
                self._anew.add(partition)
        return {
            partition: await self._log.end(partition) if partition in self._anew else live[partition].bookmark
            for partition in self._filled
            if partition in self._anew or partition in live
        }

    async def _approach(self) -> None:
        """Come close to the projector, which goes on meanwhile; one that is as fast as we are is never reached."""
        before = sys.maxsize
        while True:
            live = await checkpoints.read(self._connection, LIVE_PROJECTION)
            missing = sum(place.sequence - self._filled[place.partition].place.sequence for place in self._due(live))
            if missing <= self.near or missing >= before:
                return
            await self._read_up_to(live)
            before = missing

    async def _read_up_to(self, live: Sequence[Checkpoint]) -> None:
        for target in self._due(live):
            await self._read_on(target.partition, target.bookmark)
            require_place(self._filled[target.partition].place, target)

    def _due(self, live: Iterable[Checkpoint]) -> list[Checkpoint]:
        return [target for target in live if target.partition not in self._anew]

    async def _read_on(self, partition: int, end: Bookmark) -> None:
        if self._filled[partition].place.bookmark < end:
            await Filling(self._connection, self._views, self._filled[partition]).run(self._log, end)

    async def _switch(self) -> tuple[Rebuilt, ...]:
        connection = self._connection
        shown = await tables.live(connection)
        changed = any(view.name in shown and not _current(view, shown[view.name]) for view in self._views)
        rebuilt = []
        for view in self._views:
            difference = await tables.compare(connection, view, shown.get(view.name))
            await tables.switch_view(connection, view, shown.get(view.name))
            rebuilt.append(self._report(view, difference))
        await tables.switch_folds(connection, self._views)
        await connection.execute(UNPARK, ([view.name for view in self._views],))
        await store.park(connection, self._poisoned())
        begun = [self._filled[partition].place for partition in self._anew]
        await checkpoints.begin_at(connection, LIVE_PROJECTION, begun)
        await announce(connection, begun, ())
        # A projector that knows another version of a view would go on feeding its table, which nobody sees any more.
        await checkpoints.switch(connection, LIVE_PROJECTION, fenced=changed)
        return tuple(rebuilt)

    def _report(self, view: View, difference: Difference) -> Rebuilt:
        parked = sum(poison.view == view.name for poison in self._poisoned())
        events = sum(filled.events for filled in self._filled.values())
        logger.info(
            "view %s version %d rebuilt: %d rows, %s differ",
            view.name,
            view.version,
            difference.after,
            difference.differing,
        )
        rows = (difference.before, difference.after, difference.differing)
        return Rebuilt(view.name, view.version, events, *rows, parked)

    def _poisoned(self) -> list[Poison]:
        return [poison for filled in self._filled.values() for poison in filled.poisoned]


def _current(view: View, shown: Live) -> bool:
    return shown.version == view.version and shown.shape == shape_of(view)


@asynccontextmanager
async def _alone(url: str) -> AsyncIterator[Connection]:
    """A connection on which nobody else rebuilds at the same time; others wait."""
    async with await connect(url) as connection:
        await connection.execute("SELECT pg_advisory_lock(%s)", (REBUILD_LOCK,))
        yield connection
