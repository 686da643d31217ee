"""One world: a log, an index and what is kept beside it, servers on them, clients before them, and faults among them.

Decides: how a fault of the plan is brought about, and that after the last one everything comes to rest. Must not know:
what is right (`checks.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Final, TypeVar

from commands.workflow_checkpoint import MemoryWorkflowCheckpoints, WorkflowCheckpoint
from domain.stream_names import partition_of, stock_stream
from domain.values import MAIN
from projections.checkpoints import Superseded
from simulation import faults
from simulation.client import Client
from simulation.door import Door
from simulation.faults import FaultKind
from simulation.loop import SimulationLoop
from simulation.people import SKUS
from simulation.ports import Weather
from simulation.process import SimulatedProcess
from simulation.projector import AT_COMMIT, ProjectorProcess, RememberedViews
from simulation.server import ServerProcess
from simulation.trace import WorldTrace
from streams.log import Stored, TakenOver
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker
from streams.snapshots import MemorySnapshots

if TYPE_CHECKING:
    from collections import Counter

    from domain.order.state import Order
    from simulation.plan import WorldPlan

P = TypeVar("P", bound=SimulatedProcess)

FIRST_MOMENT: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
TO_REST_S: Final = 120.0
"""Once faults have stopped, everything is answered, open and at rest within this time."""
RESTART_S: Final = 2.0
LOOK_S: Final = 0.25


class World:
    """Everything there is."""

    def __init__(self, plan: WorldPlan, kept_lines: int = 0) -> None:
        self.plan = plan
        self.luck = Random(plan.seed ^ 0x5EED)
        self.loop = SimulationLoop(Random(plan.seed ^ 0x100B))  # type: ignore[abstract]  # what it lacks raises
        self.trace = WorldTrace(self.loop.time, kept_lines)
        self.broker = MemoryBroker(plan.partitions)
        self.index, self.snapshots = MemoryIndex(), MemorySnapshots()
        self.checkpoints = MemoryWorkflowCheckpoints()
        self.views = RememberedViews()
        self.weather = Weather()
        self.door = Door(self, Random(plan.seed ^ 0xD00B))
        self.clients = [Client(self, number) for number in plan.clients]
        self.orders: dict[str, Order] = {}
        """Every order that a client was told of, as it was told last."""
        self.servers: list[ServerProcess] = []
        self.projectors: list[ProjectorProcess] = []
        self.ends: list[BaseException] = []
        """What processes ended with that should not have."""
        self._made = 0

    def run(self) -> None:
        """From the first request until everything rests; `Stuck` or TimeoutError where it never does."""
        self.loop.run(self._life())

    def now(self) -> datetime:
        """The right time."""
        return FIRST_MOMENT + timedelta(seconds=self.loop.time())

    def end_of(self, stream: str) -> int:
        """Where the log of the stream's partition ends."""
        return len(self.broker.partition(partition_of(stream, self.plan.partitions)).entries)

    def some_server(self) -> ServerProcess | None:
        """Whom the door leads to: mostly the newest, sometimes one that should not be there any more."""
        there = self._there
        if not there:
            return None
        return self.door.luck.choice(there) if self.door.luck.random() < 0.2 else there[-1]

    def ended(self, name: str, error: BaseException | None) -> None:
        """A process ended by itself, or because it was asked to."""
        self.trace.count("end", "asked to" if error is None else type(error).__name__)
        if error is not None and not isinstance(error, TakenOver | Superseded):
            self.ends.append(error)
        self.trace.add(name, "ended")

    async def _life(self) -> None:
        self._start()
        self._start_projector()
        operator = self.loop.create_task(self._operate())
        trouble = [self.loop.create_task(self._strike(fault)) for fault in self.plan.faults]
        await asyncio.gather(*(client.run(self.plan.turns_of(client.number)) for client in self.clients))
        await asyncio.gather(*trouble)
        for partition in range(self.plan.partitions):
            self.broker.show(partition)
        self.door.planned.clear()
        async with asyncio.timeout(TO_REST_S):
            await asyncio.gather(*(client.settle() for client in self.clients))
            while not self._rests():  # noqa: ASYNC110 - nobody tells when nothing happens any more
                await asyncio.sleep(LOOK_S)
        operator.cancel()
        for process in (*self.servers, *self.projectors):
            process.kill()

    def _rests(self) -> bool:
        there = self._there
        if len(there) != 1 or not there[0].writers.open or not there[0].workflow.idle:
            return False
        return len(living(self.projectors)) == 1 and self._all_is_shown

    @property
    def _all_is_shown(self) -> bool:
        """Whether the views have come to the end of every partition."""
        places = self.views.committed.places
        ends = {number: len(stored(self.broker, number)) for number in range(self.plan.partitions)}
        return ends == {number: place.sequence for number, place in places.items()}

    async def _operate(self) -> None:
        """Start a process where none is left."""
        while True:
            await asyncio.sleep(self.luck.uniform(0, RESTART_S))
            if not self._there:
                self._start()
            if not living(self.projectors):
                self._start_projector()

    def _start(self) -> None:
        name = self._new_name("server")
        self.servers = [*self._there, ServerProcess(self, name, Random(self.luck.getrandbits(32)))]

    def _start_projector(self) -> None:
        name = self._new_name("projector")
        self.projectors = [*living(self.projectors), ProjectorProcess(self, name, Random(self.luck.getrandbits(32)))]

    def _new_name(self, kind: str) -> str:
        self._made += 1
        name = f"{kind}-{self._made}"
        self.trace.add(name, "starts")
        return name

    async def _strike(self, fault: faults.PlannedFault) -> None:
        await asyncio.sleep(fault.at)
        luck = Random(fault.chance)
        if fault.kind in faults.OF_ONE_CALL:
            self._plan_call(luck, fault.kind)
        elif fault.kind in ONE_REQUEST:
            self.door.planned[fault.kind] += 1
        elif fault.kind in AT_COMMIT:
            self._plan_commit(luck, fault.kind)
        elif fault.kind in faults.FAULTS_THAT_LAST:
            await self._last(luck, fault)
        else:
            await self._strike_once(luck, fault.kind)

    def _plan_call(self, luck: Random, kind: FaultKind) -> None:
        server = some(luck, self.servers)
        if server is not None:
            call, what = faults.OF_ONE_CALL[kind]
            setattr(server.log.faults, f"next_{call}", what)

    def _plan_commit(self, luck: Random, kind: FaultKind) -> None:
        projector = some(luck, self.projectors)
        if projector is not None:
            projector.views.next_commit = AT_COMMIT[kind]

    async def _strike_once(self, luck: Random, kind: FaultKind) -> None:
        if kind in OF_A_SERVER:
            server = some(luck, self.servers)
            if server is None:
                return
            OF_A_SERVER[kind](server, luck)
        elif kind in OF_A_PROJECTOR:
            projector = some(luck, self.projectors)
            if projector is None:
                return
            OF_A_PROJECTOR[kind](projector)
        else:
            await self._of_what_is_kept()[kind](luck, luck.randrange(self.plan.partitions))
        self.trace.count("fault", kind)

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
        self._start()

    async def _start_second_projector(self, _luck: Random, _partition: int) -> None:
        self._start_projector()

    async def _lose_views(self, luck: Random, _partition: int) -> None:
        await self.views.go_back(luck)

    async def _lose_index(self, luck: Random, partition: int) -> None:
        self.index.lose(partition, luck.randint(0, (await self.index.mark(partition)).sequence))

    async def _spoil_snapshot(self, luck: Random, _partition: int) -> None:
        """One is of another form, or another article's."""
        known = await self.snapshots.load([stock_stream(sku, MAIN) for sku in SKUS])
        for stream in sorted(known)[:1]:
            other = known[luck.choice(sorted(known))]
            self.snapshots.spoil(replace(luck.choice((replace(known[stream], state=b"{}"), other)), stream=stream))

    async def _lose_checkpoint(self, luck: Random, partition: int) -> None:
        known = await self.checkpoints.load(partition)
        await self.checkpoints.forget(partition)
        older = WorkflowCheckpoint(luck.randint(0, known.sequence), known.first_event_id)
        await self.checkpoints.save(partition, older)

    async def _last(self, luck: Random, fault: faults.PlannedFault) -> None:
        begin, end = self._lasting(luck, fault.kind)
        self.trace.count("fault", fault.kind)
        begin()
        await asyncio.sleep(fault.lasts)
        end()
        self.trace.add("over", fault.kind)

    def _lasting(self, luck: Random, kind: FaultKind) -> tuple[Callable[[], None], Callable[[], None]]:
        """How it begins and how it ends."""
        partition = luck.randrange(self.plan.partitions)
        if kind in (FaultKind.FREEZE, FaultKind.PROJECTOR_FREEZE):
            process = some(luck, self.servers if kind is FaultKind.FREEZE else self.projectors)
            name = "" if process is None else process.name
            return (lambda: self.loop.freeze(name) if name else None), lambda: self.loop.thaw(name)
        if kind is FaultKind.LATE_VISIBILITY:
            return (lambda: self.broker.hide(partition)), lambda: self.broker.show(partition)
        if kind is FaultKind.INDEX_READ_ONLY:
            return (lambda: setattr(self.index, "unwritable", True)), lambda: setattr(self.index, "unwritable", False)
        ails, name = self._weather(kind)
        return (lambda: ails.update([name])), lambda: ails.subtract([name])

    def _weather(self, kind: FaultKind) -> tuple[Counter[str], str]:
        return {
            FaultKind.LOG_AWAY: (self.weather.away, "log"),
            FaultKind.LOG_SLOW: (self.weather.slow, "log"),
            FaultKind.INDEX_AWAY: (self.weather.away, "index"),
            FaultKind.INDEX_SLOW: (self.weather.slow, "index"),
            FaultKind.VIEWS_AWAY: (self.weather.away, "views"),
            FaultKind.VIEWS_SLOW: (self.weather.slow, "views"),
        }[kind]

    @property
    def _there(self) -> list[ServerProcess]:
        """Servers that have not ended."""
        return living(self.servers)


def living(processes: Sequence[P]) -> list[P]:
    """Those that have not ended."""
    return [process for process in processes if not process.gone]


def some(luck: Random, processes: Sequence[P]) -> P | None:
    """One of those that have not ended."""
    there = living(processes)
    return luck.choice(there) if there else None


def stored(broker: MemoryBroker, partition: int) -> list[Stored]:
    """Every record that is committed in a partition."""
    return [entry for entry in broker.partition(partition).entries if isinstance(entry, Stored)]


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
