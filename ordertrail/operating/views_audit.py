"""Checks the views of one partition against its log, row by row, both ways, as the records pass.

Decides: when the row of an event and the row of a state are due. Must not know: logs, what a right row is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import orjson
from psycopg import sql
from psycopg.rows import TupleRow
from psycopg.types.json import set_json_loads

from domain.stream_names import kind_of
from projections.projector.copying import json_columns
from projections.registry import VIEWS
from projections.view import EventView, Folded, Row, StateView, TermView, View, select

if TYPE_CHECKING:
    from domain.decider import Event
    from domain.recorded import Recorded
    from ordertrail.operating.log_audit import Problems
    from projections.view import Connection

FETCHED: Final = 500
BEYOND: Final = 2**63
"""Greater than any sequence."""

RowKey = tuple[Any, ...]
"""Values of a view's primary key: the stream, or stream and version."""


@dataclass(slots=True)
class ViewsAudit:
    """The views of one partition in the snapshot that `connection` has open; `parked` streams are passed over."""

    connection: Connection
    partition: int
    parked: frozenset[tuple[str, str]]
    problems: Problems
    rows: int = 0
    """Stored rows compared."""
    _stored: dict[str, AsyncIterator[TupleRow]] = field(default_factory=dict)
    _next: dict[str, TupleRow | None] = field(default_factory=dict)

    async def begin(self) -> None:
        """Open the rows of events, in the order of the log."""
        set_json_loads(orjson.loads, self.connection)
        for view in VIEWS:
            if isinstance(view, EventView):
                self._stored[view.name] = self._rows_of(view, " ORDER BY sequence")
                self._next[view.name] = await anext(self._stored[view.name], None)

    async def event(self, recorded: Recorded[Event], state: object) -> None:
        """The rows of one event; call it in the order of the log, for what the snapshot reflects."""
        for view in VIEWS:
            if isinstance(view, EventView) and kind_of(recorded.stream) in view.kinds:
                due = self._due(view, recorded.stream, partial(view.rows, recorded, state))
                stored = await self._upto(view, recorded.position.sequence)
                self._compare(view, due, stored)

    async def _upto(self, view: View, sequence: int) -> dict[RowKey, TupleRow]:
        found = {}
        place = places(view, ("sequence",))[0]
        row = self._next[view.name]
        while row is not None and row[place] <= sequence:
            found[_key(view, row)] = row
            row = self._next[view.name] = await anext(self._stored[view.name], None)
        return found

    async def states(self, folded: Mapping[str, Folded[Any]]) -> None:
        """Rows of every stream as the snapshot reflects it; after the last event."""
        for view in VIEWS:
            if isinstance(view, EventView):
                self._compare(view, {}, await self._upto(view, BEYOND))
                continue
            left = {stream for stream in folded if kind_of(stream) == view.kind}
            async for stream, stored in self._by_stream(view):
                left.discard(stream)
                self._compare(view, self._of_state(view, folded.get(stream)), stored)
            for stream in left:
                self._compare(view, self._of_state(view, folded[stream]), {})

    async def _by_stream(self, view: View) -> AsyncIterator[tuple[str, dict[RowKey, TupleRow]]]:
        """All stored rows of each stream."""
        stream, found = "", dict[RowKey, TupleRow]()
        async for row in self._rows_of(view, " ORDER BY stream" if isinstance(view, TermView) else ""):
            key = _key(view, row)
            if key[0] != stream and found:
                yield stream, found
                found = {}
            stream, found[key] = key[0], row
        if found:
            yield stream, found

    async def _rows_of(self, view: View, order: str) -> AsyncIterator[TupleRow]:
        query = select(view) + sql.SQL(" WHERE partition = %s") + sql.SQL(order)
        async with self.connection.cursor(f"audit_{view.name}", binary=True) as cursor:
            await cursor.execute(query, (self.partition,))
            while rows := await cursor.fetchmany(FETCHED):
                self.rows += len(rows)
                for row in rows:
                    yield row

    def _of_state(
        self, view: StateView[Any, Any] | TermView[Any, Any], folded: Folded[Any] | None
    ) -> dict[RowKey, Row]:
        if folded is None:
            return {}
        if isinstance(view, TermView):
            return self._due(view, folded.stream, partial(view.rows, folded))
        return self._due(view, folded.stream, lambda: (view.rows(folded),))

    def _due(self, view: View, stream: str, rows: Callable[[], Iterable[Row | None]]) -> dict[RowKey, Row]:
        if (view.name, stream) in self.parked:
            return {}
        try:
            return {tuple(getattr(row, name) for name in view.key): row for row in rows() if row is not None}
        except Exception as error:  # noqa: BLE001 - what a view stumbles over is a problem to tell, not the end
            self.problems.add(f"view {view.name} cannot digest {stream}: {type(error).__name__}")
            return {}

    def _compare(self, view: View, due: Mapping[RowKey, Row], stored: Mapping[RowKey, TupleRow]) -> None:
        for key in due.keys() | stored.keys():
            if (view.name, key[0]) in self.parked:
                continue
            if key not in due or key not in stored or not _same(view, due[key], stored[key]):
                name = " ".join(map(str, key))
                self.problems.add(f"view {view.name}: the row of {name} is not what the log says")


@cache
def places(view: View, names: tuple[str, ...]) -> tuple[int, ...]:
    """Where these columns stand in a stored row."""
    return tuple(map(tuple(view.row.model_fields).index, names))


@cache
def values_of(view: View) -> Callable[[Row], TupleRow]:
    """Reads a row's values in the order of its columns."""
    return attrgetter(*view.row.model_fields)


def _key(view: View, stored: TupleRow) -> RowKey:
    return tuple([stored[place] for place in places(view, view.key)])


def _same(view: View, row: Row, stored: TupleRow) -> bool:
    """Documents are compared as the JSON they are, everything else by value."""
    values = values_of(view)(row)
    if values == stored:
        return True
    documents = json_columns(view)
    for name, due, found in zip(view.row.model_fields, values, stored, strict=True):
        if name not in documents and (tuple(found) if found.__class__ is list else found) != due:
            return False
    there = {name: stored[place] for name, place in zip(documents, places(view, tuple(documents)), strict=True)}
    return row.model_dump(mode="json", include=set(documents)) == there
