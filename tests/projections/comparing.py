"""What the views should hold and what they do hold, row by row, for whoever checks one against the other.

Must not know: which log the events come from, what is done about a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg.rows import class_row

from domain.decider import Event
from domain.recorded import Recorded
from projections.projector.fold_batch import fold_records
from projections.registry import VIEWS
from projections.view import Connection, Row, View, select

Key = tuple[object, ...]
"""Values of a view's primary key: the stream, or stream and version."""

Rows = dict[str, dict[Key, Row]]
"""Rows by view and key."""


def expected_rows(records: Iterable[Recorded[Event]], views: Sequence[View] = VIEWS) -> Rows:
    """Rows after `records`, which begin with the first of every partition and are in order within each.

    Raises `HistoryChanged` where a stream's versions are not contiguous. A stream that a view cannot digest ends there.
    """
    outcome = fold_records(views, {}, records, ())
    return {view.name: _by_key(view, outcome.rows.get(view.name, ())) for view in views}


async def stored_rows(connection: Connection, views: Sequence[View] = VIEWS) -> Rows:
    """Rows as they are shown; within one REPEATABLE READ transaction they belong to its checkpoints."""
    found: Rows = {}
    for view in views:
        async with connection.cursor(row_factory=class_row(view.row)) as cursor:
            await cursor.execute(select(view))
            found[view.name] = _by_key(view, await cursor.fetchall())
    return found


def _by_key(view: View, rows: Iterable[Row]) -> dict[Key, Row]:
    return {tuple(getattr(row, name) for name in view.key): row for row in rows}
