"""What surrounds an event: where it stands in the log, who caused it and why.

`Recorded` is the unit above the log port. Must not know: how a record is encoded or stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from typing_extensions import override

from domain.roles import Role

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

E = TypeVar("E", covariant=True)


MOST_PARTITIONS: Final = 1_024
"""Partitions of the largest log."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Place of an event in the log: partition and sequence (contiguous from 1 within the partition)."""

    partition: int
    sequence: int

    @override
    def __str__(self) -> str:
        return f"{self.partition}:{self.sequence}"

    @classmethod
    def parse(cls, text: str) -> Position:
        """Read `<partition>:<sequence>`; ValueError says what was expected."""
        found = re.fullmatch(r"(\d{1,5}):(\d{1,18})", text)
        if found is None:
            raise ValueError(f"a position is written <partition>:<sequence>, not {text[:40]!r}")
        return cls(int(found[1]), int(found[2]))


class Origin(StrEnum):
    """Live events are reacted to; imported history is not."""

    LIVE = "live"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Who, when and why, as it is stored with every event.

    `command_hash` is the SHA-256 (hex) of the canonical command; `causation_id` is the event that a workflow reacted
    to, None for a person's command; `correlation_id` is shared by everything one first command set in motion.
    """

    command_id: UUID
    command_hash: str
    actor: str
    role: Role
    recorded_at: datetime
    correlation_id: UUID
    causation_id: UUID | None = None
    traceparent: str | None = None
    on_behalf_of: str | None = None
    origin: Origin = Origin.LIVE


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E]):
    """An event that is in the log. `hash` is the SHA-256 (hex) of its stored value; `stream` e.g. `order-0198…`."""

    position: Position
    stream: str
    version: int
    event_id: UUID
    event: E
    metadata: Metadata
    hash: str
