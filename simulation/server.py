"""One server process in a world: writers of all partitions and the workflow, until it is stopped or killed.

Must not know: who asks what.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID

from typing_extensions import override

from commands.workflow_runner import WorkflowRunner
from simulation.door import Lost
from simulation.faults import CountedFaults
from simulation.ports import AtTheEnd
from simulation.process import SimulatedProcess
from streams.index import IndexUnavailable
from streams.log import ClaimRecord, LogUnavailable
from streams.memory.log import MemoryLog
from streams.runtime import Limits, Runtime
from streams.together import until_one_ends
from streams.writing.lookup import Lookups
from streams.writing.partition import Company
from streams.writing.writers import Writers

if TYPE_CHECKING:
    from datetime import datetime

    from commands.workflow_checkpoint import WorkflowCheckpoints
    from simulation.door import PendingAnswer
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
class ServerProcess(SimulatedProcess):
    """A process."""

    skew: timedelta = timedelta()
    """By how much its clock is wrong."""
    asked: list[PendingAnswer] = field(default_factory=list)

    @override
    def __post_init__(self) -> None:
        super().__post_init__()
        world = self.world
        self.log = MemoryLog(world.broker, CountedFaults(world.trace))
        log = cast("Log", AtTheEnd(self.log, self.wire("log", LogUnavailable)))
        index = cast("Index", AtTheEnd(world.index, self.wire("index", IndexUnavailable)))
        snapshots = cast("Snapshots", AtTheEnd(world.snapshots, self.wire("index", IndexUnavailable)))
        checkpoints = cast("WorkflowCheckpoints", AtTheEnd(world.checkpoints, self.wire("index", IndexUnavailable)))
        runtime = Runtime(self._clock, world.loop.time, self._new_id, self._token, LIMITS)
        company = Company(COMPANY, NUMBER_PREFIX, world.plan.partitions)
        named = {"owner": self.name, "instance": self.name, "company": COMPANY, "number_prefix": NUMBER_PREFIX}
        record = ClaimRecord(**named, training=True, partitions=world.plan.partitions, hash_name="crc32", data_format=2)
        self.writers = Writers(log, Lookups(index, snapshots), company, record, runtime)
        self.workflow = WorkflowRunner(self.writers, index, checkpoints)
        self.live(until_one_ends(self.workflow.run(), self.writers.run()))

    @override
    def die(self) -> None:
        self.log.crash()

    @override
    def hang_up(self) -> None:
        for heard in self.asked:
            if not heard.done():
                heard.set_exception(Lost())

    def _clock(self) -> datetime:
        return self.world.now() + self.skew

    def _new_id(self) -> UUID:
        return UUID(int=self.luck.getrandbits(128))

    def _token(self) -> str:
        return f"{self.luck.getrandbits(128):032x}"
