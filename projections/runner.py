"""The projector: reads every partition once and keeps every view up to date, exactly once in effect.

Decides: how events are gathered into transactions, and that a partition which cannot go on stops alone. Must not know:
what any view shows, how a transaction is written.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final

from projections.applying import OUTAGE, Applier
from projections.reading import Halt, Portion, Reader, pauses, shortened
from projections.rebuild import EVENTS_PER_TRANSACTION, rebuild_missing
from projections.registry import VIEWS
from streams.log import LogError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from projections.view import View
    from streams.log import Log

logger = logging.getLogger(__name__)

QUEUED_PORTIONS: Final = 16
HEARTBEAT_S: Final = 1.0


class Projector:
    """Keeps `views` up to date from `log` in the database at `url`. Run it once; start another after it has ended."""

    def __init__(self, log: Log, url: str, *, views: Sequence[View] = VIEWS, owner: str = "projector") -> None:
        self._log = log
        self._url = url
        self._views = tuple(views)
        self._owner = owner
        self._queue: asyncio.Queue[Portion | Halt] = asyncio.Queue(QUEUED_PORTIONS)
        self._readers: dict[int, Reader] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._applier = Applier(url, self._views)
        self._beaten_at = 0.0

    async def run(self) -> None:
        """Until cancelled. Raises `Superseded` when another projector has taken over: then stop, do not restart."""
        try:
            await self._take_over()
            while True:
                await self._step()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            await self._applier.close()

    async def _take_over(self) -> None:
        waits = pauses()
        while True:
            try:
                await rebuild_missing(self._log, self._url, self._views)
                return await self._begin()
            except (*OUTAGE, LogError) as error:
                logger.warning("the projector cannot begin yet: %s", type(error).__name__)
                await asyncio.sleep(next(waits))

    async def _begin(self) -> None:
        found = await self._applier.claim(self._log.partitions, self._owner)
        halts = {checkpoint.partition: await shortened(self._log, checkpoint) for checkpoint in found}
        for checkpoint in found:
            halt = halts[checkpoint.partition]
            if halt is not None:
                await self._applier.halt(halt)
                continue
            reader = Reader(self._log, checkpoint, self._queue)
            self._readers[reader.partition] = reader
            self._tasks[reader.partition] = asyncio.create_task(reader.run())

    async def _step(self) -> None:
        gathered = await self._gather()
        portions = _joined(item for item in gathered if isinstance(item, Portion) and item.partition in self._readers)
        halts = [item for item in gathered if isinstance(item, Halt)]
        if portions:
            halts += await self._applier.apply(portions)
        for halt in halts:
            self._readers.pop(halt.partition, None)
            self._tasks[halt.partition].cancel()
            await self._applier.halt(halt)
        await self._beat()

    async def _gather(self) -> list[Portion | Halt]:
        """Whatever is queued, at once; nothing when nothing came for a heartbeat."""
        gathered: list[Portion | Halt] = []
        try:
            gathered.append(await asyncio.wait_for(self._queue.get(), HEARTBEAT_S))
        except TimeoutError:
            return gathered
        while not self._queue.empty() and _events(gathered) < EVENTS_PER_TRANSACTION:
            gathered.append(self._queue.get_nowait())
        return gathered

    async def _beat(self) -> None:
        for task in self._tasks.values():
            if task.done() and not task.cancelled():
                task.result()
        if self._queue.empty() and time.monotonic() - self._beaten_at >= HEARTBEAT_S:
            self._beaten_at = time.monotonic()
            await self._applier.caught_up([reader.partition for reader in self._readers.values() if reader.reachable])


def _events(gathered: Iterable[Portion | Halt]) -> int:
    return sum(len(item.records) for item in gathered if isinstance(item, Portion))


def _joined(portions: Iterable[Portion]) -> list[Portion]:
    """One portion per partition: what follows on one another in the queue follows on one another in the log."""
    joined: dict[int, Portion] = {}
    for portion in portions:
        earlier = joined.get(portion.partition)
        joined[portion.partition] = (
            portion if earlier is None else Portion(earlier.before, portion.after, earlier.records + portion.records)
        )
    return list(joined.values())
