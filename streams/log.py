"""The log port: one append-only log of N partitions, each with one writer at a time.

Three adapters pass one contract test: `KafkaLog` is the product, `PostgresLog` the embedded default, `MemoryLog` serves
tests and simulation. Above this port nobody knows which one runs. The writer numbers and encodes records; an adapter
stores bytes. Errors say what is to be done: a `Doubt` is settled by claiming again, an outage (`LogUnavailable`) by
waiting, and `LogUnfit` and `TakenOver` end the process with their sentence.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from uuid import UUID

MAX_APPEND_BYTES: Final = 8 * 1024 * 1024
"""What one append may hold in any log, counted by `append_bytes`."""

_RECORD_OVERHEAD_BYTES: Final = 160  # more than Kafka's framing and our headers take, so that all logs refuse the same


class LogError(Exception):
    """Base of what a log can answer instead of doing what it was asked."""


class TooLarge(LogError):
    """One append is larger than the log takes; nothing was stored and the claim is still good."""


class Doubt(LogError):
    """The claim is no longer valid. Claim again and read: only the log says what is true."""


class Fenced(Doubt):
    """Fenced, by another claim or by the log's own limits; nothing of this append is or will be committed."""


class NotCommitted(Doubt):
    """The append failed before it could take effect; it is certain that nothing was committed."""


class OutcomeUnknown(Doubt):
    """The append may or may not have been committed; claim again and read to learn which."""


class LogUnavailable(LogError):
    """An outage: the log cannot be reached. Wait a moment and try again."""


class Unsettled(LogUnavailable):
    """Readers cannot come to a place that lies before the log's end: an earlier transaction has not been ended there.

    Seen on Kafka 4.3.1: a broker was killed between the coordinator's note of a commit and the partition's marker, and
    noted the commit as complete when it came back, without the marker. The next claim's marker ends both.
    """


class LogUnfit(LogError):
    """The end: the log is not what it must be (settings, lost or foreign history). A person has to act."""


class TakenOver(LogError):
    """The end: the newest claim of the partition is another instance's."""


@dataclass(frozen=True, slots=True, order=True)
class Bookmark:
    """Opaque place in one partition, from which reading goes on. 0 is before the first record."""

    place: int


START = Bookmark(0)


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """What an owner writes into the log when it claims: not an event, no sequence, views never see it."""

    owner: str
    """Address where the owner answers, e.g. `http://127.0.0.1:8000`."""
    company: str
    training: bool
    number_prefix: str
    partitions: int
    hash_name: str
    data_format: int
    """Version of the stored form of events; 1 are those of 0.1, whose claims do not name it."""
    instance: str = ""
    """Unique to one run of one process, so that it knows its own claim after a doubt."""

    def to_bytes(self) -> bytes:
        """One JSON object, as every log stores it."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, value: bytes) -> ClaimRecord:
        """Members that a later version added are passed over; `LogUnfit` when one is missing."""
        found = {"data_format": 1, **json.loads(value)}
        try:
            return cls(**{field.name: found[field.name] for field in fields(cls)})
        except KeyError as missing:
            raise LogUnfit(f"the log holds a claim without {missing}") from missing


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to append to one partition, until somebody claims it after us."""

    partition: int
    term: int
    """Grows with every claim of the partition; taken from the log, so it never goes back."""
    end: Bookmark
    """The place after our own claim record: whatever was committed before us lies before it."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is appended. `sequence` is contiguous from 1 within the partition; `value` is stored as it is."""

    sequence: int
    stream: str
    version: int
    command_id: UUID
    value: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """A committed record as it is read back. `term` is the claim it was written under."""

    sequence: int
    stream: str
    term: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Committed records in order, and where to go on reading. Claims and markers only move the bookmark."""

    records: tuple[Stored, ...]
    next: Bookmark


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one query of a log's index found, all from one snapshot."""

    streams: Mapping[str, tuple[Stored, ...]]
    """Records by stream, in version order; a stream without records is absent."""
    commands: Mapping[UUID, tuple[Stored, ...]]
    """Records by the command that caused them, in sequence order; an unknown command is absent."""
    applied: int
    """Highest sequence that the snapshot covers; 0 when there is none."""


def append_bytes(records: Sequence[Record]) -> int:
    """Size of an append, an upper bound of what any log needs for it."""
    return sum(len(record.value) + len(record.stream.encode()) + _RECORD_OVERHEAD_BYTES for record in records)


def require_fit(records: Sequence[Record]) -> None:
    """Raise `TooLarge` before anything is sent."""
    size = append_bytes(records)
    if size > MAX_APPEND_BYTES:
        raise TooLarge(f"an append of {size} bytes is larger than the log's {MAX_APPEND_BYTES}")


class Log(Protocol):
    """The port. Every method is a coroutine; `read` is an asynchronous generator."""

    partitions: int
    durability: str
    """What an acknowledged command survives, in one sentence: what was found when the log was opened."""

    async def open(self) -> None:
        """Connect and verify settings; `LogUnfit` with a sentence when something is not as it must be."""

    async def close(self) -> None:
        """Let go of every connection."""

    async def claim(self, partition: int, record: ClaimRecord) -> Claim:
        """Fence every earlier writer of the partition, then write our own claim record.

        Raises `LogUnavailable` when that was not possible in time, `Fenced` when it was fenced in between.
        """

    async def append(self, claim: Claim, records: Sequence[Record]) -> Bookmark:
        """Commit all records (at least one) or none; returns the place after them. One call at a time for a claim.

        Raises `Fenced`, `TooLarge`, `NotCommitted` or `OutcomeUnknown`.
        """

    async def prove(self, claim: Claim) -> None:
        """Return if nobody has claimed the partition since.

        Raises `Fenced`, or `NotCommitted` when that cannot be known.
        """

    async def end(self, partition: int) -> Bookmark:
        """The place after the last committed record."""

    async def written(self, partition: int) -> Bookmark:
        """The place after the last record, committed or not: beyond `end` while a transaction is open."""

    async def last_claim(self, partition: int) -> tuple[int, ClaimRecord] | None:
        """Term and record of the newest claim; None for a partition nobody has claimed."""

    async def last_before(self, partition: int, place: Bookmark) -> Stored | None:
        """The last record before a place, to recognise the log by; None where there is none.

        `LogUnfit` when the log does not reach so far (shortened history); `Unsettled` when it does and readers cannot.
        """

    def read(self, partition: int, after: Bookmark = START, upto: Bookmark | None = None) -> AsyncGenerator[Batch]:
        """Committed records after a place, in batches. Stops once `upto` is reached; endless without.

        A batch may be empty: it then only moves the bookmark. Close the generator (`contextlib.aclosing`) to let go of
        its connection at once. `LogUnfit` when the log does not reach from `after` on (shortened history).
        """
        ...
