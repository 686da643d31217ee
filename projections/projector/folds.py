"""Folded states in PostgreSQL, from which a projector goes on. Every function runs within the caller's transaction.

Decides: that an order is one row, and a stock item one row and another for each order it knows, of which those are
written that changed: a busy article has thousands of orders, and every batch touches it. Must not know: views, logs,
who may write.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from psycopg import sql

from domain.paged_map import PagedMap
from domain.stock.state import Entry, StockItem
from domain.stream_names import kind_of
from projections.projector.fold_batch import Known
from projections.view import Connection, Folded, identifier
from streams import state_codec

FOLD: Final = "fold"
ENTRY_TABLE: Final = "fold_entry"

REMEMBERED: Final = 5_000
ENTRIES_PER_STATEMENT: Final = 10_000

FOLDS_OF_STREAMS: Final = sql.SQL("SELECT stream, version, state FROM {} WHERE stream = ANY(%s)")
ENTRIES_OF_STREAMS: Final = sql.SQL("SELECT stream, entry FROM {} WHERE stream = ANY(%s)")

KEEP_FOLDS: Final = sql.SQL(
    "INSERT INTO {table} SELECT * FROM unnest(%s::text[], %s::integer[], %s::bytea[]) ON CONFLICT (stream) "
    "DO UPDATE SET version = excluded.version, state = excluded.state WHERE excluded.version > {table}.version"
)
KEEP_ENTRIES: Final = sql.SQL(
    "INSERT INTO {table} SELECT * FROM unnest(%s::text[], %s::uuid[], %s::bytea[]) ON CONFLICT (stream, order_id) "
    "DO UPDATE SET entry = excluded.entry"
)
DROP_ENTRIES: Final = sql.SQL(
    "DELETE FROM {table} USING unnest(%s::text[], %s::uuid[]) AS gone (stream, order_id) "
    "WHERE {table}.stream = gone.stream AND {table}.order_id = gone.order_id"
)


class FoldTables:
    """Folded states by stream: two tables. `suffix` is that of both."""

    def __init__(self, suffix: str = "") -> None:
        self._folds = identifier(FOLD + suffix)
        self._entries = identifier(ENTRY_TABLE + suffix)

    async def load(self, connection: Connection, streams: Collection[str]) -> dict[str, Known]:
        """States of those streams that have one."""
        if not streams:
            return {}
        items = [stream for stream in streams if kind_of(stream) == "stock"]
        entries: defaultdict[str, list[bytes]] = defaultdict(list)
        if items:
            rows = await connection.execute(ENTRIES_OF_STREAMS.format(self._entries), (items,))
            for stream, entry in await rows.fetchall():
                entries[stream].append(entry)
        rows = await connection.execute(FOLDS_OF_STREAMS.format(self._folds), (list(streams),))
        return {
            stream: (version, _loaded(stream, state, entries[stream]))
            for stream, version, state in await rows.fetchall()
        }

    async def keep(self, connection: Connection, known: Mapping[str, Known], folded: Collection[Folded[Any]]) -> None:
        """Write states; `known` are these streams as the tables have them."""
        if not folded:
            return
        columns = zip(*((one.stream, one.version, dump(one)) for one in folded), strict=True)
        await connection.execute(KEEP_FOLDS.format(table=self._folds), tuple(map(list, columns)))
        put: list[tuple[str, UUID, bytes]] = []
        gone: list[tuple[str, UUID]] = []
        for one in folded:
            if isinstance(one.state, StockItem):
                changed, left = one.state.entries.since(_entries(known.get(one.stream)))
                put += ((one.stream, order_id, state_codec.dump_entry(entry)) for order_id, entry in changed.items())
                gone += ((one.stream, order_id) for order_id in left)
        for statement, rows in ((KEEP_ENTRIES, put), (DROP_ENTRIES, gone)):
            for start in range(0, len(rows), ENTRIES_PER_STATEMENT):
                portion = zip(*rows[start : start + ENTRIES_PER_STATEMENT], strict=True)
                await connection.execute(statement.format(table=self._entries), tuple(map(list, portion)))


class RecentFolds:
    """States of the streams that were touched last, as they are committed."""

    def __init__(self) -> None:
        self._recent: OrderedDict[str, Known] = OrderedDict()

    def known(self, wanted: Collection[str]) -> dict[str, Known]:
        """States of those streams that are among them."""
        return {stream: self._recent[stream] for stream in wanted if stream in self._recent}

    def remember(self, folded: Iterable[Folded[Any]]) -> None:
        """Hold states, once they are committed."""
        for one in folded:
            self._recent[one.stream] = (one.version, one.state)
            self._recent.move_to_end(one.stream)
        while len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)

    def forget(self) -> None:
        """What is committed may be something else."""
        self._recent.clear()


def dump(folded: Folded[Any]) -> bytes:
    """The state as its own row holds it."""
    if isinstance(folded.state, StockItem):
        return state_codec.dump_apart(folded.state)
    return state_codec.dump(folded.state)


def entries_of(folded: Iterable[Folded[Any]]) -> Iterator[tuple[str, UUID, bytes]]:
    """A row for each order of each stock item."""
    for one in folded:
        if isinstance(one.state, StockItem):
            for order_id, entry in one.state.entries.items():
                yield one.stream, order_id, state_codec.dump_entry(entry)


def _entries(known: Known | None) -> PagedMap[UUID, Entry]:
    state = None if known is None else known[1]
    return state.entries if isinstance(state, StockItem) else PagedMap()


def _loaded(stream: str, state: bytes, entries: Iterable[bytes]) -> state_codec.State:
    if kind_of(stream) == "stock":
        return state_codec.load_apart(state, entries)
    return state_codec.load(kind_of(stream), state)
