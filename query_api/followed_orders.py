"""Orders that a person follows or has handled, and what others did to them since that person last looked.

Decides: what counts as handled, and how much is looked through. Who follows what, and up to where somebody has looked,
is kept in the schema `web`, as saved filters are: it is nothing that happened to an order, and losing it costs a
minute. Must not know: HTTP, how it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString
from uuid import UUID

from psycopg import sql

from projections import order as orders
from projections import timeline
from projections.order import OrderRow
from projections.timeline import TimelineRow
from projections.view import Connection, identifier

MOST_FOLLOWED: Final = 200
"""Of one person; of more, the oldest are forgotten."""
MOST_HANDLED: Final = 200
"""The newest things that a person did: what they were done to is what they handle."""
MOST_CHANGED: Final = 20


@dataclass(frozen=True, slots=True)
class ChangedOrder:
    """An order of which somebody else changed something, and what was changed last."""

    row: OrderRow
    last: TimelineRow


FOLLOW: Final[LiteralString] = """
INSERT INTO web.followed_order (actor, order_id, follows) VALUES (%(actor)s, %(order)s, %(follows)s)
ON CONFLICT (actor, order_id) DO UPDATE SET follows = excluded.follows, since = now()
"""
FORGET_OLDEST: Final[LiteralString] = """
DELETE FROM web.followed_order WHERE actor = %(actor)s AND order_id IN (
    SELECT order_id FROM web.followed_order WHERE actor = %(actor)s ORDER BY since DESC, order_id OFFSET %(most)s
)
"""
FOLLOWS: Final[LiteralString] = "SELECT follows FROM web.followed_order WHERE actor = %s AND order_id = %s"

LOOK: Final[LiteralString] = """
INSERT INTO web.looked (actor, partition, sequence)
SELECT %(actor)s, * FROM unnest(%(partitions)s::bigint[], %(sequences)s::bigint[])
ON CONFLICT (actor, partition) DO UPDATE SET sequence = greatest(looked.sequence, excluded.sequence)
"""

CHANGED_BY_OTHERS: Final[LiteralString] = """
WITH handled AS (
    SELECT stream FROM {timeline} WHERE actor = %(actor)s AND causation_id IS NULL
    ORDER BY recorded_at DESC LIMIT %(most)s
), noted AS (
    SELECT 'order-' || order_id AS stream, follows FROM web.followed_order WHERE actor = %(actor)s
), watched AS (
    (SELECT stream FROM handled UNION SELECT stream FROM noted WHERE follows)
    EXCEPT SELECT stream FROM noted WHERE NOT follows
)
SELECT shown.order_id, by_others.event_id
FROM watched JOIN {order} AS shown USING (stream)
LEFT JOIN web.looked AS looked ON looked.actor = %(actor)s AND looked.partition = shown.partition
CROSS JOIN LATERAL (
    SELECT event.event_id, event.recorded_at FROM {timeline} AS event
    WHERE event.stream = shown.stream AND event.sequence > coalesce(looked.sequence, 0) AND event.actor <> %(actor)s
    AND NOT EXISTS (
        SELECT FROM {timeline} AS own WHERE own.stream = event.stream
        AND own.correlation_id = event.correlation_id AND own.actor = %(actor)s
    )
    ORDER BY event.version DESC LIMIT 1
) AS by_others
WHERE shown.sequence > coalesce(looked.sequence, 0)
ORDER BY by_others.recorded_at DESC LIMIT %(shown)s
"""
"""What follows from a person's own command is not news to them."""


async def follow(connection: Connection, actor: str, order: UUID, *, follows: bool) -> None:
    """Hear of the order from now on, or hear nothing of it though it was handled."""
    await connection.execute(FOLLOW, {"actor": actor, "order": order, "follows": follows})
    await connection.execute(FORGET_OLDEST, {"actor": actor, "most": MOST_FOLLOWED})


async def is_followed(connection: Connection, actor: str, order: UUID) -> bool:
    """Whether the person said so; what was only handled is not followed."""
    found = await (await connection.execute(FOLLOWS, (actor, order))).fetchone()
    return found is not None and bool(found[0])


async def look(connection: Connection, actor: str, seen: Mapping[int, int]) -> None:
    """The person has seen what had happened up to these positions; nobody unsees."""
    told = {"partitions": list(seen), "sequences": list(seen.values())}
    await connection.execute(LOOK, {"actor": actor, **told})


async def changed_by_others(connection: Connection, actor: str) -> Sequence[ChangedOrder]:
    """The latest first, no more than people read at once."""
    query = sql.SQL(CHANGED_BY_OTHERS).format(
        timeline=identifier(timeline.VIEW.name), order=identifier(orders.VIEW.name)
    )
    asked = {"actor": actor, "most": MOST_HANDLED, "shown": MOST_CHANGED}
    found = await (await connection.execute(query, asked)).fetchall()
    rows = await orders.these(connection, [order for order, _ in found])
    last = await timeline.events(connection, [event for _, event in found])
    return [ChangedOrder(rows[order], last[event]) for order, event in found]
