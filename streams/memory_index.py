"""The index's twin in memory, for tests and simulation beside `MemoryLog`; it passes the same contract test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.index import NOTHING, Mark
from streams.log import Loaded, Stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from streams.log import Bookmark, Record


class MemoryIndex:
    """Records by partition and sequence."""

    def __init__(self) -> None:
        self._records: dict[int, dict[int, Record]] = {}
        self._marks: dict[int, Mark] = {}

    async def mark(self, partition: int) -> Mark:
        """How far the partition is covered."""
        return self._marks.get(partition, NOTHING)

    async def write(self, partition: int, records: Sequence[Record], bookmark: Bookmark) -> None:
        """Cover these records and everything up to `bookmark`."""
        known = self._records.setdefault(partition, {})
        for record in records:
            known.setdefault(record.sequence, record)
        before = self._marks.get(partition, NOTHING)
        if bookmark > before.bookmark:
            self._marks[partition] = Mark(bookmark, max(known, default=0), None)

    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        """Records of streams above the given versions, and of commands."""
        by_stream: dict[str, tuple[Stored, ...]] = {}
        by_command: dict[UUID, tuple[Stored, ...]] = {}
        for sequence, record in sorted(self._records.get(partition, {}).items()):
            stored = Stored(sequence, record.stream, 0, record.value)
            if record.version > streams.get(record.stream, record.version):
                by_stream[record.stream] = (*by_stream.get(record.stream, ()), stored)
            if record.command_id in command_ids:
                by_command[record.command_id] = (*by_command.get(record.command_id, ()), stored)
        return Loaded(by_stream, by_command, self._marks.get(partition, NOTHING).sequence)

    async def orders_placed(self, partition: int) -> int:
        """How many orders were ever placed in the partition."""
        records = self._records.get(partition, {}).values()
        return sum(record.version == 1 and record.stream.startswith("order-") for record in records)

    async def after(self, partition: int, sequence: int, limit: int) -> tuple[Stored, ...]:
        """Records above a sequence, in order."""
        numbers = sorted(number for number in self._records.get(partition, {}) if number > sequence)[:limit]
        found = ((number, self._records[partition][number]) for number in numbers)
        return tuple(Stored(number, record.stream, 0, record.value) for number, record in found)
