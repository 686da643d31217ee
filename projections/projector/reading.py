"""Reading one partition for the projector, for as long as there is a log.

Decides: that an outage is waited out, and that a record which cannot be read or does not follow on the one before stops
the partition loudly. Must not know: what the events mean, where rows go, whose log it is.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from projections.checkpoints import Checkpoint
from projections.projector.fold_batch import HistoryChanged
from projections.projector.history import ends_before
from streams.log import LogUnavailable, LogUnfit
from streams.record import UnknownType, Unreadable, decode, identity_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from domain.recorded import Recorded
    from streams.log import Batch, Bookmark, Log

logger = logging.getLogger(__name__)

PAUSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts, growing; the last one repeats."""

LOOK_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """Events of one partition, and the place after them. `before` is where they go on from."""

    before: Checkpoint
    after: Checkpoint
    records: tuple[Recorded[Any], ...]

    @property
    def partition(self) -> int:
        """Where the events are from."""
        return self.before.partition


@dataclass(frozen=True, slots=True)
class Halt:
    """A partition that is read no further, and why."""

    partition: int
    why: str


def pauses() -> Iterator[float]:
    """Seconds to wait before each next attempt, for ever."""
    yield from PAUSES
    while True:
        yield PAUSES[-1]


async def portions(log: Log, start: Checkpoint, upto: Bookmark | None = None) -> AsyncGenerator[Fetched]:
    """Decoded portions from a checkpoint on; raises `UnknownType`, `Unreadable`, `HistoryChanged` and log errors."""
    async with aclosing(log.read(start.partition, start.bookmark, upto)) as batches:
        async for batch in batches:
            portion = _portion(start, batch)
            yield portion
            start = portion.after


@dataclass(frozen=True, slots=True)
class Look:
    """Where everything that was written ended, readable or not, and when we looked (seconds of the monotonic clock)."""

    end: Bookmark
    at: float


class PartitionReader:
    """Fills a queue with one partition's portions until it is cancelled, or until the partition has to stop."""

    def __init__(
        self, log: Log, start: Checkpoint, queue: asyncio.Queue[Fetched | Halt], clock: Callable[[], float]
    ) -> None:
        self.partition = start.partition
        self.look: Look | None = None
        """The newest look at the end; None before the first."""
        self._log = log
        self._next = start
        self._queue = queue
        self._clock = clock

    async def run(self) -> None:
        """Read for ever, through outages."""
        waits = pauses()
        while True:
            try:
                async with aclosing(portions(self._log, self._next)) as found:
                    async for portion in found:
                        await self._queue.put(portion)
                        self._next, waits = portion.after, pauses()
            except (UnknownType, Unreadable, LogUnfit) as error:
                await self._queue.put(Halt(self.partition, str(error)))
                return
            except LogUnavailable as error:
                logger.warning("partition %d cannot be read for now: %s", self.partition, error)
            except Exception as error:
                logger.exception("partition %d holds a record that our own code stumbles over", self.partition)
                behind = f"after sequence {self._next.sequence}"
                await self._queue.put(Halt(self.partition, f"a record {behind} cannot be read: {type(error).__name__}"))
                return
            await asyncio.sleep(next(waits))

    async def watch(self) -> None:
        """Look where the partition ends, again and again: whoever has applied that much had everything then.

        Ends with a halt where the log has become shorter than what was read of it.
        """
        while True:
            with suppress(LogUnavailable):
                at, read = self._clock(), self._next
                written = await self._log.written(self.partition)
                if written < read.bookmark:
                    await self._queue.put(Halt(self.partition, ends_before(read)))
                    return
                self.look = Look(written, at)
            await asyncio.sleep(LOOK_S)


def following(before: Checkpoint, batch: Batch) -> Checkpoint:
    """The place after a batch; raises `HistoryChanged` unless every record follows on the one before it."""
    if batch.next < before.bookmark:
        raise HistoryChanged(ends_before(before))
    for expected, stored in enumerate(batch.records, start=before.sequence + 1):
        if stored.sequence != expected:
            raise HistoryChanged(
                f"history changed: partition {before.partition} goes on with sequence {stored.sequence} where "
                f"{expected} is due"
            )
    if not batch.records:
        return Checkpoint(before.partition, batch.next, before.sequence, before.event_id)
    return Checkpoint(before.partition, batch.next, *identity_of(batch.records[-1]))


def _portion(before: Checkpoint, batch: Batch) -> Fetched:
    records = tuple(decode(stored, before.partition) for stored in batch.records)
    return Fetched(before, following(before, batch), records)
