"""The index's twin in memory, for tests and simulation beside `MemoryLog`; it passes the same contract test.

Faults of a database can be planned: it is away for reading or writing, or it comes back without its last writes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streams.index import NOT_INDEXED, IndexBehind, IndexUnavailable, Mark, Placed
from streams.log import Loaded, Stored
from streams.record import identity_of, reread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from streams.log import Bookmark, Record


@dataclass(slots=True)
class _Rows:
    """What is indexed of one partition: in order of sequence, by stream and by command."""

    records: list[Stored] = field(default_factory=list)
    streams: defaultdict[str, list[tuple[int, Stored]]] = field(default_factory=lambda: defaultdict(list))
    commands: defaultdict[UUID, list[Stored]] = field(default_factory=lambda: defaultdict(list))
    marks: list[Mark] = field(default_factory=list)
    """One a write, so that the last writes can be lost."""

    @property
    def mark(self) -> Mark:
        return self.marks[-1] if self.marks else NOT_INDEXED

    def add(self, record: Record) -> None:
        stored = Stored(record.sequence, record.stream, 0, record.value)
        self.records.append(stored)
        self.streams[record.stream].append((record.version, stored))
        self.commands[record.command_id].append(stored)


class MemoryIndex:
    """Every partition's rows."""

    def __init__(self) -> None:
        self.unreadable = False
        """While set, every look-up fails as if the database were away."""
        self.unwritable = False
        """While set, every write fails: a full disk, a standby that may only read."""
        self._partitions: defaultdict[int, _Rows] = defaultdict(_Rows)

    def lose(self, partition: int, sequence: int) -> None:
        """Lose the writes that went beyond a sequence, as a database does that is restored from an older copy."""
        lost = self._partitions.pop(partition, _Rows())
        kept = self._partitions[partition]
        kept.marks = [mark for mark in lost.marks if mark.sequence <= sequence]
        for stored in lost.records[: kept.mark.sequence]:
            kept.add(reread(stored))

    async def mark(self, partition: int) -> Mark:
        """How far the partition is covered."""
        return self._readable(partition).mark

    async def write(self, partition: int, records: Sequence[Record], bookmark: Bookmark) -> None:
        """Cover these records, which follow on what is covered, and everything up to `bookmark`."""
        rows = self._readable(partition)
        if self.unwritable:
            raise IndexUnavailable("the database cannot be written to, as planned")
        covered = rows.mark.sequence
        if records[0].sequence > covered + 1:
            raise IndexBehind(f"partition {partition} is not indexed up to {records[0].sequence - 1}")
        last = records[-1]
        if last.sequence > covered:
            for record in records[covered + 1 - records[0].sequence :]:
                rows.add(record)
            rows.marks.append(Mark(bookmark, *identity_of(last), last.sequence))

    async def forget(self, partition: int) -> None:
        """Drop everything of a partition."""
        self._partitions.pop(partition, None)

    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        """Records of streams above the given versions, and of commands."""
        rows = self._readable(partition)
        by_stream = {
            stream: tuple(stored for version, stored in rows.streams[stream] if version > known)
            for stream, known in streams.items()
        }
        by_command = {command_id: tuple(rows.commands[command_id]) for command_id in command_ids}
        return Loaded(
            {stream: found for stream, found in by_stream.items() if found},
            {command_id: found for command_id, found in by_command.items() if found},
            rows.mark.sequence,
        )

    async def orders_placed(self, partition: int) -> Placed:
        """How many orders were ever placed in the partition."""
        rows = self._readable(partition)
        orders = sum(stream.startswith("order-") for stream, found in rows.streams.items() if found)
        return Placed(orders, rows.mark.sequence)

    async def after(self, partition: int, sequence: int, limit: int) -> tuple[Stored, ...]:
        """Records above a sequence, in order; sequences are contiguous from 1."""
        return tuple(self._readable(partition).records[sequence : sequence + limit])

    def _readable(self, partition: int) -> _Rows:
        if self.unreadable:
            raise IndexUnavailable("the database is away, as planned")
        return self._partitions[partition]
