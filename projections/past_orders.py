"""What earlier orders tell whoever enters the next one: articles, addresses, the customer's reference.

Decides: how far back is looked, so that an answer is quick however much was ordered. It reads the order view and has no
table of its own. Must not know: words on screen, what of it is shown.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Final, LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from domain.event_values import Address
from projections import order as orders
from projections.order import OrderFilter, OrderRow
from projections.view import Connection, Part, identifier

RECENT: Final = 20
"""Orders that are looked at."""
LONGEST_ORDER: Final = 500
"""Lines of an order that is looked at: reading thousands for a few names would keep somebody waiting."""
MOST_SUGGESTED: Final = 200
MOST_ADDRESSES: Final = 5


class PastArticle(Part):
    """An article as it was ordered last."""

    sku: str
    name: str
    amount: Decimal
    currency: str


class PastAddress(Part):
    """Where something was sent, and the newest order that was."""

    order_id: UUID
    number: str
    ship_to: Address


LINES_OF: Final[LiteralString] = """
SELECT DISTINCT ON (sku) line -> 'line' ->> 'sku' AS sku, line -> 'line' ->> 'name' AS name,
       (line #>> '{{line,unit_price,amount}}')::numeric AS amount, line #>> '{{line,unit_price,currency}}' AS currency
FROM ({recent}) AS recent, jsonb_array_elements(recent.state -> 'lines') AS line
WHERE line #>> '{{line,kind}}' = 'goods' AND line #>> '{{line,sku}}' = coalesce(recent.only, line #>> '{{line,sku}}')
ORDER BY sku, recent.placed_at DESC LIMIT %s
"""

OF_CUSTOMER: Final[LiteralString] = """
SELECT order_id, number, placed_at, state, NULL::text AS only FROM {orders} WHERE customer_id = %s AND line_count <= %s
ORDER BY placed_at DESC LIMIT %s
"""

OF_EVERYBODY: Final[LiteralString] = """
SELECT placed_at, state, NULL::text AS only FROM {orders} WHERE line_count <= %s ORDER BY placed_at DESC LIMIT %s
"""

OF_ARTICLES: Final[LiteralString] = """
SELECT newest.placed_at, newest.state, wanted.sku AS only FROM unnest(%s::text[]) AS wanted (sku), LATERAL (
    SELECT placed_at, state FROM {orders} WHERE skus @> ARRAY[wanted.sku] AND line_count <= %s
    ORDER BY placed_at DESC LIMIT 1) AS newest
"""

ADDRESSES: Final[LiteralString] = """
SELECT order_id, number, ship_to FROM (
    SELECT DISTINCT ON (state -> 'ship_to') order_id, number, placed_at, state -> 'ship_to' AS ship_to
    FROM ({recent}) AS recent ORDER BY state -> 'ship_to', placed_at DESC) AS once
ORDER BY placed_at DESC LIMIT %s
"""


async def last_currency(connection: Connection) -> str | None:
    """In what the newest order is paid; None before the first."""
    query = sql.SQL("SELECT currency FROM {} ORDER BY placed_at DESC LIMIT 1").format(identifier(orders.VIEW.name))
    found = await (await connection.execute(query)).fetchone()
    return None if found is None else str(found[0])


async def articles_of(connection: Connection, customer: str) -> list[PastArticle]:
    """What a customer ordered last, by code."""
    return await _articles(connection, OF_CUSTOMER, (customer, LONGEST_ORDER, RECENT))


async def articles_lately(connection: Connection) -> list[PastArticle]:
    """What anybody ordered last, by code."""
    return await _articles(connection, OF_EVERYBODY, (LONGEST_ORDER, RECENT))


async def articles_named(connection: Connection, skus: Collection[str]) -> list[PastArticle]:
    """These articles as anybody ordered them last."""
    return await _articles(connection, OF_ARTICLES, (list(skus), LONGEST_ORDER)) if skus else []


async def addresses_of(connection: Connection, customer: str) -> list[PastAddress]:
    """Where a customer's goods were sent, the newest first."""
    query = _with(ADDRESSES, OF_CUSTOMER)
    async with connection.cursor(row_factory=class_row(PastAddress)) as cursor:
        await cursor.execute(query, (customer, LONGEST_ORDER, RECENT, MOST_ADDRESSES))
        return await cursor.fetchall()


async def same_reference(connection: Connection, reference: str, customer: str, name: str) -> list[OrderRow]:
    """Orders of the same customer with this reference, the newest first; who has no number is known by the name."""
    found = await orders.find(connection, OrderFilter(reference=reference), limit=RECENT)
    return [row for row in found if _is_same(row, customer, name)]


def _is_same(row: OrderRow, customer: str, name: str) -> bool:
    if customer or row.customer_id:
        return row.customer_id == customer
    return bool(name) and (row.customer_name or "").casefold() == name.casefold()


async def _articles(connection: Connection, recent: LiteralString, values: tuple[object, ...]) -> list[PastArticle]:
    async with connection.cursor(row_factory=class_row(PastArticle)) as cursor:
        await cursor.execute(_with(LINES_OF, recent), (*values, MOST_SUGGESTED))
        return await cursor.fetchall()


def _with(query: LiteralString, recent: LiteralString) -> sql.Composed:
    table = identifier(orders.VIEW.name)
    return sql.SQL(query).format(recent=sql.SQL(recent).format(orders=table))
