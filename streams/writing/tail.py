"""The committed records of a partition that its index does not have yet.

Written to the index within 20 ms; freed only as far as the index has them, and only between look-ups, so that whatever
was committed after a look-up was sent is still here when its answer is merged.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from typing import TYPE_CHECKING, TypeVar

from streams.index import IndexBehind, IndexUnavailable
from streams.log import START, LogError, LogUnfit, Stored
from streams.metrics import TAIL_BYTES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from uuid import UUID

    from streams.index import Index
    from streams.log import Bookmark, Record
    from streams.runtime import Limits

logger = logging.getLogger(__name__)

K = TypeVar("K")


class Tail:
    """Committed, perhaps not yet indexed."""

    def __init__(self, partition: int, index: Index, limits: Limits, most_bytes: int) -> None:
        self.bookmark: Bookmark = START
        """Up to where the log is known here."""
        self.sequence = 0
        """Sequence of the last record that is known."""
        self.last: bytes | None = None
        """That record as it is stored, to recognise the log by; None where there is none."""
        self._partition = partition
        self._index = index
        self._limits = limits
        self._most_bytes = most_bytes
        self._records: deque[Record] = deque()
        # Lists: most streams and commands have one record here, and two deques took more than the record.
        self._streams: defaultdict[str, list[Record]] = defaultdict(list)
        self._commands: defaultdict[UUID, list[Record]] = defaultdict(list)
        self._unwritten: deque[tuple[Sequence[Record], Bookmark]] = deque()
        """Commits that the index does not have, each with the place after it."""
        self._indexed = 0
        """Sequence up to which the index has everything."""
        self._bytes = 0
        self._grown = asyncio.Event()

    @property
    def full(self) -> bool:
        """Whether so much waits for the index that no more may be admitted."""
        return self._bytes > self._most_bytes

    def start(self, bookmark: Bookmark, last: Stored | None) -> None:
        """The index covers everything up to here, and `last` is the last of it."""
        self.bookmark, self.sequence, self.last = bookmark, last.sequence if last else 0, last.value if last else None
        self._indexed = self.sequence

    def require_next(self, records: Sequence[Record]) -> None:
        """`LogUnfit` unless the records carry the next numbers: nothing else may be appended."""
        due = range(self.sequence + 1, self.sequence + 1 + len(records))
        found = [record.sequence for record in records]
        if found != list(due):
            raise LogUnfit(f"partition {self._partition}: {found[:1]} was to follow on {self.sequence}")

    def add(self, records: Sequence[Record], bookmark: Bookmark) -> None:
        """These were committed, and the log is known up to `bookmark`."""
        self.require_next(records)
        self.bookmark = bookmark
        if not records:
            return
        self.sequence, self.last = records[-1].sequence, records[-1].value
        for record in records:
            self._records.append(record)
            self._streams[record.stream].append(record)
            self._commands[record.command_id].append(record)
        self._unwritten.append((records, bookmark))
        self._weigh(_size(records))
        self._grown.set()

    def require_covered(self, indexed: int) -> None:
        """`IndexBehind` unless what is here follows on what the index covers, with nothing missing in between."""
        first = self._records[0].sequence if self._records else self.sequence + 1
        if indexed + 1 < first:
            raise IndexBehind(f"partition {self._partition} is indexed up to {indexed}, and here begins {first}")

    def of_stream(self, stream: str, above: int) -> Sequence[Stored]:
        """A stream's records above a sequence."""
        return _stored(self._streams.get(stream, ()), above)

    def of_command(self, command_id: UUID, above: int) -> Sequence[Stored]:
        """A command's records above a sequence."""
        return _stored(self._commands.get(command_id, ()), above)

    def free(self) -> None:
        """Let go of what the index has. Called when no look-up is under way."""
        while self._records and self._records[0].sequence <= self._indexed:
            record = self._records.popleft()
            _pop_first(self._streams, record.stream)
            _pop_first(self._commands, record.command_id)

    async def keep_flushed(self, repair: Callable[[], Awaitable[None]]) -> None:
        """Write what grows to the index, for ever; while the database is away, wait and try again.

        `repair` fills an index that has lost what it had.
        """
        while True:
            await self._grown.wait()
            await asyncio.sleep(self._limits.flush_pause_s)
            try:
                await self._flush(repair)
            except LogUnfit:
                raise
            except (IndexUnavailable, LogError) as outage:
                logger.warning("partition %d: index cannot be written: %s", self._partition, outage)
                await asyncio.sleep(self._limits.index_pause_s)

    async def _flush(self, repair: Callable[[], Awaitable[None]]) -> None:
        commits, chunk = self._chunk()
        if commits:
            try:
                await self._index.write(self._partition, chunk, self._unwritten[commits - 1][1])
            except IndexBehind as loss:
                logger.warning("partition %d: %s; filling it from the log", self._partition, loss)
                await repair()
                return
            for _ in range(commits):
                self._unwritten.popleft()
            self._indexed = chunk[-1].sequence
            self._weigh(-_size(chunk))
        if not self._unwritten:
            self._grown.clear()

    def _chunk(self) -> tuple[int, list[Record]]:
        """How many commits go into one statement, and their records."""
        chunk: list[Record] = []
        size = 0
        for commits, (records, _) in enumerate(self._unwritten):
            size += _size(records)
            many = len(chunk) + len(records) > self._limits.flush_records
            if chunk and (many or size > self._limits.flush_bytes):
                return commits, chunk
            chunk += records
        return len(self._unwritten), chunk

    def _weigh(self, more: int) -> None:
        self._bytes += more
        TAIL_BYTES.labels(self._partition).set(self._bytes)


def _pop_first(found: defaultdict[K, list[Record]], key: K) -> None:
    del found[key][0]
    if not found[key]:
        del found[key]


def _stored(records: Sequence[Record], above: int) -> Sequence[Stored]:
    return [Stored(each.sequence, each.stream, 0, each.value) for each in records if each.sequence > above]


def _size(records: Sequence[Record]) -> int:
    return sum(len(record.value) for record in records)
