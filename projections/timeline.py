"""The timeline: every event of every order, stock item and person, as the auditor reads it.

Decides: what of an event's surroundings is shown. Must not know: the sentences that are made of it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg import sql

from domain.access import Role
from domain.catalogue import EVENTS, AnyEvent, event_type
from domain.decider import Event
from domain.recorded import Origin, Recorded
from projections.view import Connection, EventView, Page, RecordedRow, fetch, identifier


class TimelineRow(RecordedRow):
    """One event: what, when, who, why and caused by what. `data` is the payload as stored."""

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
    def name(self) -> str:
        """The event's short name, `OrderPlaced`."""
        return self.type.split(".")[-2]

    def event(self) -> AnyEvent:
        """The payload as an event again."""
        return EVENTS[self.type].model_validate(self.data)


TABLE: Final[LiteralString] = """
CREATE TABLE {table} ({columns});
CREATE INDEX ON {table} (event_id);
CREATE INDEX ON {table} (actor, recorded_at DESC) WHERE causation_id IS NULL;
"""


def timeline_rows(recorded: Recorded[Event], _: object) -> tuple[TimelineRow, ...]:
    """One row for every event, whatever it says."""
    metadata = recorded.metadata
    row = TimelineRow(
        stream=recorded.stream,
        version=recorded.version,
        partition=recorded.position.partition,
        sequence=recorded.position.sequence,
        event_id=recorded.event_id,
        type=event_type(type(recorded.event)),
        occurred_at=recorded.event.occurred_at,
        recorded_at=metadata.recorded_at,
        actor=metadata.actor,
        role=metadata.role,
        on_behalf_of=metadata.on_behalf_of,
        reason=recorded.event.reason,
        causation_id=metadata.causation_id,
        correlation_id=metadata.correlation_id,
        command_id=metadata.command_id,
        origin=metadata.origin,
        hash=recorded.hash,
        data=recorded.event.model_dump(mode="json", exclude_none=True),
    )
    return (row,)


VIEW: Final = EventView(
    name="timeline",
    version=3,
    kinds=("order", "stock", "person"),
    key=("stream", "version"),
    row=TimelineRow,
    table=TABLE,
    rows=timeline_rows,
)


async def of(
    connection: Connection, stream: str, after_version: int = 0, limit: int = 200, person: UUID | None = None
) -> list[TimelineRow]:
    """Events of one stream, oldest first, behind a version; of the register of people those of one person."""
    asked = (
        ("stream = %s", (stream,)),
        ("version > %s", (after_version,)),
        ("data ->> 'person' = %s", None if person is None else (str(person),)),
    )
    page = Page(asked, "ORDER BY version", limit)
    return await fetch(connection, VIEW, TimelineRow, page)


async def events(connection: Connection, event_ids: Collection[UUID]) -> dict[UUID, TimelineRow]:
    """Events by id, e.g. those that others name as their cause; an unknown one is absent."""
    if not event_ids:
        return {}
    page = Page((("event_id = ANY(%s)", (list(event_ids),)),), limit=len(event_ids))
    return {row.event_id: row for row in await fetch(connection, VIEW, TimelineRow, page)}


LED_TO: Final[LiteralString] = """
WITH RECURSIVE led AS (
    SELECT event_id, causation_id, 1 AS step FROM {timeline} WHERE event_id = %(event)s
    UNION ALL
    SELECT cause.event_id, cause.causation_id, led.step + 1
    FROM led JOIN {timeline} AS cause ON cause.event_id = led.causation_id WHERE led.step < %(most)s
)
SELECT event_id FROM led ORDER BY step
"""

BEGAN: Final[LiteralString] = """
SELECT DISTINCT ON (event.event_id) event.event_id, first.event_id
FROM {timeline} AS event JOIN {timeline} AS first
ON first.stream = event.stream AND first.version BETWEEN event.version - %(most)s AND event.version
AND first.command_id = event.command_id
WHERE event.event_id = ANY(%(events)s) ORDER BY event.event_id, first.version
"""
MOST_OF_A_COMMAND: Final = 100
"""Events before one that are looked through for the first of the same command."""


async def led_to(connection: Connection, event_id: UUID, most: int) -> list[UUID]:
    """An event, what it reacted to, what that reacted to, and so on: at most so many, though causes went in a circle.

    The last one names no cause, or one that is not here.
    """
    query = sql.SQL(LED_TO).format(timeline=identifier(VIEW.name))
    found = await connection.execute(query, {"event": event_id, "most": most})
    return [step for (step,) in await found.fetchall()]


async def began(connection: Connection, event_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """For each of these events the first of the same command: what was done, where the event is what came of it."""
    query = sql.SQL(BEGAN).format(timeline=identifier(VIEW.name))
    found = await connection.execute(query, {"events": list(event_ids), "most": MOST_OF_A_COMMAND})
    return dict(await found.fetchall())
