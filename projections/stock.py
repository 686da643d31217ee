"""The stock view: what lies where, what of it is spoken for, and who waits.

Decides: the columns and their order. Must not know: words on screen, prices.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, LiteralString

from psycopg import sql
from psycopg.types.json import Jsonb

from domain.roles import Party
from domain.stock.state import StockItem, TaughtCode
from domain.stream_names import stock_stream
from projections.view import (
    Condition,
    Connection,
    Folded,
    Page,
    Part,
    StateRow,
    StateView,
    fetch,
    fetch_one,
    identifier,
)


class TaskKind(StrEnum):
    """What there is to be done about a stock item."""

    COUNT = "count-task"
    SHORTFALL = "shortfall"


@dataclass(frozen=True, slots=True)
class StockTask:
    """Something that a department has to deal with."""

    kind: TaskKind
    owner: Party
    units: int | None = None
    """Units missing; None where it is not about units."""
    since: datetime | None = None
    """None where it grew bit by bit."""


class StockRow(StateRow):
    """One SKU at one location, in base units. available = on_hand - staged - reserved; negative only after a count."""

    sku: str
    location: str
    on_hand: int
    """Units in the house, staged ones included."""
    staged: int
    """Picked, not gone."""
    reserved: int
    """Promised to orders, not picked."""
    available: int
    waiting: int
    """Units orders wait for."""
    waiting_orders: int
    waiting_since: datetime | None
    """Since when the order waits that has waited longest; None while none does."""
    deferred_orders: int
    """Of these, orders that ship only complete and wait for another article first: they take nothing here yet."""
    shortfall: int
    """Units that were promised and are missing; purchasing's until as many came in or are wanted no more."""
    count_asked_at: datetime | None
    """Since when the warehouse has a count task; None while nothing is in doubt."""
    last_issue_at: datetime | None
    """When units last left the house; None when none ever did."""
    bins: tuple[str, ...]
    """Where it lies, the bin that was named last first."""
    codes: tuple[TaughtCode, ...]
    """On the article and its packs."""

    @property
    def bin(self) -> str:
        """Where to look for it first; empty where nobody said."""
        return self.bins[0] if self.bins else ""

    @property
    def tasks(self) -> tuple[StockTask, ...]:
        """What somebody has to deal with, and who."""
        asked = self.count_asked_at
        count = (StockTask(TaskKind.COUNT, Party.WAREHOUSE, since=asked),) if asked is not None else ()
        short = (StockTask(TaskKind.SHORTFALL, Party.PURCHASING, units=self.shortfall),) if self.shortfall else ()
        return (*count, *short)

    def days_since_last_issue(self, now: datetime) -> int | None:
        """Whole days; None when nothing was ever issued."""
        return None if self.last_issue_at is None else max(0, (now - self.last_issue_at).days)


TABLE: Final[LiteralString] = """
CREATE TABLE {table} ({columns}, UNIQUE (sku, location));
CREATE INDEX ON {table} (waiting_since, sku, location) WHERE waiting > 0;
CREATE INDEX ON {table} (sku, location) WHERE shortfall > 0 OR count_asked_at IS NOT NULL;
CREATE INDEX ON {table} USING gin (codes jsonb_path_ops);
"""


def stock_row(folded: Folded[StockItem]) -> StockRow:
    """The item's row."""
    item = folded.state
    return StockRow(
        **folded.stamp(),
        sku=item.sku,
        location=item.location,
        on_hand=item.on_hand,
        staged=item.staged,
        reserved=item.reserved,
        available=item.available,
        waiting=item.waiting,
        waiting_orders=item.waiting_orders,
        waiting_since=item.waiting_since,
        deferred_orders=len(item.lists.deferred),
        shortfall=item.shortfall,
        count_asked_at=item.count_asked_at,
        last_issue_at=item.last_issue_at,
        bins=item.bins,
        codes=item.codes,
    )


VIEW: Final = StateView(name="stock", version=5, kind="stock", row=StockRow, table=TABLE, rows=stock_row)


class StockFilter(Part):
    """The filters of the stock list; None leaves a filter out."""

    sku: str | None = None
    """Beginning of a stock code, in either case."""
    location: str | None = None
    available: bool = False
    """Only items of which units are free."""
    awaited: bool = False
    """Only items that orders wait for, the longest wait first."""
    with_tasks: bool = False
    """Only items that somebody has to deal with."""
    to_count: bool = False
    """Only items with a count task."""


@dataclass(frozen=True, slots=True)
class StockCursor:
    """The last row of a page; since when is awaited what it shows, where the list is sorted by that."""

    sku: str
    location: str
    waiting_since: datetime | None = None


BY_CODE: Final[LiteralString] = "ORDER BY sku, location"
LONGEST_WAIT: Final[LiteralString] = "ORDER BY waiting_since, sku, location"


def _after(asked: StockFilter, cursor: StockCursor | None) -> Condition:
    if asked.awaited:
        seen = (cursor.waiting_since, cursor.sku, cursor.location) if cursor else None
        return "(waiting_since, sku, location) > (%s, %s, %s)", seen
    return "(sku, location) > (%s, %s)", (cursor.sku, cursor.location) if cursor else None


async def find(
    connection: Connection, asked: StockFilter, cursor: StockCursor | None = None, limit: int = 50
) -> list[StockRow]:
    """Stock by code and location, after the cursor's; what is awaited by the longest wait first."""
    conditions: tuple[Condition, ...] = (
        ("starts_with(sku, upper(%s))", (asked.sku,)),
        ("location = %s", (asked.location,)),
        ("available > 0", () if asked.available else None),
        ("waiting > 0", () if asked.awaited else None),
        ("(shortfall > 0 OR count_asked_at IS NOT NULL)", () if asked.with_tasks else None),
        ("count_asked_at IS NOT NULL", () if asked.to_count else None),
        _after(asked, cursor),
    )
    return await fetch(connection, VIEW, StockRow, Page(conditions, LONGEST_WAIT if asked.awaited else BY_CODE, limit))


COUNT_TASKS: Final[LiteralString] = "SELECT count(*) FROM {} WHERE count_asked_at IS NOT NULL"


async def count_tasks(connection: Connection) -> int:
    """Items that the warehouse has to count: a short pick or a surprise asked for it, and no count has come since."""
    row = await (await connection.execute(sql.SQL(COUNT_TASKS).format(identifier(VIEW.name)))).fetchone()
    return 0 if row is None else int(row[0])


async def of_articles_at(connection: Connection, skus: Collection[str], location: str) -> list[StockRow]:
    """Items of these articles at one location, in one look."""
    streams = [stock_stream(sku, location) for sku in skus]
    condition = ("stream = ANY(%s)", (streams,))
    return await fetch(connection, VIEW, StockRow, Page((condition,), BY_CODE, len(streams))) if streams else []


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """What one scan of a code is: units of an article."""

    sku: str
    factor: int


MOST_CLAIMS: Final = 50
"""Articles of one location that were taught the same code and still remember it."""


async def meaning_of(connection: Connection, code: str, location: str) -> CodeMeaning | None:
    """What a code stands for at a location: a code belongs to one article there, the one that was taught it last."""
    conditions: tuple[Condition, ...] = (
        ("location = %s", (location,)),
        ("codes @> %s", (Jsonb([{"code": code}]),)),
    )
    rows = await fetch(connection, VIEW, StockRow, Page(conditions, BY_CODE, MOST_CLAIMS))
    claims = [(known.taught_at, row.sku, known.factor) for row in rows for known in row.codes if known.code == code]
    return CodeMeaning(*max(claims)[1:]) if claims else None


async def of_articles(connection: Connection, skus: Collection[str], limit: int = 50) -> list[StockRow]:
    """Items of these articles at all locations."""
    return await fetch(connection, VIEW, StockRow, Page((("sku = ANY(%s)", (list(skus),)),), BY_CODE, limit))


async def get(connection: Connection, sku: str, location: str) -> StockRow | None:
    """One item, or None when nothing is known of it."""
    return await fetch_one(connection, VIEW, StockRow, ("stream = %s", (stock_stream(sku.upper(), location),)))
