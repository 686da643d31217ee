"""The projector: reads every partition once and keeps every view up to date, exactly once in effect.

Decides: how events are gathered into transactions, and that a partition which cannot go on stops alone. Must not know:
what any view shows, how a transaction is written.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from projections.checkpoints import Displaced
from projections.projector.history import contradiction
from projections.projector.reading import Fetched, Halt, PartitionReader, pauses
from projections.projector.transaction import Applier
from projections.projector.view_store import ViewsAway
from projections.registry import VIEWS
from streams.log import LogUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from projections.projector.view_store import ViewStore
    from projections.view import View
    from streams.log import Bookmark, Log

logger = logging.getLogger(__name__)

QUEUED_PORTIONS: Final = 4
EVENTS_PER_TRANSACTION: Final = 2_000
LONGEST_REST_S: Final = 0.05
HEARTBEAT_S: Final = 1.0
FIRST_HEARTBEAT_S: Final = 0.05  # whoever starts the system waits for the views to call themselves fresh


@dataclass(frozen=True, slots=True)
class Rests:
    """By which clock the projector measures its rests, and how it rests."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


RESTS: Final = Rests()


class Projector:
    """Keeps `views` up to date from `log` in `store`. Run it once; start another after it has ended.

    `owner` is unique to one run of one process.
    """

    def __init__(
        self,
        log: Log,
        store: ViewStore,
        *,
        views: Sequence[View] = VIEWS,
        rests: Rests = RESTS,
        owner: str | None = None,
    ) -> None:
        self._log = log
        self._store = store
        self._rests = rests
        self._owner = owner or f"projector {secrets.token_hex(8)}"
        self._queue: asyncio.Queue[Fetched | Halt] = asyncio.Queue(QUEUED_PORTIONS)
        self._readers: dict[int, PartitionReader] = {}
        self._tasks: dict[int, tuple[asyncio.Task[None], ...]] = {}
        self._applied: dict[int, Bookmark] = {}
        self._applier = Applier(store, views)
        self._beaten_at = 0.0
        self._rested_at = 0.0

    async def run(self) -> None:
        """Until cancelled. Raises `Superseded` when another projector has taken over: then stop, do not restart."""
        try:
            while True:
                await self._take_over()
                await self._project()
        finally:
            await self._leave_all()
            await self._store.close()

    async def _project(self) -> None:
        """Until the database is found to be no longer as we left it: what it holds is true, and read on from."""
        try:
            while True:
                await self._step()
        except Displaced as displaced:
            logger.warning("the projector goes on from what PostgreSQL holds: %s", displaced)
            await self._leave_all()

    async def _take_over(self) -> None:
        waits = pauses()
        while True:
            try:
                await self._store.prepare(self._log)
                return await self._begin()
            except (ViewsAway, LogUnavailable) as error:
                logger.warning("the projector cannot begin yet: %s: %s", type(error).__name__, error)
                await asyncio.sleep(next(waits))

    async def _begin(self) -> None:
        found = await self._applier.claim(self._log.partitions, self._owner)
        contradictions = [await contradiction(self._log, checkpoint) for checkpoint in found]
        for checkpoint, why in zip(found, contradictions, strict=True):
            if why is not None:
                await self._applier.halt(Halt(checkpoint.partition, why))
                continue
            reader = PartitionReader(self._log, checkpoint, self._queue, self._rests.clock)
            self._readers[reader.partition] = reader
            self._applied[reader.partition] = checkpoint.bookmark
            self._tasks[reader.partition] = (asyncio.create_task(reader.run()), asyncio.create_task(reader.watch()))

    async def _step(self) -> None:
        gathered = await self._gather()
        portions = _joined(item for item in gathered if isinstance(item, Fetched) and item.partition in self._readers)
        halts = [item for item in gathered if isinstance(item, Halt)]
        if portions:
            began = self._rests.clock()
            halts += await self._applier.apply(portions)
            ended = self._rests.clock()
            self._rested_at = ended + min(ended - began, LONGEST_REST_S)
            self._applied |= {portion.partition: portion.after.bookmark for portion in portions}
        for halt in halts:
            await self._leave(halt.partition)
            await self._applier.halt(halt)
        await self._beat()

    async def _leave_all(self) -> None:
        for partition in tuple(self._tasks):
            await self._leave(partition)
        self._queue = asyncio.Queue(QUEUED_PORTIONS)
        self._beaten_at = 0.0

    async def _leave(self, partition: int) -> None:
        self._readers.pop(partition, None)
        tasks = self._tasks.pop(partition, ())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _gather(self) -> list[Fetched | Halt]:
        """Whatever is queued; nothing when nothing came for a heartbeat.

        It rests as long as the last transaction took: under load transactions are fewer and larger, which costs less an
        event, and who looks at a view waits a moment longer. An event that comes alone is shown at once.
        """
        gathered: list[Fetched | Halt] = []
        try:
            wait_s = HEARTBEAT_S if self._beaten_at else FIRST_HEARTBEAT_S
            async with asyncio.timeout(wait_s):
                gathered.append(await self._queue.get())
        except TimeoutError:
            return gathered
        await self._rests.sleep(max(0.0, self._rested_at - self._rests.clock()))
        while not self._queue.empty() and _events(gathered) < EVENTS_PER_TRANSACTION:
            gathered.append(self._queue.get_nowait())
        return gathered

    async def _beat(self) -> None:
        """Let a bug in a reader surface, and note since when each partition has had everything."""
        for task in (task for tasks in self._tasks.values() for task in tasks if task.done()):
            task.result()
        now = self._rests.clock()
        if now - self._beaten_at >= HEARTBEAT_S:
            looks = {partition: reader.look for partition, reader in self._readers.items()}
            reached = {
                partition: now - look.at
                for partition, look in looks.items()
                if look is not None and self._applied[partition] >= look.end
            }
            if reached or not looks:
                self._beaten_at = now
            if reached:
                await self._applier.caught_up(reached)
            await self._applier.require_halted()


def _events(gathered: Iterable[Fetched | Halt]) -> int:
    return sum(len(item.records) for item in gathered if isinstance(item, Fetched))


def _joined(portions: Iterable[Fetched]) -> list[Fetched]:
    """One portion per partition: what follows on one another in the queue follows on one another in the log."""
    joined: dict[int, Fetched] = {}
    for portion in portions:
        earlier = joined.get(portion.partition)
        joined[portion.partition] = (
            portion if earlier is None else Fetched(earlier.before, portion.after, earlier.records + portion.records)
        )
    return list(joined.values())
