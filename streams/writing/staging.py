"""What the writer of a partition keeps of a stream and of a command, and a batch in the making.

Must not know: how a batch is decided (`partition.py`), when it is committed (`writer.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streams.record import NO_HASH
from streams.writing.submission import CommandResult

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from domain.decider import Event
    from domain.recorded import Recorded
    from streams.log import Record
    from streams.writing.submission import Submission


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream as far as the writer needs it: state, version, and what the next record links to."""

    state: Any
    version: int
    hash: str = NO_HASH
    sequence: int = 0
    """Sequence of its last record."""
    recorded_at: datetime | None = None
    size: int = 0
    """Bytes of the records, or of the snapshot and the records, that the state was folded from."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Where an executed command ended: enough to answer it again."""

    stream: str
    command_hash: str
    version: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a decision comes to: the records to append, the events in them, the stream after them."""

    records: list[Record]
    recorded: list[Recorded[Event]]
    after: Stream


ResultOrError = CommandResult | Exception


@dataclass(slots=True)
class Wanted:
    """Streams and command ids of a batch that have to be looked up before it can be decided."""

    streams: set[str] = field(default_factory=set)
    commands: set[UUID] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.streams or self.commands)

    def by(self, submission: Submission) -> bool:
        """Whether this command can only be decided with one of them."""
        return submission.stream in self.streams or submission.command_id in self.commands


@dataclass(slots=True)
class AtHand:
    """Everything committed that a batch is decided on: nobody can forget it while the batch is under way."""

    streams: dict[str, Stream] = field(default_factory=dict)
    traces: dict[UUID, Trace] = field(default_factory=dict)
    parked: dict[str, str] = field(default_factory=dict)
    """Streams that could not be folded, with the reason."""


@dataclass(slots=True)
class Staged:
    """A batch in the making."""

    streams: dict[str, Stream] = field(default_factory=dict)
    traces: dict[UUID, Trace] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    recorded: list[Recorded[Event]] = field(default_factory=list)
    outcomes: list[ResultOrError] = field(default_factory=list)
    placed: int = 0
