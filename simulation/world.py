"""One world: a log, an index and what is kept beside it, servers on them, clients before them, and faults among them.

Decides: how a fault of the plan is brought about, and that after the last one everything comes to rest. Must not know:
what is right (`checks.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Final

from commands.workflow_checkpoint import MemoryWorkflowCheckpoints, WorkflowCheckpoint
from domain.stream_names import partition_of, stock_stream
from domain.values import MAIN
from simulation import faults
from simulation.client import Client
from simulation.door import Door
from simulation.faults import FaultKind
from simulation.loop import SimulationLoop
from simulation.people import SKUS
from simulation.ports import Weather
from simulation.server import ServerProcess
from simulation.trace import WorldTrace
from streams.log import TakenOver
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker
from streams.snapshots import MemorySnapshots

if TYPE_CHECKING:
    from collections import Counter

    from domain.order.state import Order
    from simulation.plan import WorldPlan

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
        self.weather = Weather()
        self.door = Door(self, Random(plan.seed ^ 0xD00B))
        self.clients = [Client(self, number) for number in plan.clients]
        self.orders: dict[str, Order] = {}
        """Every order that a client was told of, as it was told last."""
        self.servers: list[ServerProcess] = []
        self.ends: list[BaseException] = []
        """What servers ended with that should not have."""
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

    def ended(self, server: ServerProcess, error: BaseException | None) -> None:
        """A server ended by itself, or because it was asked to."""
        self.trace.count("end", "asked to" if error is None else type(error).__name__)
        if error is not None and not isinstance(error, TakenOver):
            self.ends.append(error)
        self.trace.add(server.name, "ended")

    async def _life(self) -> None:
        self._start()
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
        for server in self.servers:
            server.kill()

    def _rests(self) -> bool:
        there = self._there
        return len(there) == 1 and there[0].writers.open and there[0].workflow.idle

    async def _operate(self) -> None:
        """Start a server where none is left."""
        while True:
            await asyncio.sleep(self.luck.uniform(0, RESTART_S))
            if not self._there:
                self._start()

    def _start(self) -> None:
        self._made += 1
        name = f"server-{self._made}"
        self.trace.add(name, "starts")
        self.servers = [*self._there, ServerProcess(self, name, Random(self.luck.getrandbits(32)))]

    async def _strike(self, fault: faults.PlannedFault) -> None:
        await asyncio.sleep(fault.at)
        luck = Random(fault.chance)
        if fault.kind in faults.OF_ONE_CALL:
            self._plan_call(luck, fault.kind)
        elif fault.kind in ONE_REQUEST:
            self.door.planned[fault.kind] += 1
        elif fault.kind in faults.FAULTS_THAT_LAST:
            await self._last(luck, fault)
        else:
            await self._strike_once(luck, fault.kind)

    def _plan_call(self, luck: Random, kind: FaultKind) -> None:
        server = self._some(luck)
        if server is not None:
            call, what = faults.OF_ONE_CALL[kind]
            setattr(server.log.faults, f"next_{call}", what)

    async def _strike_once(self, luck: Random, kind: FaultKind) -> None:
        if kind in OF_A_SERVER:
            server = self._some(luck)
            if server is None:
                return
            OF_A_SERVER[kind](server, luck)
        else:
            await self._of_what_is_kept()[kind](luck, luck.randrange(self.plan.partitions))
        self.trace.count("fault", kind)

    def _of_what_is_kept(self) -> Mapping[FaultKind, Callable[[Random, int], Awaitable[None]]]:
        return {
            FaultKind.SECOND: self._start_second,
            FaultKind.INDEX_OLDER: self._lose_index,
            FaultKind.SNAPSHOT_WRONG: self._spoil_snapshot,
            FaultKind.CHECKPOINT_OLDER: self._lose_checkpoint,
        }

    async def _start_second(self, _luck: Random, _partition: int) -> None:
        self._start()

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
        partition, server = luck.randrange(self.plan.partitions), self._some(luck)
        if kind is FaultKind.FREEZE:
            name = "" if server is None else server.name
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
        }[kind]

    def _some(self, luck: Random) -> ServerProcess | None:
        there = self._there
        return luck.choice(there) if there else None

    @property
    def _there(self) -> list[ServerProcess]:
        """Servers that have not ended."""
        return [server for server in self.servers if not server.gone]


def _put_clock_wrong(server: ServerProcess, luck: Random) -> None:
    server.skew = timedelta(seconds=luck.uniform(-3_600, 3_600))


OF_A_SERVER: Final[Mapping[FaultKind, Callable[[ServerProcess, Random], None]]] = {
    FaultKind.CRASH: lambda server, _: server.kill(),
    FaultKind.STOP: lambda server, _: server.stop(),
    FaultKind.CLOCK_JUMPS: _put_clock_wrong,
}
"""What strikes a server at once."""

ONE_REQUEST: Final = {FaultKind.REQUEST_LOST, FaultKind.ANSWER_LOST, FaultKind.REQUEST_DOUBLED}
"""What strikes one of the next requests."""
