"""Views in PostgreSQL: rows and parked streams. Every function runs within the caller's transaction.

Decides: how many rows go into one statement, and what happens to a row that PostgreSQL will not take. Must not know:
logs, checkpoints, who may write.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, Final, LiteralString

import psycopg

from projections.projector.fold_batch import Poison, Writes, poison
from projections.projector.statements import remove, remove_rows, upsert
from projections.view import Connection, Folded, Row, TermRow, View

ROWS_PER_STATEMENT: Final = 1000
CHARACTERS_PER_STATEMENT: Final = 4_000_000  # a parameter is read whole into memory, on both sides

ROWS_REFUSED: Final = (psycopg.DataError, psycopg.IntegrityError)
"""PostgreSQL does not take a row."""

PARK: Final[LiteralString] = """
INSERT INTO views.parked (view, stream, partition, sequence, event_id, error) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""

PARKED: Final[LiteralString] = "SELECT view, stream, partition, sequence, event_id, error FROM views.parked"


Tables = tuple[tuple[View, str], ...]
"""Views with the tables they are written to."""

Writing = Callable[[Connection, Tables, Writes], Awaitable[list[Poison]]]
"""`write` or `write_singly`."""


async def write(connection: Connection, tables: Tables, outcome: Writes) -> list[Poison]:
    """Rows in, rows out, all views; psycopg's DataError or IntegrityError when PostgreSQL does not take one."""
    async with connection.pipeline():
        for view, table in tables:
            await take_away_terms(connection, view, table, outcome.unsaid.get(view.name, ()))
            for rows in _portions(outcome.rows.get(view.name, ())):
                await connection.execute(upsert(view, table), (rows,))
            await _take_away(connection, table, outcome.gone.get(view.name, ()))
    return []


async def write_singly(connection: Connection, tables: Tables, outcome: Writes) -> list[Poison]:
    """As `write`, each row for itself; what PostgreSQL does not take is handed back to be parked."""
    refused: dict[tuple[str, str], Poison] = {}
    for view, table in tables:
        await take_away_terms(connection, view, table, outcome.unsaid.get(view.name, ()))
        for row in outcome.rows.get(view.name, ()):
            if (view.name, row.stream) in refused:
                continue
            try:
                async with connection.transaction():
                    await connection.execute(upsert(view, table), (_array([row.model_dump_json()]),))
            except ROWS_REFUSED as error:
                refused[view.name, row.stream] = poison(view.name, outcome.folded[row.stream].last, error)
        await _take_away(connection, table, outcome.gone.get(view.name, ()))
    return list(refused.values())


async def _take_away(connection: Connection, table: str, gone: Sequence[Folded[Any]]) -> None:
    if gone:
        streams, versions = [one.stream for one in gone], [one.version for one in gone]
        await connection.execute(remove(table), (streams, versions))


async def take_away_terms(connection: Connection, view: View, table: str, unsaid: Sequence[TermRow]) -> None:
    """Rows that say what no longer is; before those that say what is now, for the keys may be the same."""
    for keys in _portions(unsaid):
        await connection.execute(remove_rows(view, table), (keys,))


async def park(connection: Connection, poisoned: Sequence[Poison]) -> None:
    """Remember which streams a view shows no further."""
    for one in poisoned:
        await connection.execute(PARK, (one.view, one.stream, one.partition, one.sequence, one.event_id, one.error))


async def parked(connection: Connection) -> tuple[Poison, ...]:
    """Every parked stream of every view."""
    rows = await (await connection.execute(PARKED)).fetchall()
    return tuple(Poison(*row) for row in rows)


def pairs(poisoned: Iterable[Poison]) -> set[tuple[str, str]]:
    """View and stream of each, as a batch wants them."""
    return {(one.view, one.stream) for one in poisoned}


def _portions(rows: Sequence[Row]) -> Iterator[str]:
    portion: list[str] = []
    size = 0
    for row in rows:
        text = row.model_dump_json()
        if portion and (len(portion) == ROWS_PER_STATEMENT or size + len(text) > CHARACTERS_PER_STATEMENT):
            yield _array(portion)
            portion, size = [], 0
        portion.append(text)
        size += len(text)
    if portion:
        yield _array(portion)


def _array(rows: Sequence[str]) -> str:
    return "[" + ",".join(rows) + "]"
