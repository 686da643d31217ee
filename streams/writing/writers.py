"""All partitions that this process owns, as one place to send commands to.

Decides: which partition a stream belongs to. Must not know: HTTP, what a command means.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from domain.stream_names import partition_of
from streams.writing.callers import answered
from streams.writing.partition import Partition
from streams.writing.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from streams.log import ClaimRecord, Log
    from streams.writing.partition import Company
    from streams.writing.submission import Answer, Submission
    from streams.writing.writer import Lookups

DEADLINE_S: Final = 10.0
"""How long a caller from outside waits for an answer."""

TOKEN_BYTES: Final = 16
"""128 random bits in a tracking link."""


def _now() -> datetime:
    return datetime.now(UTC)


def _token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


@dataclass(frozen=True, slots=True)
class Edge:
    """What comes from outside the log: time, tracking tokens, and how long a caller waits."""

    clock: Callable[[], datetime] = field(default=_now)
    token: Callable[[], str] = field(default=_token)
    deadline_s: float = DEADLINE_S


class Writers:
    """One `Writer` per partition. `run` owns them until cancelled."""

    def __init__(
        self, log: Log, lookups: Lookups, company: Company, claim_record: ClaimRecord, edge: Edge | None = None
    ) -> None:
        edge = edge or Edge()
        self.partitions = log.partitions
        self._deadline_s = edge.deadline_s
        self.all = tuple(
            Writer(Partition(number, company, clock=edge.clock, token=edge.token), log, lookups, claim_record)
            for number in range(log.partitions)
        )

    async def run(self) -> None:
        """Own every partition; ends with the first error of any of them, e.g. `Fenced`."""
        tasks = [asyncio.create_task(writer.run(), name=f"writer {writer.partition.number}") for writer in self.all]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
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

    def of(self, stream: str) -> Writer:
        """The writer of a stream's partition."""
        return self.all[partition_of(stream, self.partitions)]

    async def submit(self, submission: Submission) -> Answer:
        """Execute a command from outside. Raises a `Rejected` of the domain or a `WriteError`."""
        return await answered(self.of(submission.stream).submit(submission), self._deadline_s)

    def submit_workflow(self, submission: Submission) -> asyncio.Future[Answer]:
        """Queue a workflow's command; its answer, when it is known."""
        return self.of(submission.stream).submit_workflow(submission).answer
