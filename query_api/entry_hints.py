"""What stock and earlier orders say about an order while it is entered.

Decides: what is looked up, and what is filled in: only what nobody has typed. Must not know: HTTP, templates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pydantic import TypeAdapter, ValidationError

from domain.event_values import LineKind
from domain.order.commands import PlaceOrder
from domain.values import Location, Quantity, Sku
from projections import past_orders, stock
from projections.order import OrderRow
from projections.past_orders import PastAddress, PastArticle
from projections.stock import StockFilter
from projections.view import Connection
from query_api.availability import Availability, WantedUnits, availability
from query_api.entry_form import ENTRY_LINES, ONE_FOR_ALL, readable, rows_in
from web.forms import Fields, FormDocument, document_of, row_names, shape_of
from web.kept_forms import KeptForm

MOST_STOCK: Final = 100
"""Articles of the stock that are suggested."""
LIKE_TYPED: Final = 20
"""Articles that begin as one that was typed and is not known."""
MOST_LOOKED_UP: Final = 60
"""Names of articles that are looked up one by one."""

_SKU: Final[TypeAdapter[str]] = TypeAdapter(Sku)
_LOCATION: Final[TypeAdapter[str]] = TypeAdapter(Location)
_QUANTITY: Final[TypeAdapter[int]] = TypeAdapter(Quantity)


@dataclass(frozen=True, slots=True)
class EntryHints:
    """What is known while somebody types."""

    order: FormDocument
    """The order as far as it can be understood."""
    rows: tuple[str, ...]
    """Names of the rows that its lines come from."""
    lines: Mapping[str, Availability]
    """By the row's name in the form; those that were pasted and stay text too."""
    articles: Mapping[str, PastArticle | None]
    """What may be meant, by SKU, the likeliest first; None where only the stock knows it."""
    customers: frozenset[str]
    """SKUs that the customer ordered before."""
    addresses: tuple[PastAddress, ...]
    earlier: OrderRow | None
    """The newest order of the same customer with the same reference."""


async def hints_for(connection: Connection, kept: KeptForm) -> EntryHints:
    """Everything that is known about what was typed."""
    customer, (order, rows) = kept.text("customer.id").strip(), _understood(kept.fields)
    wanted = list(_wanted(order, rows))
    free = await _free(connection, wanted, kept.text("location").strip())
    own = await past_orders.articles_of(connection, customer) if customer else []
    articles = await _articles(connection, own, _typed_skus(kept.fields), free)
    return EntryHints(
        order=order,
        rows=tuple(rows),
        lines={one.wanted.row: one for one in availability(wanted, free)},
        articles=articles,
        customers=frozenset(article.sku for article in own),
        addresses=tuple(await past_orders.addresses_of(connection, customer)) if customer else (),
        earlier=await _earlier(connection, kept, customer),
    )


async def _earlier(connection: Connection, kept: KeptForm, customer: str) -> OrderRow | None:
    reference, name = kept.text("customer_reference.number").strip(), kept.text("customer.name").strip()
    if not reference:
        return None
    found = await past_orders.same_reference(connection, reference, customer, name)
    return next(iter(found), None)


def filled_in(kept: KeptForm, hints: EntryHints) -> tuple[KeptForm, EntryHints]:
    """The form with what is known of its articles, and what is known of that form: names and prices of lines change
    nothing that is looked up.
    """
    fields = _with_articles(kept.fields, hints)
    order, rows = _understood(fields)
    return replace(kept, fields=fields), replace(hints, order=order, rows=tuple(rows))


def _with_articles(fields: Fields, hints: EntryHints) -> Fields:
    """The names of articles that are known, and what this customer paid last, where nobody wrote."""
    typed, added = dict(fields), {}
    for row in rows_in(fields):
        article = hints.articles.get(_sku(typed.get(f"{ENTRY_LINES}.{row}.sku", "")) or "")
        if article is None:
            continue
        added[f"{ENTRY_LINES}.{row}.name"] = article.name
        if article.sku in hints.customers and article.currency == typed.get(ONE_FOR_ALL):
            added[f"{ENTRY_LINES}.{row}.unit_price.amount"] = f"{article.amount:f}"
    empty = {name: text for name, text in added.items() if not typed.get(name, "").strip()}
    return (*(pair for pair in fields if pair[0] not in empty), *empty.items())


def _understood(fields: Fields) -> tuple[FormDocument, list[str]]:
    """The order as far as it is typed, and the names of its rows; what is pasted and cannot be read is left out."""
    shape = shape_of(PlaceOrder)
    known = {field.name for field in shape}
    typed = [pair for pair in readable(fields) if pair[0].partition(".")[0] in known]
    return document_of(shape, typed), row_names(shape, typed).get(ENTRY_LINES, [])


def _wanted(order: FormDocument, rows: Sequence[str]) -> Iterator[WantedUnits]:
    """Goods of the lines in which article and quantity can be understood."""
    for row, line in zip(rows, order.get(ENTRY_LINES, ()), strict=True):
        sku = _sku(str(line.get("sku", "")))
        if sku and line.get("kind", LineKind.GOODS) == LineKind.GOODS:
            try:
                yield WantedUnits(row, sku, _QUANTITY.validate_python(line.get("quantity")))
            except ValidationError:
                continue


def _sku(text: str) -> str | None:
    try:
        return _SKU.validate_python(text)
    except ValidationError:
        return None


def _typed_skus(fields: Fields) -> list[str]:
    typed = dict(fields)
    skus = (_sku(typed.get(f"{ENTRY_LINES}.{row}.sku", "")) for row in rows_in(fields))
    return list(dict.fromkeys(sku for sku in skus if sku))[:MOST_LOOKED_UP]


async def _free(connection: Connection, wanted: list[WantedUnits], location: str) -> Mapping[str, int]:
    try:
        place = _LOCATION.validate_python(location)
    except ValidationError:
        return {}
    rows = await stock.of_articles_at(connection, {line.sku for line in wanted}, place)
    return {row.sku: row.available for row in rows}


async def _articles(
    connection: Connection, own: list[PastArticle], typed: list[str], free: Mapping[str, int]
) -> Mapping[str, PastArticle | None]:
    """The customer's articles first, then those that were typed, what others ordered lately, and what is in stock."""
    known: dict[str, PastArticle | None] = {article.sku: article for article in own}
    unnamed = [sku for sku in typed if sku not in known]
    for article in (
        *await past_orders.articles_named(connection, unnamed),
        *await past_orders.articles_lately(connection),
    ):
        known.setdefault(article.sku, article)
    for sku in unnamed:
        if sku not in known and sku not in free:
            like = await stock.find(connection, StockFilter(sku=sku), limit=LIKE_TYPED)
            known |= {row.sku: None for row in like if row.sku not in known}
    for row in await stock.find(connection, StockFilter(), limit=MOST_STOCK):
        known.setdefault(row.sku, None)
    return known
