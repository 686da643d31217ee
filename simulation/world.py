"""One world: a log, an index and what is kept beside it, servers on them, clients before them, and faults among them.

Decides: that after the last fault everything comes to rest. Must not know: what is right (`checks.py`).
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Final

from commands.workflow_checkpoint import MemoryWorkflowCheckpoints
from domain.stream_names import partition_of
from projections.checkpoints import Superseded
from simulation.client import Client
from simulation.door import Door
from simulation.loop import SimulationLoop
from simulation.ports import Weather
from simulation.process import living
from simulation.projector import ProjectorProcess, RememberedViews
from simulation.server import ServerProcess
from simulation.trace import WorldTrace
from simulation.trouble import Trouble
from streams.log import Stored, TakenOver
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker
from streams.snapshots import MemorySnapshots

if TYPE_CHECKING:
    from domain.order.state import Order
    from simulation.client import ClientCommand
    from simulation.plan import WorldPlan
    from streams.writing.submission import CommandResult

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
        self.told: list[tuple[ClientCommand, CommandResult | Exception | None]] = []
        """Every question that a client asked (None), and every answer, in the order of what happened."""
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
        self.start()
        self.start_projector()
        operator = self.loop.create_task(self._operate())
        trouble = Trouble(self)
        strikes = [self.loop.create_task(trouble.strike(fault)) for fault in self.plan.faults]
        await asyncio.gather(*(client.run(self.plan.turns_of(client.number)) for client in self.clients))
        await asyncio.gather(*strikes)
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
                self.start()
            if not living(self.projectors):
                self.start_projector()

    def start(self) -> None:
        """One more server."""
        name = self._new_name("server")
        self.servers = [*self._there, ServerProcess(self, name, Random(self.luck.getrandbits(32)))]

    def start_projector(self) -> None:
        """One more projector."""
        name = self._new_name("projector")
        self.projectors = [*living(self.projectors), ProjectorProcess(self, name, Random(self.luck.getrandbits(32)))]

    def _new_name(self, kind: str) -> str:
        self._made += 1
        name = f"{kind}-{self._made}"
        self.trace.add(name, "starts")
        return name

    @property
    def _there(self) -> list[ServerProcess]:
        """Servers that have not ended."""
        return living(self.servers)


def stored(broker: MemoryBroker, partition: int) -> list[Stored]:
    """Every record that is committed in a partition."""
    return [entry for entry in broker.partition(partition).entries if isinstance(entry, Stored)]
