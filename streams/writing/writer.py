"""The single writer of a partition, as a coroutine around the pure core: group commit, deadlines, claiming again.

While one batch commits the next one gathers; batch n+1 is decided only after n's outcome. All answers of a batch are
given after its outcome, negative and duplicate ones too: no answer ever comes from a fenced writer. Crash-only: after
any doubt the partition is claimed again, read up to the new claim, and the waiting callers learn what the log says.
Must not know: HTTP, what a command means.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.stream_names import kind_of
from streams import metrics
from streams.log import START, Fenced, LogError, LogUnavailable, TooLarge
from streams.record import reread
from streams.writing.callers import Waiting, answer_all, fail_all, needs
from streams.writing.errors import CommandTooLarge, NotExecuted, Overloaded, StillUnknown, WriteError
from streams.writing.partition import Partition
from streams.writing.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.decider import Event
    from domain.recorded import Recorded
    from streams.index import Index
    from streams.log import Bookmark, Claim, ClaimRecord, Log
    from streams.snapshots import Snapshot, Snapshots
    from streams.writing.submission import Submission

logger = logging.getLogger(__name__)

BATCH_COMMANDS: Final = 256
BATCH_BYTES: Final = 1_000_000
COMMAND_BYTES: Final = 4_000_000
WAITING_COMMANDS: Final = 4_000
"""Commands from outside that may wait for one partition; more are asked to come again."""
RECENT_EVENTS: Final = 5_000
GATHER_S: Final = 0.002
"""Callers who come together wait so long for one another: a commit costs the same for one command and for many. Whoever
comes alone does not wait."""
CLAIM_PAUSE_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class Lookups:
    """Where a writer looks up what its memory does not have."""

    index: Index
    snapshots: Snapshots


class Writer:
    """Owner of one partition. `run` until cancelled; it ends by itself only when fenced (`Fenced`) or beyond help."""

    def __init__(self, partition: Partition, log_: Log, lookups: Lookups, claim_record: ClaimRecord) -> None:
        self.partition = partition
        self.ready = asyncio.Event()
        """Set while the partition is open: claimed, and known up to the claim."""
        self.changed = asyncio.Event()
        """Set when events were committed; whoever follows clears it."""
        self._log = log_
        self._index = lookups.index
        self._snapshots = lookups.snapshots
        self._claim_record = claim_record
        self._claim: Claim | None = None
        self._tail = Tail(partition.number, lookups.index)
        self._recent: deque[Recorded[Event]] = deque(maxlen=RECENT_EVENTS)
        self._outside: deque[Waiting] = deque()
        self._workflow: deque[Waiting] = deque()
        self._work = asyncio.Event()
        self._crowded = False

    def submit(self, submission: Submission) -> Waiting:
        """Queue a command from outside; `Overloaded` or `CommandTooLarge` instead of waiting without end."""
        if submission.size > COMMAND_BYTES:
            raise CommandTooLarge
        if len(self._outside) >= WAITING_COMMANDS or self._tail.full:
            raise Overloaded(1)
        return self._queued(self._outside, submission)

    def submit_workflow(self, submission: Submission) -> Waiting:
        """Queue a workflow's command; never refused for load."""
        return self._queued(self._workflow, submission)

    def recent(self, after: int) -> list[Recorded[Event]] | None:
        """Committed events above a sequence, as far as memory has them; None where they have to be read."""
        if after >= self.partition.sequence:
            return []
        if not self._recent or self._recent[0].position.sequence > after + 1:
            return None
        skip = after + 1 - self._recent[0].position.sequence
        return [self._recent[place] for place in range(skip, min(len(self._recent), skip + BATCH_COMMANDS))]

    async def run(self) -> None:
        """Own the partition. Raises `Fenced` once somebody else has claimed it, `LogUnavailable` for a wrong log."""
        flushing = asyncio.create_task(self._tail.keep_flushed())
        try:
            await self._open()
            while True:
                await self._work.wait()
                if self._crowded:
                    await asyncio.sleep(GATHER_S)
                batch = self._gather()
                self._crowded = len(batch) > 1
                if batch:
                    await self._execute(batch)
        finally:
            self.ready.clear()
            flushing.cancel()
            self._fail_waiting()

    async def _open(self) -> None:
        """Claim, then know everything up to the claim: index first, log above it."""
        number = self.partition.number
        await self._require_reached((await self._index.mark(number)).bookmark)
        self._claim = await self._log.claim(number, self._claim_record)
        metrics.CLAIMS.labels(number).inc()
        mark = await self._index.mark(number)
        expected = mark.sequence + 1
        async for batch in self._log.read(number, mark.bookmark, self._claim.end):
            if batch.records and batch.records[0].sequence != expected:
                raise LogUnavailable(
                    f"partition {number}: sequence {expected} expected, {batch.records[0].sequence} found"
                )
            await self._index.write(number, [reread(stored) for stored in batch.records], batch.next)
            expected += len(batch.records)
        self.partition.sequence = expected - 1
        self.partition.placed = await self._index.orders_placed(number)
        self._tail.start(self._claim.end, self.partition.sequence)
        self.ready.set()

    def _queued(self, queue: deque[Waiting], submission: Submission) -> Waiting:
        waiting = Waiting(submission, asyncio.get_running_loop().create_future())
        queue.append(waiting)
        self._work.set()
        return waiting

    def _gather(self) -> list[Waiting]:
        """Up to a batch of waiting commands, from both queues in turn. Callers who have gone are left out."""
        batch: list[Waiting] = []
        size = 0
        while (self._outside or self._workflow) and len(batch) < BATCH_COMMANDS and size < BATCH_BYTES:
            queue = self._workflow if self._workflow and (len(batch) % 2 == 0 or not self._outside) else self._outside
            waiting = queue.popleft()
            if not waiting.answer.done():
                batch.append(waiting)
                size += waiting.submission.size
        if not self._outside and not self._workflow:
            self._work.clear()
        return batch

    async def _execute(self, batch: list[Waiting]) -> None:
        # Whoever left during the look-up was told that nothing was executed.
        known = [waiting for waiting in await self._looked_up(batch, NotExecuted) if not waiting.answer.done()]
        for waiting in known:
            waiting.staged = True
            self.partition.stage(waiting.submission)
        try:
            await self._commit(known)
        except TooLarge:
            self.partition.discard()
            await self._one_by_one(known)
        except Fenced:
            self.partition.discard()
            fail_all(known, NotExecuted)
            raise
        except LogError as doubt:
            logger.warning("partition %d: %s; claiming again", self.partition.number, type(doubt).__name__)
            self.partition.discard()
            await self._recover(known)

    async def _commit(self, batch: Sequence[Waiting]) -> None:
        claim = self._claimed()
        records = self.partition.records
        metrics.BATCH_COMMANDS.observe(len(batch))
        if records:
            bookmark = await self._log.append(claim, records)
            metrics.COMMITS.labels(claim.partition).inc()
            self._tail.add(records, bookmark)
        else:
            await self._log.prove(claim)
        outcomes, recorded = self.partition.commit()
        self._recent.extend(recorded)
        if recorded:
            self.changed.set()
        answer_all(batch, outcomes)
        await self._keep_snapshots(recorded)

    async def _looked_up(self, batch: list[Waiting], otherwise: type[WriteError]) -> list[Waiting]:
        """The part of the batch whose streams and command ids are known now. The rest is answered `otherwise`."""
        streams, commands = self.partition.missing(waiting.submission for waiting in batch)
        self._tail.free()
        if not streams and not commands:
            return batch
        try:
            begun = await self._begun(streams)
            versions = {stream: snapshot.version if snapshot else 0 for stream, snapshot in begun.items()}
            loaded = await self._index.load(self.partition.number, versions, sorted(commands))
        except Exception as error:  # noqa: BLE001 - whatever the database's driver raises: it is away
            logger.warning("partition %d: index cannot be read: %s", self.partition.number, type(error).__name__)
            cold = [waiting for waiting in batch if needs(waiting, streams, commands)]
            fail_all(cold, otherwise)
            return [waiting for waiting in batch if not needs(waiting, streams, commands)]
        self.partition.admit(begun, loaded, self._tail.records)
        return batch

    async def _begun(self, streams: Iterable[str]) -> dict[str, Snapshot | None]:
        """The snapshot from which each cold stream can be folded on; only stock streams have any."""
        stock = [stream for stream in streams if kind_of(stream) == "stock"]
        known = await self._snapshots.load(stock) if stock else {}
        return {stream: known.get(stream) for stream in sorted(streams)}

    async def _keep_snapshots(self, recorded: Sequence[Recorded[Event]]) -> None:
        snapshots = self.partition.snapshots(recorded)
        if snapshots:
            try:
                await self._snapshots.save(snapshots)
            except Exception as error:  # noqa: BLE001 - whatever the driver raises: it is a cache
                logger.warning(
                    "partition %d: snapshot cannot be saved: %s", self.partition.number, type(error).__name__
                )

    async def _one_by_one(self, batch: list[Waiting]) -> None:
        if len(batch) == 1:
            fail_all(batch, CommandTooLarge)
            return
        for waiting in batch:
            await self._execute([waiting])

    async def _recover(self, batch: list[Waiting]) -> None:
        """Claim again, read what is committed, answer the callers of the doubtful batch."""
        self.ready.clear()
        while True:
            try:
                await self._claim_again()
                break
            except Fenced:
                fail_all(batch, StillUnknown)
                raise
            except (LogError, OSError) as error:
                logger.warning("partition %d: cannot be claimed yet: %s", self.partition.number, error)
                await asyncio.sleep(CLAIM_PAUSE_S)
        known = await self._looked_up(batch, StillUnknown)
        for waiting in known:
            self.partition.settle(waiting.submission)
        outcomes, _ = self.partition.commit()
        answer_all(known, outcomes)
        self.ready.set()

    async def _claim_again(self) -> None:
        number = self.partition.number
        before = self._claimed()
        newest = await self._log.last_claim(number)
        if newest is not None and newest[0] > before.term and newest[1].instance != self._claim_record.instance:
            raise Fenced(f"partition {number} was claimed by {newest[1].owner}")
        await self._require_reached(self._tail.bookmark)
        self._claim = await self._log.claim(number, self._claim_record)
        metrics.CLAIMS.labels(number).inc()
        async for batch in self._log.read(number, self._tail.bookmark, self._claim.end):
            self.partition.learn(batch.records)
            self._tail.add([reread(stored) for stored in batch.records], batch.next)
        self._recent.clear()
        self.changed.set()

    async def _require_reached(self, place: Bookmark) -> None:
        """`LogUnavailable` unless the log still holds what we know of it. Our own claim would make it longer again."""
        if place > START:
            async for _ in self._log.read(self.partition.number, place, place):
                pass

    def _claimed(self) -> Claim:
        if self._claim is None:
            raise LogUnavailable(f"partition {self.partition.number} is not open")
        return self._claim

    def _fail_waiting(self) -> None:
        for queue in (self._outside, self._workflow):
            fail_all(queue, NotExecuted)
            queue.clear()
