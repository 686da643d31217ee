from datetime import date

import pytest

from domain.event_values import DateSource
from domain.order.commands import ConfirmOrder, OrderCommand, PromiseDates, RequestCancel, SendIfReady
from domain.order.decisions.sales import PromiseExceedsOrder
from domain.order.decisions.shared_refusals import NoSuchLine, OrderClosed
from domain.order.events import DatesPromised
from domain.order.ledger import to_come
from domain.values import PromisePortion
from tests.domain.order.orders import PART_RESERVED, PLACED, folded, given, hand_over, lived, order_of, pack, pick
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
