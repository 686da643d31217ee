from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from domain.decider import UnknownOrder
from domain.event_values import LineKind, OrderId
from domain.order.commands import AddNote
from domain.order.decisions.sales import AlreadyPlaced, OutsideCalendar, TotalTooLarge, total_minor
from domain.order.events import HoldPlaced, OrderPlaced
from domain.order.terms import Bucket, HoldType, Step
from domain.roles import Party
from domain.values import Line, Price
from tests.domain.order.orders import ORDER_ID, PLACED, buckets, given, goods, hold_terms, lived, of_kind, place
from tests.spec import NOW, NUMBER, SERIAL, TRACKING_TOKEN


def test_a_placed_order_keeps_what_the_customer_wanted_and_who_entered_it() -> None:
    command = place(10, holds=(hold_terms(Step.SEND, type=HoldType.FRAUD),))
    given().when(command, by="sam").then(
        OrderPlaced(
            occurred_at=NOW,
            order_id=OrderId(ORDER_ID),
            serial=SERIAL,
            number=NUMBER,
            tracking_token=TRACKING_TOKEN,
            placed_by="sam",
            lines=command.lines,
            currency="EUR",
            total_minor=2500,
            customer=command.customer,
            ship_to=command.ship_to,
            business_date=date(2026, 3, 2),
            partial_shipment=True,
            backorder=True,
            priority=5,
            location="main",
            holds=(
                HoldPlaced(
                    number=1,
                    type=HoldType.FRAUD,
                    blocks=(Step.SEND,),
                    reason="to be looked at",
                    placed_by="sam",
                    placed_at=NOW,
                ),
            ),
        )
    )


def test_all_goods_units_of_a_new_order_are_open() -> None:
    order = given().when(place(10, of_kind(LineKind.SERVICE), 5)).then_kinds(OrderPlaced)
    assert order is not None
    assert buckets(order, 1) == {Bucket.OPEN: 10}
    assert buckets(order, 2) == {}
    assert order.count(Bucket.OPEN) == 15
    assert (order.stock_asked, order.waiting_on, order.waiting_since) == (True, Party.SYSTEM, NOW)


def test_lines_of_one_article_are_known_by_it() -> None:
    order = given().when(place(goods(1), goods(2, "CUP"), goods(3))).then_kinds(OrderPlaced)
    assert order is not None
    assert dict(order.by_sku.items()) == {"MUG": (1, 3), "CUP": (2,)}


def test_an_order_that_may_not_reserve_has_not_asked_stock_and_waits_for_the_hold() -> None:
    held = place(10, holds=(hold_terms(Step.RESERVE, type=HoldType.PAYMENT),))
    order = given().when(held).then_kinds(OrderPlaced)
    assert order is not None
    assert (order.stock_asked, order.waiting_on) == (False, Party.FINANCE)


def test_an_order_is_placed_once() -> None:
    given(*lived(*PLACED)).when(place(10)).then_rejected(AlreadyPlaced, saying=NUMBER)


@pytest.mark.parametrize("kind", [LineKind.GOODS, LineKind.DISCOUNT])
def test_an_order_that_no_book_could_hold_is_refused(kind: LineKind) -> None:
    price = Price(amount=Decimal("10000.01"), currency="EUR")
    dear = of_kind(kind).model_copy(update={"quantity": 10**9, "unit_price": price})
    given().when(place(dear)).then_rejected(TotalTooLarge, saying="1000001000000000")


def test_nothing_can_be_done_to_an_order_that_was_not_placed() -> None:
    given().when(AddNote(text="hello")).then_rejected(UnknownOrder)


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", 2), ("Asia/Shanghai", 3), ("Europe/London", 2), ("America/St_Johns", 2), ("Pacific/Kiritimati", 3)],
)
def test_the_business_date_is_the_day_in_the_companys_zone_wherever_it_was_entered(zone: str, day: int) -> None:
    honolulu = datetime(2026, 3, 2, 7, 30, tzinfo=timezone(timedelta(hours=-10)))
    placing = place(1).model_copy(update={"occurred_at": honolulu})
    order = given().when(placing, zone=ZoneInfo(zone)).then_kinds(OrderPlaced)
    assert order is not None
    assert order.business_date == date(2026, 3, day)


def test_a_moment_before_the_calendar_begins_is_refused() -> None:
    moment = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
    given().when(place(1).model_copy(update={"occurred_at": moment})).then_rejected(OutsideCalendar)


@pytest.mark.parametrize(
    ("amount", "currency", "quantity", "kind", "minor"),
    [
        ("0.005", "EUR", 1, LineKind.GOODS, 0),
        ("0.015", "EUR", 1, LineKind.GOODS, 2),
        ("1.5", "JPY", 1, LineKind.GOODS, 2),
        ("2.5", "JPY", 1, LineKind.GOODS, 2),
        ("0.0005", "BHD", 3, LineKind.GOODS, 2),
        ("12.34", "EUR", 10, LineKind.DISCOUNT, -12340),
        ("999999999999.999999", "EUR", 10**9, LineKind.GOODS, 99999999999999999900000),
    ],
)
def test_a_line_is_rounded_half_even_to_minor_units_and_a_discount_is_negative(
    amount: str, currency: str, quantity: int, kind: LineKind, minor: int
) -> None:
    price = Price.model_validate({"amount": amount, "currency": currency})
    assert total_minor([Line(kind=kind, sku="A", name="A", quantity=quantity, unit_price=price)]) == minor
