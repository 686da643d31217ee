"""Views in PostgreSQL: folded states, rows, parked streams. Every function runs within the caller's transaction.

Decides: how many rows go into one statement, and what happens to a row that PostgreSQL will not take. Must not know:
logs, checkpoints, who may write.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Final, LiteralString

import psycopg
from psycopg import sql

from domain.stream_names import kind_of
from projections.projector.fold_batch import Known, Poison, Writes, poison
from projections.view import Connection, Folded, Row, View, identifier, remove, upsert
from streams import state_codec

FOLD: Final = "fold"

ROWS_PER_STATEMENT: Final = 1000
CHARACTERS_PER_STATEMENT: Final = 4_000_000  # a parameter is read whole into memory, on both sides
REMEMBERED: Final = 5_000

REFUSED: Final = (psycopg.DataError, psycopg.IntegrityError)
"""PostgreSQL does not take a row."""

FOLDS_OF_STREAMS: Final = sql.SQL("SELECT stream, version, state FROM {} WHERE stream = ANY(%s)")

KEEP_FOLDS: Final = sql.SQL(
    "INSERT INTO {table} SELECT * FROM unnest(%s::text[], %s::integer[], %s::bytea[]) ON CONFLICT (stream) "
    "DO UPDATE SET version = excluded.version, state = excluded.state WHERE excluded.version > {table}.version"
)

PARK: Final[LiteralString] = """
INSERT INTO views.parked (view, stream, partition, sequence, event_id, error) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""

PARKED: Final[LiteralString] = "SELECT view, stream, partition, sequence, event_id, error FROM views.parked"


class Folds:
    """Folded states by stream: a table, and the streams touched last in memory."""

    def __init__(self, table: str = FOLD) -> None:
        self.table = table
        self._recent: OrderedDict[str, Known] = OrderedDict()

    async def known(self, connection: Connection, wanted: Collection[str]) -> dict[str, Known]:
        """States of those streams that have one."""
        missing = [stream for stream in wanted if stream not in self._recent]
        found: dict[str, Known] = {}
        if missing:
            cursor = await connection.execute(FOLDS_OF_STREAMS.format(identifier(self.table)), (missing,))
            found = {row[0]: (row[1], state_codec.load(kind_of(row[0]), row[2])) for row in await cursor.fetchall()}
        return found | {stream: self._recent[stream] for stream in wanted if stream in self._recent}

    async def keep(self, connection: Connection, outcome: Writes) -> None:
        """Write the states that an outcome ends in."""
        folded = outcome.folded.values()
        kept = [(one.stream, one.version, state_codec.dump(kind_of(one.stream), one.state)) for one in folded]
        if kept:
            columns = map(list, zip(*kept, strict=True))
            await connection.execute(KEEP_FOLDS.format(table=identifier(self.table)), tuple(columns))

    def remember(self, outcome: Writes) -> None:
        """Hold the states in memory, once they are committed."""
        for folded in outcome.folded.values():
            self._recent[folded.stream] = (folded.version, folded.state)
            self._recent.move_to_end(folded.stream)
        while len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)

    def forget(self) -> None:
        """Believe the table again."""
        self._recent.clear()


Tables = tuple[tuple[View, str], ...]
"""Views with the tables they are written to."""

Writing = Callable[[Connection, Tables, Writes], Awaitable[list[Poison]]]
"""`write` or `write_singly`."""


async def write(connection: Connection, tables: Tables, outcome: Writes) -> list[Poison]:
    """Rows in, rows out, all views; psycopg's DataError or IntegrityError when PostgreSQL does not take one."""
    async with connection.pipeline():
        for view, table in tables:
            for rows in _portions(outcome.rows.get(view.name, ())):
                await connection.execute(upsert(view, table), (rows,))
            await _take_away(connection, table, outcome.gone.get(view.name, ()))
    return []


async def write_singly(connection: Connection, tables: Tables, outcome: Writes) -> list[Poison]:
    """As `write`, each row for itself; what PostgreSQL does not take is handed back to be parked."""
    refused: dict[tuple[str, str], Poison] = {}
    for view, table in tables:
        for row in outcome.rows.get(view.name, ()):
            if (view.name, row.stream) in refused:
                continue
            try:
                async with connection.transaction():
                    await connection.execute(upsert(view, table), (_array([row.model_dump_json()]),))
            except REFUSED as error:
                refused[view.name, row.stream] = poison(view.name, outcome.folded[row.stream].last, error)
        await _take_away(connection, table, outcome.gone.get(view.name, ()))
    return list(refused.values())


async def _take_away(connection: Connection, table: str, gone: Sequence[Folded[Any]]) -> None:
    if gone:
        streams, versions = [one.stream for one in gone], [one.version for one in gone]
        await connection.execute(remove(table), (streams, versions))


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
