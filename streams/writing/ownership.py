"""The claim of one partition, and that everything before it is known: in the index, in the tail, in memory.

Decides: what is checked before a claim, when a doubt means that somebody else owns the partition, and how an index is
filled from the log. Must not know: commands, callers (`writer.py`).
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

from streams import metrics
from streams.contiguous import contiguous
from streams.index import NOT_INDEXED, IndexBehind, IndexUnavailable
from streams.log import START, Doubt, LogUnavailable, LogUnfit, TakenOver, Unsettled
from streams.record import event_id, identity_of, reread

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
    from uuid import UUID

    from streams.index import Index, Mark
    from streams.log import Batch, Bookmark, Claim, ClaimRecord, Log, Record
    from streams.writing.partition import Partition
    from streams.writing.tail import Tail

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Ownership:
    """One partition of one log, claimed and known."""

    def __init__(self, partition: Partition, log: Log, index: Index, tail: Tail, record: ClaimRecord) -> None:
        self._partition = partition
        self._number = partition.number
        self._log = log
        self._index = index
        self._tail = tail
        self._record = record
        self._claim: Claim | None = None
        self._newest_term = 0
        """Term of the newest claim that we know: a newer one of another instance ends us."""
        self._repairing = asyncio.Lock()

    async def open(self, pause_s: float) -> None:
        """Claim for the first time, waiting as long as an outage lasts."""
        await self._patiently(self._note_newest, pause_s)
        await self._patiently(self._open, pause_s)

    async def claim_again(self, pause_s: float) -> None:
        """Settle a doubt, waiting as long as an outage lasts; `TakenOver` when somebody else has claimed."""
        await self._patiently(self._claim_again, pause_s)

    async def commit(self, records: Sequence[Record]) -> None:
        """Append the records, or prove the claim where there are none. Raises the log's errors."""
        if self._claim is None:
            raise LogUnfit(f"partition {self._number} is not open")
        if not records:
            await self._log.prove(self._claim)
            return
        self._tail.require_next(records)
        bookmark = await self._log.append(self._claim, records)
        metrics.COMMITS.labels(self._number).inc()
        self._tail.add(records, bookmark)

    async def repair_index(self) -> None:
        """Fill the index from the log, from its mark up to what is known here."""
        async with self._repairing:
            await self._cover(await self._index.mark(self._number), self._tail.bookmark)

    async def _patiently(self, attempt: Callable[[], Awaitable[None]], pause_s: float) -> None:
        """Try until it succeeds: every attempt has its own limit, and so has every caller who waits for it."""
        while True:
            try:
                await attempt()
                break
            except (Doubt, LogUnavailable, IndexUnavailable) as outage:
                logger.warning("partition %d: cannot be claimed yet: %s", self._number, outage)
                await asyncio.sleep(pause_s)

    async def _note_newest(self) -> None:
        newest = await self._log.last_claim(self._number)
        self._newest_term = 0 if newest is None else newest[0]

    async def _open(self) -> None:
        """Claim, then know everything up to the claim: index first, log above it."""
        await self._require_not_taken_over()
        mark = await self._settled(self._trusted_mark)
        claim = await self._claimed()
        sequence = await self._cover(mark, claim.end)
        self._partition.sequence = sequence
        placed = await self._index.orders_placed(self._number)
        if placed.applied < sequence:
            raise IndexBehind(f"partition {self._number}: orders counted up to {placed.applied} of {sequence}")
        last = await self._log.last_before(self._number, claim.end)
        if (last.sequence if last else 0) != sequence:
            raise LogUnfit(f"partition {self._number}: read up to {sequence}, but the log ends elsewhere")
        self._partition.placed = placed.orders
        self._tail.start(claim.end, last)

    async def _claim_again(self) -> None:
        await self._require_not_taken_over()
        tail = self._tail
        # Before the claim, which would make a shortened log longer again.
        await self._settled(self._require_ours)
        claim = await self._claimed()
        async for batch in self._read(tail.bookmark, tail.sequence, claim.end):
            self._partition.learn(batch.records)
            tail.add([reread(stored) for stored in batch.records], batch.next)

    async def _settled(self, check: Callable[[], Awaitable[T]]) -> T:
        """What a check before a claim finds. Where an earlier transaction is in its way, a claim ends that first."""
        try:
            return await check()
        except Unsettled as unsettled:
            logger.warning("partition %d: %s; claiming, which settles it", self._number, unsettled)
            await self._claimed()
            return await check()

    async def _require_ours(self) -> None:
        """`LogUnfit` unless the log holds what we know of it as the last record."""
        found = await self._log.last_before(self._number, self._tail.bookmark)
        value = None if found is None else found.value
        if value != self._tail.last:
            ours, theirs = ("nothing" if each is None else event_id(each) for each in (self._tail.last, value))
            raise LogUnfit(
                f"partition {self._number} holds another history: before its place {self._tail.bookmark.place} we know "
                f"event {ours}, and the log has {theirs}"
            )

    async def _require_not_taken_over(self) -> None:
        newest = await self._log.last_claim(self._number)
        if newest is not None and newest[0] > self._newest_term and newest[1].instance != self._record.instance:
            raise TakenOver(f"partition {self._number} was claimed by {newest[1].owner}")

    async def _claimed(self) -> Claim:
        claim = await self._log.claim(self._number, self._record)
        metrics.CLAIMS.labels(self._number).inc()
        self._claim, self._newest_term = claim, claim.term
        return claim

    async def _trusted_mark(self) -> Mark:
        """How far the index is filled, if it was filled from this log. An index that contradicts itself is dropped."""
        mark = await self._index.mark(self._number)
        if mark.sequence != mark.greatest:
            logger.warning(
                "partition %d: the index ends at %d and is marked up to %d; making it anew",
                self._number, mark.greatest, mark.sequence,
            )  # fmt: skip
            await self._index.forget(self._number)
            return NOT_INDEXED
        if mark.bookmark > START:
            self._require_same(mark, identity_of(await self._log.last_before(self._number, mark.bookmark)))
        return mark

    def _require_same(self, mark: Mark, found: tuple[int, UUID | None]) -> None:
        if mark.event_id is not None and found != (mark.sequence, mark.event_id):
            raise LogUnfit(
                f"partition {self._number}: the index was made from another log: it knows event {mark.event_id} at "
                f'sequence {mark.sequence}, the log has {found[1]} at {found[0]}. If that is right, drop schema "index"'
            )

    async def _cover(self, mark: Mark, upto: Bookmark) -> int:
        """Fill the index from its mark up to a place of the log; the last record's sequence there."""
        sequence = mark.sequence
        async for batch in self._read(mark.bookmark, sequence, upto):
            if batch.records:
                await self._index.write(self._number, [reread(stored) for stored in batch.records], batch.next)
                sequence = batch.records[-1].sequence
        return sequence

    def _read(self, after: Bookmark, sequence: int, upto: Bookmark) -> AsyncGenerator[Batch]:
        return contiguous(self._log.read(self._number, after, upto), self._number, sequence)
