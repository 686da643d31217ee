"""The timeline: every event of every order and stock item, as the auditor reads it.

Decides: what of an event's surroundings is shown. Must not know: the sentences that are made of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from domain.access import Role
from domain.catalogue import EVENTS, event_type
from domain.decider import Event
from domain.recorded import Origin, Position, Recorded
from projections.view import Connection, EventView, Row, select


class TimelineRow(Row):
    """One event: what, when, who, why and caused by what. `data` is the payload as stored."""

    stream: str
    version: int
    partition: int
    sequence: int
    event_id: UUID
    type: str
    """CloudEvents type, `ordertrail.order.OrderPlaced.v1`."""
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    role: Role
    on_behalf_of: str | None
    reason: str | None
    causation_id: UUID | None
    """The event that a workflow rule reacted to; None for a person's command."""
    correlation_id: UUID
    command_id: UUID
    origin: Origin
    hash: str
    """SHA-256 (hex) of the stored record."""
    data: dict[str, Any]

    @property
    def position(self) -> Position:
        """Place in the log."""
        return Position(self.partition, self.sequence)

    @property
    def name(self) -> str:
        """The event's short name, `OrderPlaced`."""
        return self.type.split(".")[-2]

    def event(self) -> Event:
        """The payload as an event again."""
        return EVENTS[self.type].model_validate(self.data)
