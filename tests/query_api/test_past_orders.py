"""What earlier orders tell: only those of the same customer, the newest first."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.order.commands import PlaceOrder
from domain.roles import Role
from domain.values import Address, Customer, CustomerReference, Line, Price
from projections import past_orders
from projections.view import Connection
from streams.postgres.migrate import connect
from tests.life import Life
from tests.query_api.conftest import Api, Filled, api_on

LIFE = Life()


def place(
    customer: str | None, reference: str, street: str, *skus: str, price: str = "1.00", currency: str = "EUR"
) -> str:
    LIFE.now += timedelta(hours=1)
    return LIFE.place(
        order=PlaceOrder(
            customer=Customer(id=customer, name=None if customer else "Passing Paul"),
            customer_reference=CustomerReference(number=reference),
            ship_to=Address(country="France", street=street),
            lines=tuple(
                Line(
                    sku=sku,
                    name=f"{sku} of {street}",
                    quantity=3,
                    unit_price=Price(amount=Decimal(price), currency=currency),
                )
                for sku in skus
            ),
        )
    )


FIRST = place("C1", "R1", "Old Lane", "MUG", "CUP")
OTHERS = place("C2", "R1", "Far Road", "PAN", "MUG", price="9.00")
GUEST = place(None, "R1", "Park", "PAN")
BETWEEN = place("C1", "R2", "Old Lane", "CUP", price="2.00")
AGAIN = place("C1", "R1", "New Street", "CUP", price="3.00", currency="SEK")


@pytest.fixture(scope="module")
def past_url(filled: Filled) -> Iterator[str]:
    """A database with all views of these orders."""
    with filled(LIFE) as url:
        yield url


@pytest.fixture
async def connection(past_url: str) -> AsyncIterator[Connection]:
    async with await connect(past_url) as found:
        yield found


@pytest.fixture
async def api(past_url: str) -> AsyncIterator[Api]:
    async with api_on(past_url) as opened:
        yield opened


def number(stream: str) -> str:
    return LIFE.order(stream).number


async def test_articles_are_told_as_this_customer_ordered_them_last(connection: Connection) -> None:
    told = await past_orders.articles_of(connection, "C1")
    assert [(one.sku, one.name, one.amount) for one in told] == [
        ("CUP", "CUP of New Street", Decimal("3.00")),
        ("MUG", "MUG of Old Lane", Decimal("1.00")),
    ]
    assert await past_orders.articles_of(connection, "nobody") == []


async def test_articles_of_everybody_are_told_as_anybody_ordered_them_last(connection: Connection) -> None:
    lately = await past_orders.articles_lately(connection)
    assert [one.name for one in lately] == ["CUP of New Street", "MUG of Far Road", "PAN of Park"]
    named = await past_orders.articles_named(connection, ["MUG", "UNHEARD"])
    assert [one.name for one in named] == ["MUG of Far Road"]


async def test_addresses_of_the_customer_are_told_once_the_newest_first(connection: Connection) -> None:
    told = await past_orders.addresses_of(connection, "C1")
    assert [(one.number, one.ship_to.street) for one in told] == [
        (number(AGAIN), "New Street"),
        (number(BETWEEN), "Old Lane"),
    ]


async def test_a_reference_is_the_same_customers_by_number_or_of_a_guest_by_name(connection: Connection) -> None:
    async def found(customer: str, name: str = "") -> list[str]:
        return [row.number for row in await past_orders.same_reference(connection, "R1", customer, name)]

    assert await found("C1") == [number(AGAIN), number(FIRST)]
    assert await found("C2") == [number(OTHERS)]
    assert await found("", "passing paul") == [number(GUEST)]
    assert await found("", "") == []
    assert await found("C3", "Passing Paul") == []


async def test_who_has_just_placed_an_order_sees_what_its_reference_was_used_for_before(api: Api) -> None:
    page = (await api.page(f"/orders/{number(AGAIN)}?placed=yes", Role.SALES)).text
    sides = re.findall(r'<section class="side">.*?</section>', page, flags=re.DOTALL)
    assert [number(stream) in side for stream, side in zip((FIRST, AGAIN), sides, strict=True)] == [True, True]
    for path, role in (
        (f"/orders/{number(AGAIN)}", Role.SALES),
        (f"/orders/{number(OTHERS)}?placed=yes", Role.SALES),
        (f"/orders/{number(AGAIN)}?placed=yes", Role.ANALYST),
    ):
        assert 'class="side"' not in (await api.page(path, role)).text, path


async def test_a_fresh_form_begins_with_the_currency_of_the_newest_order(api: Api, connection: Connection) -> None:
    assert await past_orders.last_currency(connection) == "SEK"
    assert '<option value="SEK" selected>' in (await api.page("/orders/new", Role.SALES)).text
