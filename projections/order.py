"""The order view: every order as it stands, for the order page and for search.

Decides: what the order page shows and what an order can be found by. Must not know: words on screen.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, LiteralString
from uuid import UUID

from psycopg import sql

from domain.access import Party
from domain.event_values import Address, Customer, CustomerReference, Line, PromisePortion
from domain.order.event_terms import HoldPlaced, NamedUnits
from domain.order.number import TRAINING_PREFIX
from domain.order.state import (
    CarrierCheckpoint,
    CustomerNote,
    DepartmentMessage,
    LineState,
    OpenException,
    Order,
    OrderTake,
    Parcel,
)
from domain.order.status import Badge, Headline, NextAction, badges, headline, in_the_house, standing_holds, waiting
from domain.order.terms import BUCKET_OF_NAME
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

CUSTOMER: Final[LiteralString] = "(customer_id = %s OR strpos(lower(customer_name), lower(%s)) > 0)"
"""By the customer's id, or by any part of the name in either case; also on the boards. Takes what was typed twice."""


class LineDocument(Part):
    """A line as ordered, and where its units are: counts by bucket name (`handed-over`), zeros left out."""

    number: int
    line: Line
    units: dict[str, int]
    missing: int
    """Units that pickers did not find, to date."""


class OrderDocument(Part):
    """Everything the order page shows beyond the searchable columns."""

    lines: tuple[LineDocument, ...]
    totals: dict[str, int]
    """Units of all lines by bucket name, zeros left out."""
    parcels: tuple[Parcel, ...]
    holds: tuple[HoldPlaced, ...]
    """Those that still stop something."""
    exceptions: tuple[OpenException, ...]
    promises: tuple[PromisePortion, ...]
    excess: tuple[NamedUnits, ...]
    customer_notes: tuple[CustomerNote, ...]
    messages: tuple[DepartmentMessage, ...]
    takes: tuple[OrderTake, ...]
    """Who took it last, by department; whether they are on it still, only the time tells."""
    stray_checkpoints: tuple[CarrierCheckpoint, ...]
    """Carrier messages for no parcel of this order."""
    customer: Customer
    customer_reference: CustomerReference | None
    ship_to: Address
    delivery_note: str | None
    """What is to stand on the delivery note beside the goods."""
    in_the_house: bool
    """Whether the warehouse has something of it; who packs reads the address then."""
    placed_by: str
    business_date: date
    partial_shipment: bool
    backorder: bool
    priority: int
    location: str
    tracking_token: str
    confirmed_at: datetime | None
    sent_at: datetime | None
    pick_started_at: datetime | None
    shipped_at: datetime | None
    received_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None


class OrderRow(StateRow):
    """One order. `skus` holds the codes of all its lines, sorted."""

    order_id: UUID
    number: str
    customer_id: str | None
    customer_name: str | None
    customer_reference: str | None
    """The customer's own order number."""
    headline: Headline
    badges: tuple[Badge, ...]
    waiting_on: Party
    next_action: NextAction
    waiting_since: datetime
    placed_at: datetime
    requested_date: date | None
    total_minor: int
    currency: str
    line_count: int
    country: str
    skus: tuple[str, ...]
    training: bool
    """Placed in a company that only trains."""
    state: OrderDocument


TABLE: Final[LiteralString] = """
CREATE TABLE {table} ({columns}, UNIQUE (order_id));
CREATE INDEX ON {table} (placed_at DESC, order_id DESC);
CREATE INDEX ON {table} (number);
CREATE INDEX ON {table} (customer_id, placed_at DESC);
CREATE INDEX ON {table} (customer_reference);
CREATE INDEX ON {table} (headline, placed_at DESC);
CREATE INDEX ON {table} (waiting_on, placed_at DESC);
CREATE INDEX ON {table} USING gin (skus);
"""


LINE_COUNTS: Final[LiteralString] = "SELECT number, line_count FROM {} WHERE number = ANY(%s)"
NUMBERS: Final[LiteralString] = "SELECT order_id, number FROM {} WHERE order_id = ANY(%s)"


def units_by_bucket(counts: tuple[int, ...]) -> dict[str, int]:
    """`{"reserved": 6, "handed-over": 4}`: bucket names in order, zeros left out."""
    return {name: counts[bucket] for name, bucket in BUCKET_OF_NAME.items() if counts[bucket]}


def order_row(folded: Folded[Order | None]) -> OrderRow | None:
    """The order's row; None as long as nothing was placed in the stream."""
    order = folded.state
    if order is None:
        return None
    party, action = waiting(order)
    return OrderRow(
        **folded.stamp(),
        order_id=UUID(order.order_id),
        number=order.number,
        customer_id=order.customer.id,
        customer_name=order.customer.name,
        customer_reference=order.customer_reference.number if order.customer_reference else None,
        headline=headline(order),
        badges=badges(order),
        waiting_on=party,
        next_action=action,
        waiting_since=order.waiting_since or order.placed_at,
        placed_at=order.placed_at,
        requested_date=order.requested_date,
        total_minor=order.total_minor,
        currency=order.currency,
        line_count=len(order.lines),
        country=order.ship_to.country,
        skus=tuple(sorted({line.line.sku for line in order.lines.values()})),
        training=order.number.startswith(TRAINING_PREFIX),
        state=document(order),
    )


def document(order: Order) -> OrderDocument:
    """What the order page shows; also of an order folded only up to some version or instant."""
    return OrderDocument(
        lines=tuple(_line(number, line) for number, line in sorted(order.lines.items(), key=lambda item: item[0])),
        totals=units_by_bucket(order.totals),
        parcels=order.parcels,
        holds=standing_holds(order),
        exceptions=order.exceptions,
        promises=order.promises,
        excess=order.excess,
        customer_notes=order.customer_notes,
        messages=order.messages,
        takes=order.takes,
        stray_checkpoints=order.stray_checkpoints,
        customer=order.customer,
        customer_reference=order.customer_reference,
        ship_to=order.ship_to,
        delivery_note=order.delivery_note,
        in_the_house=in_the_house(order),
        placed_by=order.placed_by,
        business_date=order.business_date,
        partial_shipment=order.partial_shipment,
        backorder=order.backorder,
        priority=order.priority,
        location=order.location,
        tracking_token=order.tracking_token,
        confirmed_at=order.confirmed_at,
        sent_at=order.sent_at,
        pick_started_at=order.pick_started_at,
        shipped_at=order.shipped_at,
        received_at=order.received_at,
        completed_at=order.completed_at,
        cancelled_at=order.cancelled_at,
    )


def _line(number: int, line: LineState) -> LineDocument:
    return LineDocument(number=number, line=line.line, units=units_by_bucket(line.buckets), missing=line.missing)


VIEW: Final = StateView(name="order", version=9, kind="order", row=OrderRow, table=TABLE, rows=order_row)


class OrderFilter(Part):
    """The filters of the order list; None leaves a filter out. All that are given must match."""

    number: str | None = None
    customer: str | None = None
    """The customer's id, or any part of the name in either case."""
    reference: str | None = None
    """The customer's own order number, whole."""
    sku: str | None = None
    headline: Headline | None = None
    waiting_on: Party | None = None
    placed_from: datetime | None = None
    """The first instant."""
    placed_before: datetime | None = None
    """The first instant that is too late."""


@dataclass(frozen=True, slots=True)
class OrderCursor:
    """The last order of a page: the next page holds those placed before it."""

    placed_at: datetime
    order_id: UUID


async def find(
    connection: Connection, asked: OrderFilter, cursor: OrderCursor | None = None, limit: int = 50
) -> list[OrderRow]:
    """Orders, newest first, after the cursor's."""
    conditions: tuple[Condition, ...] = (
        ("number = %s", (asked.number,)),
        (CUSTOMER, (asked.customer, asked.customer)),
        ("customer_reference = %s", (asked.reference,)),
        ("skus @> ARRAY[upper(%s)]", (asked.sku,)),
        ("headline = %s", (asked.headline,)),
        ("waiting_on = %s", (asked.waiting_on,)),
        ("placed_at >= %s", (asked.placed_from,)),
        ("placed_at < %s", (asked.placed_before,)),
        ("(placed_at, order_id) < (%s, %s)", (cursor.placed_at, cursor.order_id) if cursor else None),
    )
    return await fetch(connection, VIEW, OrderRow, Page(conditions, "ORDER BY placed_at DESC, order_id DESC", limit))


async def numbered(connection: Connection, numbers: Collection[str]) -> list[OrderRow]:
    """The orders of these numbers, as far as they are there, in one look."""
    condition = ("number = ANY(%s)", (list(numbers),))
    return (
        await fetch(connection, VIEW, OrderRow, Page((condition,), "ORDER BY number", len(numbers))) if numbers else []
    )


async def these(connection: Connection, order_ids: Collection[UUID]) -> dict[UUID, OrderRow]:
    """Orders by id, as far as they are there, in one look."""
    page = Page((("order_id = ANY(%s)", (list(order_ids),)),), limit=len(order_ids))
    return {row.order_id: row for row in await fetch(connection, VIEW, OrderRow, page)} if order_ids else {}


async def line_counts(connection: Connection, numbers: Collection[str]) -> dict[str, int]:
    """How many lines each of these orders has, without reading any."""
    query = sql.SQL(LINE_COUNTS).format(identifier(VIEW.name))
    return dict(await (await connection.execute(query, [list(numbers)])).fetchall())


async def numbers_of(connection: Connection, order_ids: Collection[UUID]) -> dict[UUID, str]:
    """What these orders are called, as far as they are there, without reading any."""
    query = sql.SQL(NUMBERS).format(identifier(VIEW.name))
    return dict(await (await connection.execute(query, [list(order_ids)])).fetchall()) if order_ids else {}


async def get(connection: Connection, order_id: UUID) -> OrderRow | None:
    """One order, or None when there is none (or none that has arrived here yet)."""
    return await fetch_one(connection, VIEW, OrderRow, ("order_id = %s", (order_id,)))
