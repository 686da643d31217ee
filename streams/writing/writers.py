"""All partitions that this process owns, as one place to send commands to.

Decides: which partition a stream belongs to. Must not know: HTTP, what a command means.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from domain.stream_names import partition_of
from streams.metrics import WORKFLOW_BEHIND
from streams.runtime import Runtime
from streams.writing.budget import Budget
from streams.writing.callers import answered
from streams.writing.memory import Memory
from streams.writing.pace import Pace
from streams.writing.partition import Partition
from streams.writing.queues import Queues
from streams.writing.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.log import ClaimRecord, Log
    from streams.writing.lookup import Lookups
    from streams.writing.partition import Company
    from streams.writing.submission import CommandResult, Submission


class Writers:
    """One `Writer` per partition. `run` owns them until cancelled."""

    def __init__(
        self, log: Log, lookups: Lookups, company: Company, claim_record: ClaimRecord, runtime: Runtime | None = None
    ) -> None:
        self.runtime = runtime or Runtime()
        self.partitions = log.partitions
        self._limits = limits = self.runtime.limits
        memory = Memory(limits)
        budget = Budget(limits.batch_reactions, limits.reactions_s)
        WORKFLOW_BEHIND.set_function(self._behind)
        pace = Pace(limits.behind, limits.spare_reactions, self._behind)
        partitions = [Partition(number, company, self.runtime, memory) for number in range(log.partitions)]
        self.all = tuple(
            Writer(partition, log, lookups, claim_record, Queues(limits, log.partitions, budget, pace))
            for partition in partitions
        )

    async def run(self) -> None:
        """Own every partition; ends with the first error of any of them, e.g. `TakenOver`.

        When cancelled, every batch that is under way is finished and answered first, if it takes no longer than 8 s.
        """
        tasks = [asyncio.create_task(writer.run(), name=f"writer {writer.partition.number}") for writer in self.all]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task, writer in zip(tasks, self.all, strict=True):
                writer.stop()
                if not writer.ready.is_set():
                    task.cancel()
            await asyncio.wait(tasks, timeout=self._limits.stop_s)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def opened(self) -> None:
        """Return once every partition is open."""
        for writer in self.all:
            await writer.ready.wait()

    @property
    def open(self) -> bool:
        """Whether every partition is open now."""
        return all(writer.ready.is_set() for writer in self.all)

    @property
    def index_away(self) -> bool:
        """Whether commands for what is not in memory are put off, in any partition, until the index answers."""
        return any(writer.index_away for writer in self.all)

    @property
    def parked(self) -> Mapping[str, str]:
        """Streams whose records cannot be read, each with the reason; everything else goes on."""
        return {stream: why for writer in self.all for stream, why in writer.partition.parked.items()}

    def of(self, stream: str) -> Writer:
        """The writer of a stream's partition."""
        return self.all[partition_of(stream, self.partitions)]

    async def submit(self, submission: Submission) -> CommandResult:
        """Execute a command from outside. Raises a `Rejected` of the domain or a `WriteError`."""
        return await answered(self.of(submission.stream).queue(submission), self._limits.answer_s)

    def submit_workflow(self, submission: Submission) -> asyncio.Future[CommandResult]:
        """Queue a workflow's command; its answer, when it is known."""
        return self.of(submission.stream).queue_workflow(submission).answer

    def _behind(self) -> int:
        return sum(writer.behind for writer in self.all)
