"""The single writer of a partition, as a coroutine around the pure core: group commit, deadlines, claiming again.

While one batch commits the next one gathers; batch n+1 is decided only after n's outcome. All answers of a batch are
given after its outcome, negative and duplicate ones too: no answer ever comes from a fenced writer. Crash-only: after
any doubt the partition is claimed again, read up to the new claim, and the waiting callers learn what the log says;
what certainly was not committed is decided again. Must not know: HTTP, what a command means, how a claim is checked.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from streams import metrics
from streams.log import Doubt, Fenced, LogUnavailable, NotCommitted, TooLarge
from streams.together import until_one_ends
from streams.writing.callers import answer_all, fail_all, fail_left
from streams.writing.errors import CommandTooLarge, NotExecuted, Overloaded, StillUnknown
from streams.writing.lookup import ColdStreams, Lookups
from streams.writing.memory import Recent
from streams.writing.ownership import Ownership
from streams.writing.snapshot_keeper import SnapshotKeeper
from streams.writing.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.decider import Event
    from domain.recorded import Recorded
    from streams.log import ClaimRecord, Log
    from streams.writing.callers import Waiting
    from streams.writing.partition import Partition
    from streams.writing.queues import Queues
    from streams.writing.submission import Submission

logger = logging.getLogger(__name__)


class Writer:
    """Owner of one partition. `run` until stopped; it ends by itself only when the partition is somebody else's
    (`TakenOver`) or beyond help (`LogUnfit`).
    """

    def __init__(
        self, partition: Partition, log: Log, lookups: Lookups, claim_record: ClaimRecord, queues: Queues
    ) -> None:
        self.partition = partition
        self.ready = asyncio.Event()
        """Set while the partition is open: claimed, and known up to the claim."""
        self.opened_at = 0
        """Sequence of the last record when the partition was opened: what lies above it was committed by this run."""
        self.changed = asyncio.Event()
        """Set when events were committed; the follower clears it."""
        self.reacted: int | None = None
        """Sequence up to which the follower has made the workflow's commands; None where nobody follows."""
        self._limits = limits = partition.runtime.limits
        shared = log.partitions
        self._tail = Tail(partition.number, lookups.index, limits, limits.tail_bytes // shared)
        self._recent = Recent(limits.recent_bytes // shared)
        self._owned = Ownership(partition, log, lookups.index, self._tail, claim_record)
        self._cold = ColdStreams(partition, lookups, self._tail, limits)
        self._snapshots = SnapshotKeeper(lookups.snapshots, partition.number)
        self._queues = queues
        self._crowded = False
        self._stopping = False

    @property
    def index_away(self) -> bool:
        """Whether only what memory knows can be decided now."""
        return self._cold.away

    @property
    def behind(self) -> int:
        """How many committed events and queued commands wait for the workflow here; none while nobody owns it."""
        if self.reacted is None or not self.ready.is_set():
            return 0
        return self.partition.sequence - self.reacted + self._queues.reactions

    def queue(self, submission: Submission) -> Waiting:
        """Queue a command from outside; raises `Overloaded`, `CommandTooLarge` or `NotExecuted` at once."""
        if self._stopping:
            raise NotExecuted
        if self._tail.full:
            raise Overloaded(1)
        return self._queues.put(submission)

    def queue_workflow(self, submission: Submission) -> Waiting:
        """Queue a workflow's command; never refused for load."""
        return self._queues.put_workflow(submission)

    def recent(self, after: int) -> list[Recorded[Event]] | None:
        """Committed events above a sequence, as far as memory has them; None where they have to be read."""
        if after >= self.partition.sequence:
            return []
        return self._recent.after(after, self._limits.batch_commands)

    async def run(self) -> None:
        """Own the partition until stopped. Raises `TakenOver` or `LogUnfit`, and whatever a bug raises."""
        try:
            await until_one_ends(
                self._work_off(),
                self._tail.keep_flushed(self._owned.repair_index),
                self._cold.keep_probing(),
                self._snapshots.keep_saving(),
            )
        finally:
            self.stop()
            self.ready.clear()
            self._queues.close(NotExecuted)

    def stop(self) -> None:
        """Take nothing more, finish the batch that is under way, answer its callers, and leave."""
        self._stopping = True
        self._queues.some.set()

    async def _work_off(self) -> None:
        await self._owned.open(self._limits.claim_pause_s)
        self.opened_at = self.partition.sequence
        self.ready.set()
        while await self._some_work():
            batch = self._queues.take()
            self._crowded = len(batch) > 1
            try:
                await self._execute(batch)
            except BaseException:
                fail_left(batch)
                raise
            finally:
                self._queues.done()

    async def _some_work(self) -> bool:
        """Wait for commands; False once we are to stop. Who waits long looks now and then whether it still owns."""
        while not self._queues.some.is_set():
            try:
                async with asyncio.timeout(self._limits.idle_s):
                    await self._queues.some.wait()
            except TimeoutError:
                await self._prove()
        if self._crowded:
            await asyncio.sleep(self._limits.gather_s)
        return not self._stopping

    async def _execute(self, batch: list[Waiting]) -> None:
        """Decide and commit a batch, and answer its callers. What this raises ends the writer."""
        # Callers who left during the look-up were told that nothing was executed.
        admitted = await self._cold.admit(batch, NotExecuted, self._owned.repair_index)
        known = [waiting for waiting in admitted if not waiting.answer.done()]
        if not known:
            return
        for waiting in known:
            waiting.staged = not waiting.submission.preview
            waiting.tries += 1
            self.partition.stage(waiting.submission)
        try:
            await self._commit(known)
        except TooLarge:
            self.partition.discard()
            await self._one_by_one(known)
        except (Doubt, LogUnavailable) as doubt:
            await self._doubted(doubt, known)

    async def _commit(self, batch: Sequence[Waiting]) -> None:
        metrics.BATCH_COMMANDS.observe(len(batch))
        await self._owned.commit(self.partition.records)
        done = self.partition.commit()
        self._recent.extend(done.recorded, [len(record.value) for record in done.records])
        if done.recorded:
            self.changed.set()
        answer_all(batch, done.outcomes)
        self._snapshots.keep(self.partition.due_snapshots(done.recorded))

    async def _prove(self) -> None:
        """An idle owner that was fenced would call itself ready until the next command. Raises as `_recover`."""
        try:
            await self._owned.commit(())
        except (Doubt, LogUnavailable) as doubt:
            await self._doubted(doubt, [])

    async def _doubted(self, doubt: Doubt | LogUnavailable, batch: list[Waiting]) -> None:
        logger.warning("partition %d: %s: %s; claiming again", self.partition.number, type(doubt).__name__, doubt)
        self.partition.discard()
        self._queues.pause()
        await self._recover(batch, certain=isinstance(doubt, Fenced | NotCommitted))

    async def _one_by_one(self, batch: list[Waiting]) -> None:
        """Find out which of them is too large."""
        if len(batch) == 1:
            fail_all(batch, CommandTooLarge)
            return
        for waiting in batch:
            waiting.staged = False
        for waiting in batch:
            await self._execute([waiting])

    async def _recover(self, batch: list[Waiting], *, certain: bool) -> None:
        """Claim again, read what is committed; then decide the batch again or answer its callers from the log.

        `certain` says that nothing of it was committed; a preview is decided again in any case, for it is in no log.
        Raises `TakenOver` when the partition is somebody else's.
        """
        self.ready.clear()
        for waiting in batch:
            waiting.staged = waiting.staged and not certain
        await self._owned.claim_again(self._limits.claim_pause_s)
        self._recent.clear()
        self.changed.set()
        self._decide_again([waiting for waiting in batch if not waiting.staged])
        await self._settle([waiting for waiting in batch if waiting.staged])
        self.ready.set()

    def _decide_again(self, batch: list[Waiting]) -> None:
        fail_all((waiting for waiting in batch if waiting.tries >= self._limits.tries), NotExecuted)
        self._queues.put_back(batch)

    async def _settle(self, batch: list[Waiting]) -> None:
        known = await self._cold.admit(batch, StillUnknown, self._owned.repair_index)
        for waiting in known:
            self.partition.settle(waiting.submission)
        answer_all(known, self.partition.commit().outcomes)
