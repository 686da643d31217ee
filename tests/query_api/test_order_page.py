"""The order page's words, made of a row alone."""

from decimal import Decimal

import pytest

from domain import values
from domain.order.commands import Hold, PlaceOrder, RequestCancel
from domain.order.terms import HoldType, Outcome, ParcelStatus
from domain.values import CURRENCIES, Address, Line, Price, Units
from projections.order import OrderRow, order_row
from projections.view import Folded
from query_api.order_page import in_words
from query_api.sentences import LANGUAGES, Language
from query_api.tracked_page import tracked_page
from tests.life import Life, line, send_off, with_stock
from tests.projections.test_views import tracking_row
from tests.query_api.test_tracked_parcels import resolve, scan, sent


def row(life: Life, stream: str) -> OrderRow:
    found = order_row(Folded(stream, len(life.streams[stream]), life.order(stream), life.streams[stream][-1]))
    assert found is not None
    return found


def test_a_cancelled_order_is_on_hold_nowhere() -> None:
    life = with_stock(Life(), MUG=2)
    stream = life.place(line("MUG", 2))
    life.do(stream, Hold(type=HoldType.PAYMENT, reason="see the file"))
    assert [hold.number for hold in row(life, stream).state.holds] == [1]
    life.do(stream, RequestCancel(reason="the customer changed their mind"))
    assert row(life, stream).state.holds == ()


def test_a_total_is_told_with_and_without_what_was_cancelled() -> None:
    life = with_stock(Life(), MUG=4)
    stream = life.place(line("MUG", 4))
    totals = [in_words(row(life, stream), LANGUAGES[Language.EN])[name] for name in ("total", "total_left")]
    life.do(stream, RequestCancel(lines=(Units(line=1, quantity=1),), reason="three will do"))
    assert in_words(row(life, stream), LANGUAGES[Language.EN])["total"] == totals[0]
    left = in_words(row(life, stream), LANGUAGES[Language.EN])["total_left"]
    amount, currency = totals[0].split(" ")
    assert (totals[1], left) == ("", f"{Decimal(amount) * 3 / 4:.2f} {currency}")
    life.do(stream, RequestCancel(reason="none will do"))
    assert in_words(row(life, stream), LANGUAGES[Language.EN])["total_left"] == ""


def test_what_is_cancelled_of_an_order_is_not_waited_for_on_its_customer_s_page() -> None:
    life = with_stock(Life(), MUG=2)
    stream = life.place(line("MUG", 5))
    send_off(life, stream, 2)
    words = LANGUAGES[Language.EN]
    assert not tracked_page(tracking_row(life, stream), words).rest_is_cancelled
    life.do(stream, RequestCancel(lines=(Units(line=1, quantity=3),), reason="two will do"))
    assert tracked_page(tracking_row(life, stream), words).rest_is_cancelled


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("outcome", [*Outcome, None])
@pytest.mark.parametrize("status", [ParcelStatus.LOST, ParcelStatus.RETURNING])
def test_staff_and_customer_read_the_same_of_a_parcel(
    status: ParcelStatus, outcome: Outcome | None, language: Language
) -> None:
    life, stream = sent()
    life.do(stream, scan(status))
    if outcome is not None:
        life.do(stream, resolve(outcome))
    words, order = LANGUAGES[language], row(life, stream)
    (card,) = tracked_page(tracking_row(life, stream), words).parcels
    assert in_words(order, words)["parcel_state"](order.state.parcels[0]) == card.state


def test_an_order_in_a_currency_that_is_withdrawn_since_is_shown_with_its_amounts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    life = Life()
    price = Price(amount=Decimal("7.3"), currency="TND")
    mugs = Line(sku="MUG", name="Mug", quantity=3, unit_price=price)
    stream = life.place(order=PlaceOrder(ship_to=Address(country="Tunisia"), lines=(mugs,)))
    monkeypatch.setattr(values, "CURRENCIES", CURRENCIES - {"TND"})
    with pytest.raises(ValueError, match="unknown currency"):
        Price(amount=Decimal(1), currency="TND")
    words = in_words(row(life, stream), LANGUAGES[Language.EN])
    assert (words["total"], words["price"](price)) == ("21.900 TND", "7.300")
