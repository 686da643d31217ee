"""The committed records of a partition that its index does not have yet.

Written to the index within 20 ms; freed only as far as the index has them, and only between look-ups, so that whatever
was committed after a look-up was sent is still here when its answer is merged.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Final

from streams.log import START, Stored
from streams.metrics import TAIL_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.index import Index
    from streams.log import Bookmark, Record

logger = logging.getLogger(__name__)

FLUSH_PAUSE_S: Final = 0.01
"""Commits that follow each other closely share one statement."""
RETRY_PAUSE_S: Final = 0.25
FLUSH_RECORDS: Final = 2_000
MOST_BYTES: Final = 64_000_000


class Tail:
    """Committed, perhaps not yet indexed."""

    def __init__(self, partition: int, index: Index) -> None:
        self.bookmark: Bookmark = START
        """Up to where the log is known here."""
        self._partition = partition
        self._index = index
        self._records: deque[Record] = deque()
        self._unwritten: deque[tuple[Sequence[Record], Bookmark]] = deque()
        """Commits that the index does not have, each with the place after it."""
        self._indexed = 0
        """Sequence up to which the index has everything."""
        self._waiting_bytes = 0
        self._grown = asyncio.Event()

    @property
    def full(self) -> bool:
        """Whether so much waits for the index that no more may be admitted."""
        return self._waiting_bytes > MOST_BYTES

    @property
    def records(self) -> Sequence[Stored]:
        """What is here, in order."""
        return [Stored(record.sequence, record.stream, 0, record.value) for record in self._records]

    def start(self, bookmark: Bookmark, sequence: int) -> None:
        """The index covers everything up to here."""
        self.bookmark, self._indexed = bookmark, sequence

    def add(self, records: Sequence[Record], bookmark: Bookmark) -> None:
        """These were committed."""
        self._records.extend(records)
        self._waiting_bytes += _size(records)
        TAIL_BYTES.labels(self._partition).set(self._waiting_bytes)
        self._unwritten.append((records, bookmark))
        self.bookmark = bookmark
        self._grown.set()

    def free(self) -> None:
        """Let go of what the index has. Called when no look-up is under way."""
        while self._records and self._records[0].sequence <= self._indexed:
            self._records.popleft()

    async def keep_flushed(self) -> None:
        """Write what grows to the index, for ever; while the database is away, wait and try again."""
        while True:
            await self._grown.wait()
            await asyncio.sleep(FLUSH_PAUSE_S)
            try:
                await self._flush()
            except Exception as error:  # noqa: BLE001 - whatever the database's driver raises: it is away
                logger.warning("partition %d: index cannot be written: %s", self._partition, type(error).__name__)
                await asyncio.sleep(RETRY_PAUSE_S)

    async def _flush(self) -> None:
        chunk: list[Record] = []
        commits = 0
        for records, _ in self._unwritten:
            if chunk and len(chunk) + len(records) > FLUSH_RECORDS:
                break
            chunk += records
            commits += 1
        if commits:
            await self._index.write(self._partition, chunk, self._unwritten[commits - 1][1])
            for _ in range(commits):
                self._unwritten.popleft()
            self._waiting_bytes -= _size(chunk)
            TAIL_BYTES.labels(self._partition).set(self._waiting_bytes)
            self._indexed = chunk[-1].sequence if chunk else self._indexed
        if not self._unwritten:
            self._grown.clear()


def _size(records: Sequence[Record]) -> int:
    return sum(len(record.value) for record in records)
