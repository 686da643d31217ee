"""What a view is: a name, a version, a row model, a table and one pure function from history to rows.

Decides: the shape of a view and of its bookkeeping columns, and how its tables and statements are called. A row is a
function of the log alone: no clock, no other view. Must not know: how batches are cut, which log is read, HTTP.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Any, Final, Generic, LiteralString, TypedDict, TypeVar, Union, get_args, get_origin
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow, class_row
from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from domain.recorded import Position, Recorded
from streams import state_codec

Connection = AsyncConnection[TupleRow]
"""What every query takes: borrowed from a pool or one's own."""

SCHEMA: Final = "views"


class Part(BaseModel):
    """A piece of a row, of a filter or of a page."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Row(Part):
    """A row as it is stored and as queries return it."""

    stream: str


class RecordedRow(Row):
    """What a row says, and of which event of which stream it comes."""

    version: int
    """Version of the stream that the row reflects."""
    partition: int
    sequence: int

    @property
    def position(self) -> Position:
        """Place of the newest event that the row reflects."""
        return Position(self.partition, self.sequence)


class TermRow(Row):
    """One of the rows of a stream. It knows no version: as long as it says the same, nobody writes it."""

    partition: int


class StateRow(RecordedRow):
    """A row about one stream as it stands now; its version is the first part of a document's ETag."""

    updated_at: datetime
    """When the newest event of the stream was recorded."""


S = TypeVar("S")
R = TypeVar("R", bound=Row)
U = TypeVar("U", bound=TermRow)
T = TypeVar("T", bound=StateRow)


class Stamp(TypedDict):
    """The bookkeeping columns of a `StateRow`."""

    stream: str
    version: int
    partition: int
    sequence: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Folded(Generic[S]):
    """A stream folded up to its event `last`."""

    stream: str
    version: int
    state: S
    last: Recorded[Any]

    def stamp(self) -> Stamp:
        """Values of the bookkeeping columns."""
        position = self.last.position
        return {
            "stream": self.stream,
            "version": self.version,
            "partition": position.partition,
            "sequence": position.sequence,
            "updated_at": self.last.metadata.recorded_at,
        }


@dataclass(frozen=True, slots=True)
class StateView(Generic[S, T]):
    """One row per stream of one kind, computed from its folded state once per batch; None takes the row away.

    `table` is DDL with two places to fill: `{table}`, and `{columns}` for the columns of `row` and the primary key.
    """

    name: str
    version: int
    kind: str
    row: type[T]
    table: LiteralString
    rows: Callable[[Folded[S]], T | None]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of stream that the view looks at."""
        return (self.kind,)

    @property
    def key(self) -> tuple[str, ...]:
        """The table's primary key."""
        return ("stream",)


@dataclass(frozen=True, slots=True)
class EventView(Generic[R]):
    """Rows for each event of some kinds of stream; what was written stays.

    `rows` gets the event and the state after it.
    """

    name: str
    version: int
    kinds: tuple[str, ...]
    key: tuple[str, ...]
    row: type[R]
    table: LiteralString
    rows: Callable[[Recorded[Any], object], tuple[R, ...]]


@dataclass(frozen=True, slots=True)
class TermView(Generic[S, U]):
    """Any number of rows per stream of one kind, computed from its folded state; what it no longer says goes away.

    `basis` is all of a state that rows are made of: while that stays the same, nobody computes them.
    """

    name: str
    version: int
    kind: str
    key: tuple[str, ...]
    row: type[U]
    table: LiteralString
    basis: Callable[[S], object]
    rows: Callable[[Folded[S]], frozenset[U]]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of stream that the view looks at."""
        return (self.kind,)


View = StateView[Any, Any] | EventView[Any] | TermView[Any, Any]


def shape_of(view: View) -> str:
    """SHA-256 (hex) of what rows are made from and of: the form of states and the row's columns.

    Whoever changes a column and forgets the version has the table made anew, not one in which the column is missing.
    """
    columns = (f"{name} {column_type(field.annotation)}" for name, field in view.row.model_fields.items())
    return hashlib.sha256("\n".join((state_codec.shape(), *columns)).encode()).hexdigest()


def table_of(view: View) -> str:
    """Name of the view's live table, within the schema."""
    return f"{view.name}_v{view.version}"


def identifier(table: str) -> sql.Identifier:
    """A table of this schema, quoted."""
    return sql.Identifier(SCHEMA, table)


def columns(row: type[Row]) -> sql.Composed:
    """The row model's columns, in its order."""
    return sql.SQL(", ").join(map(sql.Identifier, row.model_fields))


SQL_TYPES: Final[tuple[tuple[type, LiteralString], ...]] = (
    (str, "text"),
    (UUID, "uuid"),
    (bool, "boolean"),
    (int, "bigint"),
    (datetime, "timestamptz"),
    (date, "date"),
)
"""The first that a field's type is, or derives from."""


def column_type(annotation: object) -> LiteralString:
    """PostgreSQL's type for a field, None left out; texts in a tuple are an array, all other parts a document."""
    members = get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)
    (kind,) = (member for member in members if member is not NoneType)
    if kind == tuple[str, ...]:
        return "text[]"
    known = (name for known, name in SQL_TYPES if isinstance(kind, type) and issubclass(kind, known))
    return next(known, "jsonb")


def _definitions(view: View) -> sql.Composed:
    """The columns of the row model and the primary key, as a table is made with them."""
    key = sql.SQL("PRIMARY KEY ({})").format(sql.SQL(", ").join(map(sql.Identifier, view.key)))
    return sql.SQL(", ").join((*(_definition(*each) for each in view.row.model_fields.items()), key))


def _definition(name: str, field: FieldInfo) -> sql.Composed:
    null = "" if NoneType in get_args(field.annotation) else "NOT NULL"
    return sql.SQL(" ").join((sql.Identifier(name), sql.SQL(column_type(field.annotation)), sql.SQL(null)))


INDEX: Final = "CREATE INDEX"


def create(view: View, table: str) -> sql.Composed:
    """The statement that makes the view's table under any name, with its constraints and without its other indexes."""
    statement: LiteralString = view.table.partition(INDEX)[0]
    return sql.SQL(statement).format(table=identifier(table), columns=_definitions(view))


def create_indexes(view: View, table: str) -> sql.Composed:
    """Statements that make the other indexes; cheaper once the rows are there."""
    _, first, rest = view.table.partition(INDEX)
    statements: LiteralString = first + rest
    return sql.SQL(statements).format(table=identifier(table))


def select(view: View) -> sql.Composed:
    """Beginning of a query: the row model's columns from wherever the view lives at present."""
    return sql.SQL("SELECT {} FROM {}").format(columns(view.row), identifier(view.name))


Condition = tuple[LiteralString, tuple[object, ...] | None]
"""SQL with as many `%s` as values; None, or a None among the values, asks nothing."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows a query returns and in which order (`ORDER BY ...`), and how many at most."""

    conditions: tuple[Condition, ...]
    order: LiteralString = ""
    limit: int = 1


async def fetch(connection: Connection, view: View, row: type[R], page: Page) -> list[R]:
    """One page of a view. `row` is the view's row model, named again so that types are exact."""
    asked = [(clause, values) for clause, values in page.conditions if values is not None and None not in values]
    query = select(view)
    if asked:
        query += sql.SQL(" WHERE ") + sql.SQL(" AND ").join(sql.SQL(clause) for clause, _ in asked)
    query += sql.SQL(" ") + sql.SQL(page.order) + sql.SQL(" LIMIT %s")
    async with connection.cursor(row_factory=class_row(row)) as cursor:
        await cursor.execute(query, [value for _, values in asked for value in values] + [page.limit])
        return await cursor.fetchall()


async def fetch_one(connection: Connection, view: View, row: type[R], condition: Condition) -> R | None:
    """The row that meets a condition on a unique column, or None."""
    rows = await fetch(connection, view, row, Page((condition,)))
    return rows[0] if rows else None
