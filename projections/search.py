"""The search view: what each order is found by, a row for each term.

Decides: what of an order can be looked for, and which of many orders comes first. A row is made of the order as it is
now: what is taken out of that, an erased name as well as a corrected number, is found no more. Must not know: how
it is read, who may look by what.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, LiteralString
from uuid import UUID

from domain.order.state import Order
from domain.order.status import is_closed
from domain.stock.state import EPOCH
from projections.search_terms import SearchField, terms
from projections.view import Folded, TermRow, TermView

CLOSED_LAST: Final = 1 << 62
"""Added to the place of an order of which nothing is expected any more."""


class SearchRow(TermRow):
    """An order is found by this."""

    kind: SearchField
    term: str
    order_id: UUID
    place: int
    """Its place among hits, the smallest first: the latest order; of an article, open orders before all others."""


TABLE: Final[LiteralString] = """
CREATE TABLE {table} ({columns});
CREATE INDEX ON {table} (kind, term COLLATE "C", place, order_id) INCLUDE (stream);
"""


def basis(order: Order | None) -> object:
    """All that terms are made of."""
    if order is None:
        return None
    numbers = tuple(parcel.tracking_number for parcel in order.parcels)
    return order.customer, order.customer_reference, order.ship_to, order.by_sku, numbers, is_closed(order)


def said_of(order: Order) -> Iterator[tuple[SearchField, str | None]]:
    """What an order is found by, as it was written. A new field of an order that people look for is a line here."""
    yield SearchField.NUMBER, order.number
    yield SearchField.REFERENCE, order.customer_reference.number if order.customer_reference else None
    yield SearchField.CUSTOMER_ID, order.customer.id
    yield SearchField.CUSTOMER_NAME, order.customer.name
    yield SearchField.EMAIL, order.customer.email
    yield SearchField.PHONE, order.customer.phone
    yield SearchField.DELIVERY_PHONE, order.ship_to.phone
    for parcel in order.parcels:
        yield SearchField.TRACKING_NUMBER, parcel.tracking_number
    for sku in order.by_sku:
        yield SearchField.SKU, sku


def search_rows(folded: Folded[Order | None]) -> frozenset[SearchRow]:
    """A row for each term of the order."""
    order = folded.state
    if order is None:
        return frozenset()
    latest_first = -((order.placed_at - EPOCH) // timedelta(microseconds=1))
    open_first = latest_first + (CLOSED_LAST if is_closed(order) else 0)
    return frozenset(
        SearchRow(
            stream=folded.stream,
            partition=folded.last.position.partition,
            kind=kind,
            term=term,
            order_id=UUID(order.order_id),
            place=open_first if kind is SearchField.SKU else latest_first,
        )
        for kind, text in said_of(order)
        for term in terms(kind, text or "")
    )


VIEW: Final = TermView(
    name="search",
    version=1,
    kind="order",
    key=("stream", "kind", "term"),
    row=SearchRow,
    table=TABLE,
    basis=basis,
    rows=search_rows,
)
