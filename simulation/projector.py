"""One projector process in a world, and the database of the views, which remembers all that was ever committed.

Must not know: what views show, when faults strike.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, cast

from typing_extensions import override

from projections.projector.memory_store import CommitFault, CommittedViews, MemoryViews, MemoryViewStore
from projections.projector.projector import Projector, Rests
from projections.projector.view_store import ViewsAway
from simulation.faults import FaultKind
from simulation.ports import AtTheEnd
from simulation.process import SimulatedProcess
from streams.log import LogUnavailable
from streams.memory.log import MemoryLog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from random import Random

    from projections.projector.view_store import ViewStore, ViewTransaction
    from simulation.trace import WorldTrace
    from simulation.world import World
    from streams.log import Log

AT_COMMIT: Final = {FaultKind.VIEWS_COMMIT_DONE: CommitFault.DONE, FaultKind.VIEWS_COMMIT_LOST: CommitFault.LOST}


class RememberedViews(MemoryViews):
    """The database, with every state that it ever had."""

    def __init__(self) -> None:
        self.states: list[CommittedViews] = []
        super().__init__()

    @override
    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if isinstance(value, CommittedViews):
            self.states.append(value)

    async def go_back(self, luck: Random) -> None:
        """It is an older copy of itself, as after a failover."""
        async with self.lock:
            self.committed = luck.choice(self.states)


class CountedViewStore(MemoryViewStore):
    """Its commits without an answer are counted when they strike."""

    def __init__(self, database: MemoryViews, trace: WorldTrace) -> None:
        super().__init__(database)
        self._trace = trace

    @asynccontextmanager
    @override
    async def transaction(self, *, lazily: bool) -> AsyncIterator[ViewTransaction]:
        planned = self.next_commit
        try:
            async with super().transaction(lazily=lazily) as made:
                yield made
        finally:
            if planned is not None and self.next_commit is None:
                self._trace.count("fault", next(kind for kind, fault in AT_COMMIT.items() if fault is planned))


class ProjectorProcess(SimulatedProcess):
    """A process that keeps all views."""

    def __init__(self, world: World, name: str, luck: Random) -> None:
        super().__init__(world, name, luck)
        self._log = MemoryLog(world.broker)
        self.views = CountedViewStore(world.views, world.trace)
        log = cast("Log", AtTheEnd(self._log, self.wire("log", LogUnavailable)))
        store = cast("ViewStore", AtTheEnd(self.views, self.wire("views", ViewsAway)))
        rests = Rests(world.loop.time, asyncio.sleep)
        self.live(Projector(log, store, rests=rests, owner=name).run())

    @override
    def die(self) -> None:
        self._log.crash()
