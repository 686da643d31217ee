"""What the writer of a partition keeps of a stream and of a command, and a batch in the making.

Must not know: how a batch is decided (`partition.py`), when it is committed (`writer.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streams.record import NO_HASH
from streams.writing.submission import Answer

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from domain.decider import Event
    from domain.recorded import Recorded
    from streams.log import Record


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream as far as the writer needs it: state, version, and what the next record links to."""

    state: Any
    version: int
    hash: str = NO_HASH
    sequence: int = 0
    """Sequence of its last record."""
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """Where an executed command ended: enough to answer it again."""

    stream: str
    command_hash: str
    version: int
    sequence: int


Outcome = Answer | Exception


@dataclass(slots=True)
class Staged:
    """A batch in the making."""

    streams: dict[str, Stream] = field(default_factory=dict)
    traces: dict[UUID, Trace] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    recorded: list[Recorded[Event]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    placed: int = 0
