"""The index's twin in memory, for tests and simulation beside `MemoryLog`; it passes the same contract test."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from streams.index import NOTHING, Mark
from streams.log import Loaded, Stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from streams.log import Bookmark, Record


class MemoryIndex:
    """Records by partition: in order of sequence, by stream and by command."""

    def __init__(self) -> None:
        self._records: defaultdict[int, list[Stored]] = defaultdict(list)
        self._streams: defaultdict[tuple[int, str], list[tuple[int, Stored]]] = defaultdict(list)
        self._commands: defaultdict[tuple[int, UUID], list[Stored]] = defaultdict(list)
        self._marks: dict[int, Mark] = {}

    async def mark(self, partition: int) -> Mark:
        """How far the partition is covered."""
        return self._marks.get(partition, NOTHING)

    async def write(self, partition: int, records: Sequence[Record], bookmark: Bookmark) -> None:
        """Cover these records, which follow on what is covered, and everything up to `bookmark`."""
        before = self._marks.get(partition, NOTHING)
        for record in records:
            if record.sequence > before.sequence:
                stored = Stored(record.sequence, record.stream, 0, record.value)
                self._records[partition].append(stored)
                self._streams[partition, record.stream].append((record.version, stored))
                self._commands[partition, record.command_id].append(stored)
        if bookmark > before.bookmark:
            known = self._records[partition]
            self._marks[partition] = Mark(bookmark, known[-1].sequence if known else 0, None)

    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        """Records of streams above the given versions, and of commands."""
        by_stream = {
            stream: tuple(stored for version, stored in self._streams[partition, stream] if version > known)
            for stream, known in streams.items()
        }
        by_command = {command_id: tuple(self._commands[partition, command_id]) for command_id in command_ids}
        return Loaded(
            {stream: rows for stream, rows in by_stream.items() if rows},
            {command_id: rows for command_id, rows in by_command.items() if rows},
            self._marks.get(partition, NOTHING).sequence,
        )

    async def orders_placed(self, partition: int) -> int:
        """How many orders were ever placed in the partition."""
        return sum(
            of == partition and stream.startswith("order-") for (of, stream), rows in self._streams.items() if rows
        )

    async def after(self, partition: int, sequence: int, limit: int) -> tuple[Stored, ...]:
        """Records above a sequence, in order; sequences are contiguous from 1."""
        return tuple(self._records[partition][sequence : sequence + limit])
