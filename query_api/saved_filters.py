"""Filters of boards that a person has saved under a name; each sees only their own.

Decides: how many there are and how long a name is. They are kept in the schema `web`, as sessions are, and not as
events: how somebody likes to look at orders is nothing that happened to an order or that the business has to prove, and
losing them costs a minute. So the readers' side writes them itself, and no command, log or view knows them. Must not
know: HTTP, what a filter lets through.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, LiteralString

from psycopg.rows import class_row
from pydantic import AfterValidator, StringConstraints

from domain.event_values import PERSONAL
from domain.texts import readable_line
from projections.board import BoardFilter
from projections.view import Connection

MOST_SAVED: Final = 20
"""Filters of one person on one board."""
LONGEST_FILTER_NAME: Final = 60

FilterName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_FILTER_NAME),
    AfterValidator(readable_line),
    PERSONAL,
]
"""Personal: people name filters after customers."""


class SavedFilter(BoardFilter):
    """A filter and what its owner calls it."""

    name: FilterName

    @property
    def asked(self) -> BoardFilter:
        """The filter alone."""
        return BoardFilter(queue=self.queue, waiting_on=self.waiting_on, customer=self.customer)


SAVED: Final[LiteralString] = """
SELECT name, queue, waiting_on, customer FROM web.saved_filter WHERE actor = %s AND board = %s ORDER BY name
"""

SAVE: Final[LiteralString] = """
INSERT INTO web.saved_filter (actor, board, name, queue, waiting_on, customer)
SELECT %(actor)s, %(board)s, %(name)s, %(queue)s, %(waiting_on)s, %(customer)s
WHERE %(most)s > (
    SELECT count(*) FROM web.saved_filter WHERE actor = %(actor)s AND board = %(board)s AND name <> %(name)s
)
ON CONFLICT (actor, board, name) DO UPDATE
SET queue = excluded.queue, waiting_on = excluded.waiting_on, customer = excluded.customer
"""

REMOVE: Final[LiteralString] = "DELETE FROM web.saved_filter WHERE actor = %s AND board = %s AND name = %s"


async def saved_by(connection: Connection, actor: str, board: str) -> Sequence[SavedFilter]:
    """All filters that somebody has saved for a board, by name."""
    async with connection.cursor(row_factory=class_row(SavedFilter)) as cursor:
        await cursor.execute(SAVED, (actor, board))
        return await cursor.fetchall()


async def save(connection: Connection, actor: str, board: str, saved: SavedFilter) -> bool:
    """Keep it in place of one of the same name; False where there are as many as may be."""
    values = {**saved.model_dump(), "actor": actor, "board": board, "most": MOST_SAVED}
    return (await connection.execute(SAVE, values)).rowcount > 0


async def remove(connection: Connection, actor: str, board: str, name: str) -> None:
    """Forget it; nothing happens if there is none."""
    await connection.execute(REMOVE, (actor, board, name))
