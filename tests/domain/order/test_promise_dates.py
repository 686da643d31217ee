from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.event_values import DateSource
from domain.order.commands import ConfirmOrder, OrderCommand, PromiseDates, RequestCancel, SendIfReady
from domain.order.decisions.sales import PromiseExceedsOrder, PromiseInPast
from domain.order.decisions.shared_refusals import NoSuchLine, OrderClosed
from domain.order.events import DatesPromised, OrderConfirmed
from domain.order.ledger import to_come
from domain.values import PromisePortion
from tests.domain.order.orders import (
    PART_RESERVED,
    PLACED,
    folded,
    given,
    hand_over,
    lived,
    order_of,
    pack,
    pick,
)
from tests.spec import NOW

EASTER = date(2026, 4, 5)
WHITSUN = date(2026, 5, 24)

CONFIRMED = (*PART_RESERVED, ConfirmOrder())
SIX_GONE = (*CONFIRMED, SendIfReady(), pick(6), pack(6), hand_over())


def promise(quantity: int, on: date = EASTER, line: int = 1, source: DateSource = DateSource.PERSON) -> PromisePortion:
    return PromisePortion(line=line, quantity=quantity, on=on, source=source)


def promised(*portions: PromisePortion) -> PromiseDates:
    return PromiseDates(promises=portions)


@pytest.mark.parametrize("history", [PLACED, CONFIRMED, SIX_GONE])
def test_units_that_are_still_to_come_are_promised_for_a_day_at_any_time(history: tuple[OrderCommand, ...]) -> None:
    command = promised(promise(4, source=DateSource.CARRIER))
    given(*lived(*history)).when(command).then(DatesPromised(occurred_at=NOW, promises=(promise(4),)))


def test_a_newer_promise_takes_the_place_of_what_was_promised_of_its_lines() -> None:
    first = (*PART_RESERVED, ConfirmOrder(promises=(promise(6), promise(4, WHITSUN))))
    assert order_of(*first, promised(promise(4))).promises == (promise(4),)
    given(*lived(*first)).when(promised(promise(4, WHITSUN), promise(6))).then_nothing()
    given(*lived(*first)).when(promised(promise(6, WHITSUN), promise(4))).then_kinds(DatesPromised)


def test_no_more_is_promised_than_is_still_to_come() -> None:
    given(*lived(*CONFIRMED)).when(promised(promise(7), promise(4, WHITSUN))).then_rejected(
        PromiseExceedsOrder, saying="Line 1: 11 promised of 10"
    )
    given(*lived(*SIX_GONE)).when(promised(promise(5))).then_rejected(PromiseExceedsOrder, saying="5 promised of 4")
    given(*lived(*CONFIRMED)).when(promised(promise(1, line=2))).then_rejected(NoSuchLine)


@pytest.mark.parametrize(("history", "command"), [(CONFIRMED, PromiseDates), (PART_RESERVED, ConfirmOrder)])
def test_a_day_that_is_over_is_promised_no_more_but_this_day_is(
    history: tuple[OrderCommand, ...], command: type[PromiseDates | ConfirmOrder]
) -> None:
    yesterday, today = NOW.date() - timedelta(days=1), NOW.date()
    over, now = (command(promises=(promise(1), promise(2, on))) for on in (yesterday, today))
    given(*lived(*history)).when(over).then_rejected(PromiseInPast, saying="Line 1: 2026-03-01, and it was 2026-03-02.")
    given(*lived(*history)).when(now).then_kinds(DatesPromised if command is PromiseDates else OrderConfirmed)


def test_the_day_of_a_promise_is_the_companys() -> None:
    evening, zone = NOW.replace(hour=16), ZoneInfo("Asia/Tokyo")
    today = promised(promise(1, NOW.date()))
    given(*lived(*CONFIRMED)).when(today, at=evening, zone=zone).then_rejected(PromiseInPast)
    given(*lived(*CONFIRMED)).when(today, at=evening).then_kinds(DatesPromised)


def test_what_was_promised_in_time_is_entered_later() -> None:
    monday = PromiseDates(promises=(promise(4, NOW.date()),), occurred_at=NOW)
    given(*lived(*CONFIRMED)).when(monday, at=NOW + timedelta(days=2)).then_kinds(DatesPromised)


def test_a_promise_that_is_known_is_no_news_when_its_day_is_over() -> None:
    known = lived(*CONFIRMED, promised(promise(4)))
    given(*known).when(promised(promise(4)), at=NOW.replace(year=2027)).then_nothing()


def test_of_a_line_it_is_known_what_had_gone_when_the_rest_was_promised() -> None:
    order = order_of(*SIX_GONE, promised(promise(4)))
    assert (order.gone_before_promise, to_come(order.lines[1])) == ({1: 6}, 4)
    assert order_of(*CONFIRMED, promised(promise(4))).gone_before_promise == {1: 0}


def test_of_an_order_that_is_over_nothing_is_promised() -> None:
    cancelled = lived(*PLACED, RequestCancel(reason="changed mind"))
    given(*cancelled).when(promised(promise(1))).then_rejected(OrderClosed, saying="cancelled")


def test_a_promise_for_a_line_that_the_order_lacks_stops_no_reader_of_its_record() -> None:
    odd = DatesPromised(occurred_at=NOW, promises=(promise(1, line=9),))
    assert folded((*lived(*CONFIRMED), odd)).gone_before_promise == {}
