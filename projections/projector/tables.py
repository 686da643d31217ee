"""Tables of views: making, comparing and switching them. Every function runs within the caller's transaction.

Decides: how tables are called. `order_v1` is fed and shown, `order_v1_new` is being filled, `order_v1_old` was shown
before; readers see `views."order"`, which is whichever of them is live. Must not know: logs, events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from psycopg import sql

from projections.projector.folds import ENTRY_TABLE, FOLD
from projections.view import Connection, View, create, create_indexes, identifier, shape_of, table_of

NEW: Final = "_new"
OLD: Final = "_old"

STANDING: Final[LiteralString] = "SELECT view, version, shape, previous FROM views.live"

SHOW: Final[LiteralString] = """
INSERT INTO views.live (view, version, shape, previous) VALUES (%s, %s, %s, %s)
ON CONFLICT (view) DO UPDATE SET version = excluded.version, shape = excluded.shape, previous = excluded.previous,
    switched_at = now()
"""


@dataclass(frozen=True, slots=True)
class Live:
    """What a view shows at present: its version, the shape it was made in (`shape_of`), and the table shown before."""

    version: int
    shape: str
    previous: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of the replaced table and of the new one. `differing` None: of another form, not to be compared."""

    before: int
    after: int
    differing: int | None


async def live(connection: Connection) -> dict[str, Live]:
    """Every view that is shown, by name."""
    rows = await (await connection.execute(STANDING)).fetchall()
    return {row[0]: Live(row[1], row[2], row[3]) for row in rows}


async def make_new(connection: Connection, views: Sequence[View]) -> None:
    """Empty tables beside the live ones, for the views and for folded states; remains of an earlier try go."""
    for view in views:
        table = table_of(view) + NEW
        await _drop(connection, table)
        await connection.execute(create(view, table))
    like = sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)")
    for table in (FOLD, ENTRY_TABLE):
        await _drop(connection, table + NEW)
        await connection.execute(like.format(identifier(table + NEW), identifier(table)))


async def complete_new(connection: Connection, views: Sequence[View]) -> None:
    """The indexes of new tables, once most rows are there, and what the planner has to know of them."""
    for view in views:
        table = table_of(view) + NEW
        await connection.execute(create_indexes(view, table))
        await connection.execute(sql.SQL("ANALYZE {}").format(identifier(table)))


async def compare(connection: Connection, view: View, shown: Live | None) -> Difference:
    """The new table against the live one, at the same position of the log."""
    new = table_of(view) + NEW
    if shown is None:
        return Difference(0, await _count(connection, new), None)
    old = f"{view.name}_v{shown.version}"
    before, after = await _count(connection, old), await _count(connection, new)
    if (shown.version, shown.shape) != (view.version, shape_of(view)):
        return Difference(before, after, None)
    query = sql.SQL("SELECT count(*) FROM (SELECT * FROM {} EXCEPT SELECT * FROM {}) AS differing")
    missing = await _number(connection, query.format(identifier(old), identifier(new)))
    surplus = await _number(connection, query.format(identifier(new), identifier(old)))
    return Difference(before, after, max(missing, surplus))


async def switch_view(connection: Connection, view: View, shown: Live | None) -> None:
    """Show the new table and feed it from now on; keep the one that was shown."""
    table = table_of(view)
    if shown is not None and shown.previous is not None:
        await _drop_view(connection, view.name)
        await _drop(connection, shown.previous)
    previous = None if shown is None else f"{view.name}_v{shown.version}"
    if previous == table:
        await _drop(connection, table + OLD)
        await _rename(connection, table, table + OLD)
        previous = table + OLD
    else:
        await _drop(connection, table)
    await _rename(connection, table + NEW, table)
    await _show(connection, view.name, table)
    await connection.execute(SHOW, (view.name, view.version, shape_of(view), previous))


async def switch_folds(connection: Connection, views: Sequence[View]) -> None:
    """Go on from the folded states that were made beside, and from the live ones of streams that `views` pass over."""
    kinds = list({kind for view in views for kind in view.kinds})
    keep = sql.SQL("INSERT INTO {} SELECT * FROM {} WHERE split_part(stream, '-', 1) <> ALL(%s)")
    for table in (FOLD, ENTRY_TABLE):
        await connection.execute(keep.format(identifier(table + NEW), identifier(table)), (kinds,))
        await _drop(connection, table)
        await _rename(connection, table + NEW, table)


async def show_previous(connection: Connection, name: str) -> str | None:
    """The way back: readers see the table as it was at the last switch, at once. None when there is none.

    It is fed no more; it stands for the time until a corrected view has been built.
    """
    shown = (await live(connection)).get(name)
    if shown is None or shown.previous is None:
        return None
    await _show(connection, name, shown.previous)
    return shown.previous


async def _show(connection: Connection, name: str, table: str) -> None:
    await _drop_view(connection, name)
    await connection.execute(sql.SQL("CREATE VIEW {} AS SELECT * FROM {}").format(identifier(name), identifier(table)))


async def _drop_view(connection: Connection, name: str) -> None:
    await connection.execute(sql.SQL("DROP VIEW IF EXISTS {}").format(identifier(name)))


async def _drop(connection: Connection, table: str) -> None:
    await connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(identifier(table)))


async def _rename(connection: Connection, table: str, name: str) -> None:
    await connection.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(identifier(table), sql.Identifier(name)))


async def _count(connection: Connection, table: str) -> int:
    return await _number(connection, sql.SQL("SELECT count(*) FROM {}").format(identifier(table)))


async def _number(connection: Connection, query: sql.Composed) -> int:
    row = await (await connection.execute(query)).fetchone()
    return 0 if row is None else int(row[0])
