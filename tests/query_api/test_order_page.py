"""The order page's words, made of a row alone."""

from decimal import Decimal

import pytest

from domain import values
from domain.order.commands import PlaceOrder
from domain.values import CURRENCIES, Address, Line, Price
from projections.order import order_row
from projections.view import Folded
from query_api.order_page import in_words
from query_api.sentences import LANGUAGES, Language
from tests.life import Life


def test_an_order_in_a_currency_that_is_withdrawn_since_is_shown_with_its_amounts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    life = Life()
    price = Price(amount=Decimal("7.3"), currency="TND")
    line = Line(sku="MUG", name="Mug", quantity=3, unit_price=price)
    stream = life.place(order=PlaceOrder(ship_to=Address(country="Tunisia"), lines=(line,)))
    monkeypatch.setattr(values, "CURRENCIES", CURRENCIES - {"TND"})
    with pytest.raises(ValueError, match="unknown currency"):
        Price(amount=Decimal(1), currency="TND")
    row = order_row(Folded(stream, len(life.streams[stream]), life.order(stream), life.streams[stream][-1]))
    assert row is not None
    words = in_words(row, LANGUAGES[Language.EN])
    assert (words["total"], words["price"](price)) == ("21.900 TND", "7.300")
