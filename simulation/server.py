"""One server process in a world: writers of all partitions and the workflow, until it is stopped or killed.

Decides: that a crash cuts the process's wires before its tasks hear of it. Must not know: who asks what.
"""

from __future__ import annotations

import contextvars
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from commands.workflow_runner import WorkflowRunner
from simulation.door import Lost
from simulation.faults import CountedFaults
from simulation.loop import PROCESS
from simulation.ports import AtTheEnd, Wire
from streams.index import IndexUnavailable
from streams.log import ClaimRecord, LogUnavailable
from streams.memory.log import MemoryLog
from streams.runtime import Limits, Runtime
from streams.together import until_one_ends
from streams.writing.lookup import Lookups
from streams.writing.partition import Company
from streams.writing.writers import Writers

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine
    from datetime import datetime

    from commands.workflow_checkpoint import WorkflowCheckpoints
    from simulation.door import PendingAnswer
    from simulation.world import World
    from streams.index import Index
    from streams.log import Log
    from streams.snapshots import Snapshots

COMPANY: Final = "simulated"
NUMBER_PREFIX: Final = "S"
LIMITS: Final = Limits(
    answer_s=4.0,
    idle_s=1.5,
    stop_s=2.0,
    stream_bytes=60_000,
    trace_bytes=4_000,
    recent_bytes=60_000,
    snapshot_events=7,
    read_events=20,
    open_reactions=60,
    flush_records=20,
)
"""Small: what a company meets in a year is met in a minute."""


@dataclass
class ServerProcess:
    """A process."""

    world: World
    name: str
    luck: Random
    skew: timedelta = timedelta()
    """By how much its clock is wrong."""
    gone: bool = False
    asked: list[PendingAnswer] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._context = contextvars.copy_context()
        self._context.run(PROCESS.set, self.name)
        world = self.world
        self.log = MemoryLog(world.broker, CountedFaults(world.trace))
        log = cast("Log", AtTheEnd(self.log, self._wire("log", LogUnavailable)))
        index = cast("Index", AtTheEnd(world.index, self._wire("index", IndexUnavailable)))
        snapshots = cast("Snapshots", AtTheEnd(world.snapshots, self._wire("index", IndexUnavailable)))
        checkpoints = cast("WorkflowCheckpoints", AtTheEnd(world.checkpoints, self._wire("index", IndexUnavailable)))
        runtime = Runtime(self._clock, world.loop.time, self._new_id, self._token, LIMITS)
        company = Company(COMPANY, NUMBER_PREFIX, world.plan.partitions)
        named = {"owner": self.name, "instance": self.name, "company": COMPANY, "number_prefix": NUMBER_PREFIX}
        record = ClaimRecord(**named, training=True, partitions=world.plan.partitions, hash_name="crc32", data_format=2)
        self.writers = Writers(log, Lookups(index, snapshots), company, record, runtime)
        self.workflow = WorkflowRunner(self.writers, index, checkpoints)
        self._main = self.begin(until_one_ends(self.workflow.run(), self.writers.run()))
        self._main.add_done_callback(self._ended)

    def begin(self, what: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Something that runs in this process."""
        return self.world.loop.create_task(what, context=self._context.copy())

    def stop(self) -> None:
        """Ask it to end, as SIGTERM does."""
        self._main.cancel()

    def kill(self) -> None:
        """It is gone at once."""
        self.gone = True
        for wire in self.wires:
            wire.cut = True
        self.log.crash()
        for task in self.world.loop.tasks_of(self.name):
            task.cancel()
        self._hang_up()

    def _ended(self, main: asyncio.Task[None]) -> None:
        if self.gone:
            return
        self.gone = True
        error = None if main.cancelled() else main.exception()
        self.world.ended(self, error)
        self._hang_up()

    def _hang_up(self) -> None:
        for heard in self.asked:
            if not heard.done():
                heard.set_exception(Lost())

    def _wire(self, name: str, away: type[Exception]) -> Wire:
        wire = Wire(self.name, name, away, self.luck, self.world.trace, self.world.weather)
        self.wires.append(wire)
        return wire

    def _clock(self) -> datetime:
        return self.world.now() + self.skew

    def _new_id(self) -> UUID:
        return UUID(int=self.luck.getrandbits(128))

    def _token(self) -> str:
        return f"{self.luck.getrandbits(128):032x}"
