from datetime import date

import pytest

from domain.event_values import DateSource, LineKind
from domain.order.commands import ConfirmIfReady, ConfirmOrder, OrderCommand, RequestCancel
from domain.order.decisions.sales import AlreadyConfirmed, PromiseExceedsOrder
from domain.order.decisions.shared_refusals import NoSuchLine, OnHold, OrderClosed, StockNotAnswered
from domain.order.events import OrderConfirmed
from domain.order.terms import HoldType, Step
from domain.roles import Role
from domain.values import PromisePortion, Units
from tests.domain.order.orders import (
    CONFIRMED,
    PART_RESERVED,
    PLACED,
    RESERVED,
    answer,
    given,
    hold_terms,
    lived,
    of_kind,
    place,
)
from tests.spec import NOW

EASTER = date(2026, 4, 5)


def promise(quantity: int, line: int = 1, source: DateSource = DateSource.PERSON) -> PromisePortion:
    return PromisePortion(line=line, quantity=quantity, on=EASTER, source=source)


@pytest.mark.parametrize("history", [RESERVED, PART_RESERVED])
def test_an_answered_order_is_confirmed_also_with_units_that_wait(history: tuple[OrderCommand, ...]) -> None:
    given(*lived(*history)).when(ConfirmIfReady(), role=Role.WORKFLOW).then(OrderConfirmed(occurred_at=NOW))


def test_an_order_without_goods_is_confirmed_at_once() -> None:
    given(*lived(place(of_kind(LineKind.SERVICE)))).when(ConfirmIfReady(), role=Role.WORKFLOW).then_kinds(
        OrderConfirmed
    )


def test_unanswered_units_keep_the_order_unconfirmed_and_a_person_is_told() -> None:
    events = lived(*PLACED)
    given(*events).when(ConfirmIfReady(), role=Role.WORKFLOW).then_nothing()
    given(*events).when(ConfirmOrder()).then_rejected(StockNotAnswered, saying="10")


def test_a_hold_keeps_the_order_unconfirmed_and_a_person_is_told_which() -> None:
    events = lived(place(10, holds=(hold_terms(Step.CONFIRM, type=HoldType.PRICE),)), answer((1, 10, 0)))
    given(*events).when(ConfirmIfReady(), role=Role.WORKFLOW).then_nothing()
    given(*events).when(ConfirmOrder()).then_rejected(OnHold, saying="hold 1 (price)")


def test_a_confirmed_order_is_not_confirmed_again() -> None:
    given(*lived(*CONFIRMED)).when(ConfirmIfReady(), role=Role.WORKFLOW).then_nothing()
    given(*lived(*CONFIRMED)).when(ConfirmOrder()).then_nothing()


def test_a_promise_is_stored_as_given_by_a_person() -> None:
    command = ConfirmOrder(promises=(promise(4, source=DateSource.CARRIER), promise(6)))
    order = (
        given(*lived(*RESERVED)).when(command).then(OrderConfirmed(occurred_at=NOW, promises=(promise(4), promise(6))))
    )
    assert order is not None
    assert order.promises == (promise(4), promise(6))


def test_a_promise_need_not_say_that_a_person_gives_it() -> None:
    said = PromisePortion.model_validate({"line": 1, "quantity": 4, "on": EASTER})
    given(*lived(*RESERVED)).when(ConfirmOrder(promises=(said,))).then(
        OrderConfirmed(occurred_at=NOW, promises=(promise(4),))
    )


def test_a_promise_of_more_than_the_line_wants_is_refused() -> None:
    command = ConfirmOrder(promises=(promise(4), promise(7)))
    given(*lived(*RESERVED)).when(command).then_rejected(PromiseExceedsOrder, saying="11 promised of 10")
    given(*lived(*RESERVED)).when(ConfirmOrder(promises=(promise(1, line=2),))).then_rejected(NoSuchLine)


def test_no_more_is_promised_than_is_left_of_a_line() -> None:
    events = lived(*RESERVED, RequestCancel(lines=(Units(line=1, quantity=4),), reason="fewer"))
    given(*events).when(ConfirmOrder(promises=(promise(7),))).then_rejected(
        PromiseExceedsOrder, saying="7 promised of 6"
    )
    given(*events).when(ConfirmOrder(promises=(promise(6),))).then_kinds(OrderConfirmed)


def test_a_service_can_be_promised() -> None:
    events = lived(place(of_kind(LineKind.SERVICE)))
    given(*events).when(ConfirmOrder(promises=(promise(1),))).then_kinds(OrderConfirmed)
    given(*events).when(ConfirmOrder(promises=(promise(2),))).then_rejected(PromiseExceedsOrder)


def test_a_promise_for_a_confirmed_order_is_not_lost_silently() -> None:
    events = lived(*CONFIRMED)
    given(*events).when(ConfirmOrder(promises=(promise(1),))).then_rejected(AlreadyConfirmed)
    promised = lived(*RESERVED, ConfirmOrder(promises=(promise(1),)))
    given(*promised).when(ConfirmOrder(promises=(promise(1),))).then_nothing()


def test_a_cancelled_order_cannot_be_confirmed_by_anybody() -> None:
    events = lived(*PLACED, RequestCancel(reason="changed mind"))
    given(*events).when(ConfirmIfReady(), role=Role.WORKFLOW).then_nothing()
    given(*events).when(ConfirmOrder()).then_rejected(OrderClosed, saying="cancelled")
