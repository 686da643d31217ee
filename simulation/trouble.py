"""How each fault of a plan is brought about.

Decides: whom it strikes, by chance. Must not know: which faults are drawn (`faults.py`), what is right (`checks.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Final

from commands.workflow_checkpoint import WorkflowCheckpoint
from domain.stream_names import stock_stream
from domain.values import MAIN
from simulation import faults
from simulation.faults import FaultKind
from simulation.people import SKUS
from simulation.process import some
from simulation.projector import AT_COMMIT, ProjectorProcess

if TYPE_CHECKING:
    from collections import Counter

    from simulation.server import ServerProcess
    from simulation.world import World


class Trouble:
    """Everything that goes wrong in a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def strike(self, fault: faults.PlannedFault) -> None:
        """At its moment, for as long as it lasts."""
        await asyncio.sleep(fault.at)
        luck = Random(fault.chance)
        if fault.kind in faults.OF_ONE_CALL:
            self._plan_call(luck, fault.kind)
        elif fault.kind in ONE_REQUEST:
            self._world.door.planned[fault.kind] += 1
        elif fault.kind in AT_COMMIT:
            self._plan_commit(luck, fault.kind)
        elif fault.kind in faults.FAULTS_THAT_LAST:
            await self._last(luck, fault)
        else:
            await self._strike_once(luck, fault.kind)

    def _plan_call(self, luck: Random, kind: FaultKind) -> None:
        server = some(luck, self._world.servers)
        if server is not None:
            call, what = faults.OF_ONE_CALL[kind]
            setattr(server.log.faults, f"next_{call}", what)

    def _plan_commit(self, luck: Random, kind: FaultKind) -> None:
        projector = some(luck, self._world.projectors)
        if projector is not None:
            projector.views.next_commit = AT_COMMIT[kind]

    async def _strike_once(self, luck: Random, kind: FaultKind) -> None:
        if kind in OF_A_SERVER:
            server = some(luck, self._world.servers)
            if server is None:
                return
            OF_A_SERVER[kind](server, luck)
        elif kind in OF_A_PROJECTOR:
            projector = some(luck, self._world.projectors)
            if projector is None:
                return
            OF_A_PROJECTOR[kind](projector)
        else:
            await self._of_what_is_kept()[kind](luck, luck.randrange(self._world.plan.partitions))
        self._world.trace.count("fault", kind)

    def _of_what_is_kept(self) -> Mapping[FaultKind, Callable[[Random, int], Awaitable[None]]]:
        return {
            FaultKind.SECOND: self._start_second,
            FaultKind.INDEX_OLDER: self._lose_index,
            FaultKind.SNAPSHOT_WRONG: self._spoil_snapshot,
            FaultKind.CHECKPOINT_OLDER: self._lose_checkpoint,
            FaultKind.PROJECTOR_SECOND: self._start_second_projector,
            FaultKind.VIEWS_OLDER: self._lose_views,
        }

    async def _start_second(self, _luck: Random, _partition: int) -> None:
        self._world.start()

    async def _start_second_projector(self, _luck: Random, _partition: int) -> None:
        self._world.start_projector()

    async def _lose_views(self, luck: Random, _partition: int) -> None:
        await self._world.views.go_back(luck)

    async def _lose_index(self, luck: Random, partition: int) -> None:
        self._world.index.lose(partition, luck.randint(0, (await self._world.index.mark(partition)).sequence))

    async def _spoil_snapshot(self, luck: Random, _partition: int) -> None:
        """One is of another form, or another article's."""
        known = await self._world.snapshots.load([stock_stream(sku, MAIN) for sku in SKUS])
        for stream in sorted(known)[:1]:
            other = known[luck.choice(sorted(known))]
            self._world.snapshots.spoil(
                replace(luck.choice((replace(known[stream], state=b"{}"), other)), stream=stream)
            )

    async def _lose_checkpoint(self, luck: Random, partition: int) -> None:
        known = await self._world.checkpoints.load(partition)
        await self._world.checkpoints.forget(partition)
        older = WorkflowCheckpoint(luck.randint(0, known.sequence), known.first_event_id)
        await self._world.checkpoints.save(partition, older)

    async def _last(self, luck: Random, fault: faults.PlannedFault) -> None:
        begin, end = self._lasting(luck, fault.kind)
        self._world.trace.count("fault", fault.kind)
        begin()
        await asyncio.sleep(fault.lasts)
        end()
        self._world.trace.add("over", fault.kind)

    def _lasting(self, luck: Random, kind: FaultKind) -> tuple[Callable[[], None], Callable[[], None]]:
        """How it begins and how it ends."""
        partition = luck.randrange(self._world.plan.partitions)
        if kind in (FaultKind.FREEZE, FaultKind.PROJECTOR_FREEZE):
            process = some(luck, self._world.servers if kind is FaultKind.FREEZE else self._world.projectors)
            name = "" if process is None else process.name
            return (lambda: self._world.loop.freeze(name) if name else None), lambda: self._world.loop.thaw(name)
        if kind is FaultKind.LATE_VISIBILITY:
            return (lambda: self._world.broker.hide(partition)), lambda: self._world.broker.show(partition)
        if kind is FaultKind.INDEX_READ_ONLY:
            return (lambda: setattr(self._world.index, "unwritable", True)), lambda: setattr(
                self._world.index, "unwritable", False
            )
        ails, name = self._weather(kind)
        return (lambda: ails.update([name])), lambda: ails.subtract([name])

    def _weather(self, kind: FaultKind) -> tuple[Counter[str], str]:
        return {
            FaultKind.LOG_AWAY: (self._world.weather.away, "log"),
            FaultKind.LOG_SLOW: (self._world.weather.slow, "log"),
            FaultKind.INDEX_AWAY: (self._world.weather.away, "index"),
            FaultKind.INDEX_SLOW: (self._world.weather.slow, "index"),
            FaultKind.VIEWS_AWAY: (self._world.weather.away, "views"),
            FaultKind.VIEWS_SLOW: (self._world.weather.slow, "views"),
        }[kind]


def _put_clock_wrong(server: ServerProcess, luck: Random) -> None:
    server.skew = timedelta(seconds=luck.uniform(-3_600, 3_600))


OF_A_SERVER: Final[Mapping[FaultKind, Callable[[ServerProcess, Random], None]]] = {
    FaultKind.CRASH: lambda server, _: server.kill(),
    FaultKind.STOP: lambda server, _: server.stop(),
    FaultKind.CLOCK_JUMPS: _put_clock_wrong,
}
"""What strikes a server at once."""

OF_A_PROJECTOR: Final[Mapping[FaultKind, Callable[[ProjectorProcess], None]]] = {
    FaultKind.PROJECTOR_CRASH: ProjectorProcess.kill,
    FaultKind.PROJECTOR_STOP: ProjectorProcess.stop,
}
"""What strikes a projector at once."""

ONE_REQUEST: Final = {FaultKind.REQUEST_LOST, FaultKind.ANSWER_LOST, FaultKind.REQUEST_DOUBLED}
"""What strikes one of the next requests."""
