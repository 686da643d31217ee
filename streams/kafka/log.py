"""The log on Kafka: one topic, one transactional id a partition, one claim record a claim.

Decides: what a claim is on Kafka, where its term comes from, which headers a record has and how doubts end a claim.
Must not know: the wire (`connection.py`, `transaction.py`) nor what the values mean.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from streams.claims_held import Holdings
from streams.kafka import topics
from streams.kafka.connection import EARLIEST_OFFSET, LATEST_OFFSET, READ_COMMITTED, READ_UNCOMMITTED, Cluster
from streams.kafka.reader import LOOK_BYTES, TopicReader
from streams.kafka.requirements import require_crc32c, require_transactions
from streams.kafka.security import KafkaSecurity
from streams.kafka.topic import ensure_topic
from streams.kafka.transaction import KafkaEntry, Transaction
from streams.log import (
    START,
    Batch,
    Bookmark,
    Claim,
    ClaimRecord,
    Fenced,
    LogUnavailable,
    LogUnfit,
    NotCommitted,
    OutcomeUnknown,
    Record,
    Stored,
    TooLarge,
    Unsettled,
    require_fit,
)
from streams.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Sequence

    from streams.kafka.reader import KafkaRecord, Polled

logger = logging.getLogger(__name__)

FIRST_PAUSE_S: Final = 0.02
END_SETTLED_S: Final = 1.0

CONTENT_TYPE: Final = ("content-type", b"application/cloudevents+json")
CLAIM_CONTENT_TYPE: Final = ("content-type", b"application/vnd.ordertrail.claim+json")
SEQUENCE: Final = "sequence"
CLAIM_HEADER: Final = "claim"
LOOK_BACK: Final = 16


class KafkaLog:
    """The log port on one topic of a Kafka cluster. One process's claims and readers."""

    def __init__(  # noqa: PLR0913 - a topic's settings, all but two with a default
        self,
        bootstrap: str,
        partitions: int,
        *,
        topic: str = topics.EVENTS_TOPIC,
        replication: int = -1,
        security: KafkaSecurity | None = None,
        runtime: Runtime | None = None,
    ) -> None:
        self.partitions = partitions
        self._runtime = runtime or Runtime()
        self._cluster = Cluster(bootstrap, topic, security, self._runtime)
        self._replication = replication
        self.durability = "Kafka, not asked yet."
        self._holdings: Holdings[Transaction] = Holdings()
        self._committed: dict[int, int] = {}

    async def open(self) -> None:
        """Create or verify the topic; refuse a broker without transactions version 2, and a missing crc32c."""
        require_crc32c()
        found = await asyncio.to_thread(ensure_topic, self._cluster, self.partitions, self._replication)
        self.durability = found.durability()
        logger.info("topic %s: %s", self._cluster.topic, self.durability)
        await require_transactions(self._cluster)

    async def close(self) -> None:
        """Let go of the claims' connections; readers end when their generators are closed."""
        for partition in self._holdings.partitions():
            self._drop(partition)
        self._cluster.close()

    async def claim(self, partition: int, record: ClaimRecord) -> Claim:
        """Fence, then commit the claim record; again from new connections until 30 s are over."""
        self._drop(partition)
        limits = self._runtime.limits
        deadline = self._runtime.monotonic() + limits.kafka_claim_s
        pause = FIRST_PAUSE_S
        while True:
            try:
                return await self._claim(partition, record)
            except (OSError, NotCommitted, OutcomeUnknown) as error:
                if self._runtime.monotonic() + pause > deadline:
                    raise LogUnavailable(f"partition {partition} could not be claimed: {error}") from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, limits.kafka_longest_pause_s)

    async def append(self, claim: Claim, records: Sequence[Record]) -> Bookmark:
        """Commit all records or none, as one transaction."""
        require_fit(records)
        term = str(claim.term).encode()
        transaction = self._holdings.of(claim)
        try:
            first = await transaction.commit([entry(record, term) for record in records])
        except TooLarge:
            raise
        except BaseException as error:
            self._bury(claim, error)
            raise
        self._committed[claim.partition] = first + len(records)
        return Bookmark(first + len(records))

    async def prove(self, claim: Claim) -> None:
        """Return if nobody has fenced since."""
        try:
            await self._holdings.of(claim).prove()
        except BaseException as error:
            self._bury(claim, error)
            raise

    async def end(self, partition: int) -> Bookmark:
        """The end that a read_committed consumer sees, and never less than what this process has committed."""
        seen = await self._offset(partition, at=LATEST_OFFSET, isolation=READ_COMMITTED)
        return Bookmark(max(seen, self._committed.get(partition, 0)))

    async def written(self, partition: int) -> Bookmark:
        """The high watermark: the last stable offset stands still while anybody's transaction is open."""
        return Bookmark(await self._offset(partition, at=LATEST_OFFSET, isolation=READ_UNCOMMITTED))

    async def last_claim(self, partition: int) -> tuple[int, ClaimRecord] | None:
        """Term and record of the newest claim. The last record names its term, and that is where its claim lies."""
        end = await self._settled_end(partition)
        back = LOOK_BACK
        start = end
        while start > 0:
            start, before = max(end - back, 0), start
            # What others wrote to the topic names no claim and is no part of the log.
            found = [
                each for each in await self._records(partition, start, before) if CLAIM_HEADER in dict(each.headers)
            ]
            claims = [record for record in found if is_claim(record)]
            if found and not claims:
                place = term_of(found[-1]) - 1
                claims = [record for record in await self._records(partition, place, place + 1) if is_claim(record)]
            if claims:
                return term_of(claims[-1]), ClaimRecord.from_bytes(claims[-1].value)
            back *= LOOK_BACK
        return None

    async def last_before(self, partition: int, place: Bookmark) -> Stored | None:
        """The last record before a place; claims and markers are passed over."""
        await self._require_reached(partition, place)
        back, start = LOOK_BACK, place.place
        while start > 0:
            start, before = max(place.place - back, 0), start
            try:
                found = stored(await self._records(partition, start, before))
            except LogUnavailable:
                await self._require_settled(partition, place)
                raise
            if found:
                return found[-1]
            back *= LOOK_BACK
        return None

    async def read(
        self, partition: int, after: Bookmark = START, upto: Bookmark | None = None
    ) -> AsyncGenerator[Batch]:
        """Committed records after a place, through a consumer of its own; outlives a broker's restart."""
        await self._require_reached(partition, after)
        if upto is not None and after >= upto:
            return
        async with TopicReader(self._cluster, partition, after.place) as reader:
            while True:
                polled = await (reader.next() if upto is None else self._progress(reader, partition))
                if upto is not None and polled.place >= upto.place:
                    yield Batch(stored(each for each in polled.records if each.offset < upto.place), upto)
                    return
                yield Batch(stored(polled.records), Bookmark(polled.place))

    async def _claim(self, partition: int, record: ClaimRecord) -> Claim:
        transaction = Transaction(self._cluster, partition)
        try:
            # Only we can write now, so the claim record will lie here: no later claim has a smaller term.
            term = await transaction.fence() + 1
            headers = [CLAIM_CONTENT_TYPE, (CLAIM_HEADER, str(term).encode())]
            first = await transaction.commit([(None, record.to_bytes(), headers)])
        except BaseException:
            transaction.close()
            raise
        claim = Claim(partition, term, Bookmark(first + 1))
        self._committed[partition] = first + 1
        self._holdings.take(claim, transaction)
        return claim

    def _bury(self, claim: Claim, error: BaseException) -> None:
        """The claim is dead, whatever happened: nothing of a doubtful connection is used again."""
        if isinstance(error, Fenced):
            self._holdings.fence(claim)
        if self._holdings.holds(claim):
            self._drop(claim.partition)

    def _drop(self, partition: int) -> None:
        transaction = self._holdings.release(partition)
        if transaction is not None:
            transaction.close()

    async def _offset(self, partition: int, *, at: int, isolation: int) -> int:
        try:
            return await self._cluster.offset(partition, at=at, isolation=isolation)
        except OSError as error:
            raise LogUnavailable(f"Kafka at {self._cluster.bootstrap} cannot be reached: {error}") from error

    async def _settled_end(self, partition: int) -> int:
        """The end for readers of what is committed; what was committed a moment ago is waited for, at most 1 s."""
        deadline = self._runtime.monotonic() + END_SETTLED_S
        while True:
            seen = await self._offset(partition, at=LATEST_OFFSET, isolation=READ_COMMITTED)
            written = await self._offset(partition, at=LATEST_OFFSET, isolation=READ_UNCOMMITTED)
            if seen >= written or self._runtime.monotonic() > deadline:
                return seen
            await asyncio.sleep(FIRST_PAUSE_S)

    async def _require_reached(self, partition: int, after: Bookmark) -> None:
        first = await self._offset(partition, at=EARLIEST_OFFSET, isolation=READ_UNCOMMITTED)
        last = await self._offset(partition, at=LATEST_OFFSET, isolation=READ_UNCOMMITTED)
        if not first <= after.place <= last:
            raise LogUnfit(
                f"history shortened: partition {partition} reaches from {first} to {last}, wanted is {after.place}"
            )

    async def _require_settled(self, partition: int, place: Bookmark) -> None:
        """`Unsettled` when readers of what is committed cannot come to a place that the partition has."""
        settled = await self._offset(partition, at=LATEST_OFFSET, isolation=READ_COMMITTED)
        if settled < place.place:
            raise Unsettled(f"partition {partition} can be read up to {settled} of {place.place}")

    async def _progress(self, reader: TopicReader, partition: int) -> Polled:
        """What comes next in a partition that is known to go on; `LogUnavailable` when it does not for 30 s."""
        try:
            async with asyncio.timeout(self._runtime.limits.kafka_progress_s):
                return await reader.next()
        except TimeoutError as error:
            raise LogUnavailable(
                f"reading partition {partition} made no progress: the broker is away or a foreign transaction is open"
            ) from error

    async def _records(self, partition: int, start: int, stop: int) -> list[KafkaRecord]:
        """Committed records between two offsets, claims included."""
        found: list[KafkaRecord] = []
        async with TopicReader(self._cluster, partition, start, LOOK_BYTES) as reader:
            place = start
            while place < stop:
                polled = await self._progress(reader, partition)
                found += [record for record in polled.records if record.offset < stop]
                place = polled.place
        return found


def entry(record: Record, term: bytes) -> KafkaEntry:
    """A record as Kafka stores it."""
    headers = [CONTENT_TYPE, (SEQUENCE, str(record.sequence).encode()), (CLAIM_HEADER, term)]
    return record.stream.encode(), record.value, headers


def is_claim(record: KafkaRecord) -> bool:
    """Claims are known by their content type."""
    return CLAIM_CONTENT_TYPE in record.headers


def term_of(record: KafkaRecord) -> int:
    """The term under which a record was written."""
    return int(dict(record.headers)[CLAIM_HEADER])


def stored(records: Iterable[KafkaRecord]) -> tuple[Stored, ...]:
    """The events among the records."""
    found = []
    for record in records:
        headers = dict(record.headers)
        if SEQUENCE in headers:
            found.append(Stored(int(headers[SEQUENCE]), record.key.decode(), int(headers[CLAIM_HEADER]), record.value))
    return tuple(found)
