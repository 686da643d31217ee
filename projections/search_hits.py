"""Reading the search view: the orders that one text finds, the latest first, page by page.

Decides: that a field in which something is exactly what was asked is not searched for what begins like it, names
apart; that orders of an article come after all others; and that no search reads more rows than it may. Must not know:
who may look by what, words on screen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString, TypeAlias
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from domain.order.status import Badge, Headline, NextAction
from domain.roles import Party
from projections import order
from projections.search_terms import PHONES, WORDED, SearchField, folded
from projections.view import Connection, Row, columns, identifier

MOST_BEGINNINGS: Final = 2_000
"""Of what only begins with what was asked, so many terms of each field are looked at."""
AFTER_ALL: Final = chr(0x10FFFF)
"""Comes after every character."""


class FoundOrder(Row):
    """An order as a list of hits shows it."""

    number: str
    customer_id: str | None
    customer_name: str | None
    customer_reference: str | None
    headline: Headline
    badges: tuple[Badge, ...]
    waiting_on: Party
    next_action: NextAction
    waiting_since: datetime
    placed_at: datetime
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class SearchCursor:
    """A place among hits: the next page holds those that come after it."""

    last: bool
    """Whether the order was found by an article of it and nothing else: these come after all others."""
    place: int
    order_id: UUID


FIRST: Final = SearchCursor(last=False, place=-(1 << 63), order_id=UUID(int=0))
FIRST_OF_ARTICLE: Final = SearchCursor(last=True, place=FIRST.place, order_id=FIRST.order_id)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An order, and all that it was found by."""

    order: FoundOrder
    by: tuple[SearchField, ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of hits."""

    hits: tuple[SearchHit, ...] = ()
    more: SearchCursor | None = None
    """Where the next page begins; None on the last one."""
    too_many: bool = False
    """Whether more begin like this than were looked at."""


WHOLE: Final[LiteralString] = """
SELECT asked.kind FROM unnest(%s::text[], %s::text[]) AS asked (kind, term)
WHERE EXISTS (SELECT FROM views.search WHERE search.kind = asked.kind AND search.term COLLATE "C" = asked.term)
"""

EXACT: Final[LiteralString] = """
SELECT asked.kind, hit.stream, hit.place, hit.order_id, 0
FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::uuid[]) AS asked (kind, term, place, order_id)
CROSS JOIN LATERAL (
    SELECT stream, place, order_id FROM views.search
    WHERE kind = asked.kind AND term COLLATE "C" = asked.term AND (place, order_id) > (asked.place, asked.order_id)
    ORDER BY place, order_id LIMIT %s
) AS hit
"""

BEGINNING: Final[LiteralString] = """
SELECT asked.kind, hit.stream, hit.place, hit.order_id, hit.looked_at
FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::uuid[]) AS asked (kind, term, upto, place, order_id)
CROSS JOIN LATERAL (
    SELECT DISTINCT place, order_id, stream, looked_at FROM (
        SELECT stream, place, order_id, count(*) OVER () AS looked_at FROM (
            SELECT stream, place, order_id FROM views.search
            WHERE kind = asked.kind AND term COLLATE "C" >= asked.term AND term COLLATE "C" <= asked.upto
            ORDER BY term COLLATE "C" DESC, place DESC, order_id DESC LIMIT %s
        ) AS looked
    ) AS counted
    WHERE (place, order_id) > (asked.place, asked.order_id)
    ORDER BY place, order_id LIMIT %s
) AS hit
"""
"""From the end on: of order numbers these are the latest."""

IN_ORDER: Final[LiteralString] = "SET LOCAL enable_bitmapscan = off"
"""Terms are read one after the other, up to the bound: the planner takes every range for a short one, and would read it
all and sort it."""

FOUND_BY: Final[LiteralString] = """
SELECT DISTINCT search.stream, search.kind
FROM unnest(%s::text[]) AS found (stream), unnest(%s::text[], %s::text[], %s::text[]) AS asked (kind, term, upto),
    views.search
WHERE search.stream = found.stream AND search.kind = asked.kind
    AND search.term COLLATE "C" >= asked.term AND search.term COLLATE "C" <= asked.upto
"""

Candidates: TypeAlias = dict[SearchField, list[tuple[str, SearchCursor, int]]]
"""By field: stream, place and how many rows were looked at for it."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is looked for in one field: all terms from `term` to `upto`."""

    kind: SearchField
    term: str
    upto: str

    @property
    def is_whole(self) -> bool:
        """Whether it is one term and not what begins like it."""
        return self.term == self.upto


async def find_orders(
    connection: Connection, text: str, fields: Collection[SearchField], after: SearchCursor = FIRST, limit: int = 50
) -> Hits:
    """Orders found by these fields, and by none that is not among them: what a role does not read is not looked at."""
    asked = await _asked(connection, text, fields)
    if not asked:
        return Hits()
    found = await _candidates(connection, asked, after, limit + 1)
    full = [rows[-1][1] for rows in found.values() if len(rows) > limit]
    horizon = min(full, default=None)
    too_many = any(looked_at >= MOST_BEGINNINGS for rows in found.values() for *_, looked_at in rows)
    places = _places(found, horizon)
    by = await _found_by(connection, places, asked)
    kept = [stream for stream in places if not (places[stream].last and set(by[stream]) != {SearchField.SKU})]
    shown = kept[:limit]
    rows = await _rows(connection, shown)
    more = places[shown[-1]] if len(kept) > limit else horizon
    return Hits(tuple(SearchHit(rows[stream], by[stream]) for stream in shown if stream in rows), more, too_many)


async def _asked(connection: Connection, text: str, fields: Collection[SearchField]) -> list[_Asked]:
    """Names by their beginning; other fields by the whole term, or by the beginning where nothing is the whole."""
    wanted = {kind: term for kind in SearchField if kind in fields and (term := folded(kind, text))}
    codes = [kind for kind in wanted if kind not in WORDED]
    rows = await connection.execute(WHOLE, (codes, [wanted[kind] for kind in codes]))
    whole = {SearchField(kind) for (kind,) in await rows.fetchall()}
    return [
        _Asked(kind, term, term if kind in whole else term + AFTER_ALL)
        for kind, term in wanted.items()
        if kind in whole or kind not in PHONES
    ]


async def _candidates(connection: Connection, asked: Sequence[_Asked], after: SearchCursor, limit: int) -> Candidates:
    found: Candidates = defaultdict(list)
    due = [(one, start) for one in asked if (start := _start(one.kind, after)) is not None]
    whole = [(one.kind, one.term, start.place, start.order_id) for one, start in due if one.is_whole]
    begun = [(one.kind, one.term, one.upto, start.place, start.order_id) for one, start in due if not one.is_whole]
    async with connection.transaction():
        await connection.execute(IN_ORDER)
        for query, rows, limits in ((EXACT, whole, (limit,)), (BEGINNING, begun, (MOST_BEGINNINGS, limit))):
            answer = await connection.execute(query, (*map(list, zip(*rows, strict=True)), *limits)) if rows else None
            for kind, stream, place, order_id, looked_at in await answer.fetchall() if answer else ():
                key = SearchCursor(SearchField(kind) is SearchField.SKU, place, order_id)
                found[SearchField(kind)].append((stream, key, looked_at))
    return found


def _start(kind: SearchField, after: SearchCursor) -> SearchCursor | None:
    """From where a field is read on; None where all of it came before."""
    if kind is SearchField.SKU:
        return after if after.last else FIRST_OF_ARTICLE
    return None if after.last else after


def _places(found: Candidates, horizon: SearchCursor | None) -> dict[str, SearchCursor]:
    """Streams in the order of hits, as far as every field was read."""
    places: dict[str, SearchCursor] = {}
    for rows in found.values():
        for stream, key, _ in rows:
            if horizon is None or key <= horizon:
                places[stream] = min(key, places.get(stream, key))
    return dict(sorted(places.items(), key=lambda item: item[1]))


async def _found_by(
    connection: Connection, streams: Iterable[str], asked: Sequence[_Asked]
) -> Mapping[str, tuple[SearchField, ...]]:
    """By which of the fields each of these orders is found."""
    found = defaultdict[str, set[SearchField]](set)
    terms = ([one.kind for one in asked], [one.term for one in asked], [one.upto for one in asked])
    for stream, kind in await (await connection.execute(FOUND_BY, (list(streams), *terms))).fetchall():
        found[stream].add(SearchField(kind))
    return {stream: tuple(kind for kind in SearchField if kind in kinds) for stream, kinds in found.items()}


async def _rows(connection: Connection, streams: Sequence[str]) -> dict[str, FoundOrder]:
    query = sql.SQL("SELECT {} FROM {} WHERE stream = ANY(%s)").format(columns(FoundOrder), identifier(order.VIEW.name))
    async with connection.cursor(row_factory=class_row(FoundOrder)) as cursor:
        await cursor.execute(query, (list(streams),))
        return {row.stream: row for row in await cursor.fetchall()}
