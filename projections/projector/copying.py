"""Rows and folded states into tables by COPY, for a rebuild: a few times cheaper than writing them one by one.

Decides: how a row becomes a line of COPY's text format. Must not know: when what is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

import orjson
from psycopg import sql

from projections.projector import folds
from projections.view import Connection, Folded, Row, View, column_type, columns, identifier

LINES: Final = 2_000
"""What is handed to the connection at once."""

SPECIAL: Final = re.compile(r"[\\\n\r]")
NULL_MARK: Final = "\0"
"""Stands for a null until the line is whole; no text in PostgreSQL holds it."""
ESCAPED: Final = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}

FOLD_COLUMNS: Final = sql.SQL("stream, version, state")
ENTRY_COLUMNS: Final = sql.SQL("stream, order_id, entry")


async def copy_rows(connection: Connection, view: View, table: str, rows: Sequence[Row]) -> None:
    """Rows that are not in the table yet; psycopg's DataError or IntegrityError when PostgreSQL does not take one."""
    documents = json_columns(view)
    lines = (line(row.model_dump(mode="json"), documents) for row in rows)
    await _copy(connection, table, columns(view.row), lines)


async def copy_folds(connection: Connection, suffix: str, folded: Sequence[Folded[Any]]) -> None:
    """Folded states of streams that are not in the tables of this suffix yet."""
    states = (f"{escaped(one.stream)}\t{one.version}\t{_bytes(folds.dump(one))}\n" for one in folded)
    await _copy(connection, folds.FOLD + suffix, FOLD_COLUMNS, states)
    entries = (f"{escaped(stream)}\t{order}\t{_bytes(entry)}\n" for stream, order, entry in folds.entries_of(folded))
    await _copy(connection, folds.ENTRY_TABLE + suffix, ENTRY_COLUMNS, entries)


@cache
def json_columns(view: View) -> frozenset[str]:
    """Columns that hold documents; other lists are arrays."""
    return frozenset(name for name, field in view.row.model_fields.items() if column_type(field.annotation) == "jsonb")


def line(row: dict[str, Any], documents: frozenset[str]) -> str:
    """A row in COPY's text format. Documents are text before they are escaped: COPY's escapes are undone first."""
    fields = [_text(value, document=name in documents) for name, value in row.items()]
    whole = "\t".join([NULL_MARK if field is None else field for field in fields])
    if (
        whole.count("\t") == len(fields) - 1
        and whole.count(NULL_MARK) == fields.count(None)
        and not SPECIAL.search(whole)
    ):
        return f"{whole}\n".replace(NULL_MARK, "\\N")
    return "\t".join(["\\N" if field is None else escaped(field) for field in fields]) + "\n"


def _text(value: Any, *, document: bool) -> str | None:
    if value is None or value.__class__ is str:
        return value if value is None or not document else orjson.dumps(value).decode()
    if document:
        return orjson.dumps(value).decode()
    return "{" + ",".join(map(_element, value)) + "}" if isinstance(value, list) else str(value)


def _element(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _bytes(value: bytes) -> str:
    return f"\\\\x{value.hex()}"


def escaped(text: str) -> str:
    """The text as a field."""
    for special, escape in ESCAPED.items():
        text = text.replace(special, escape)
    return text


async def _copy(connection: Connection, table: str, names: sql.Composable, lines: Iterable[str]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(identifier(table), names)
    gathered: list[str] = []
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for each in lines:
            gathered.append(each)
            if len(gathered) == LINES:
                await copy.write("".join(gathered))
                gathered.clear()
        await copy.write("".join(gathered))
