from datetime import date

import pytest

from domain.order.commands import ConfirmOrder, OrderCommand, RequestCancel
from domain.order.decisions.sales import AlreadyConfirmed, OnHold, PromiseExceedsOrder, StockNotAnswered
from domain.order.decisions.shared_refusals import NoSuchLine, OrderClosed
from domain.order.events import OrderCancelled, OrderConfirmed, UnitsCancelled
from domain.order.terms import Bucket, CancelCause, HoldType, Moved, Step
from domain.roles import Role
from domain.values import DateSource, LineKind, PromisePortion
from tests.domain.order.orders import (
    CONFIRMED,
    PART_RESERVED,
    PLACED,
    RESERVED,
    answer,
    buckets,
    given,
    hold_terms,
    lived,
    of_kind,
    pick,
    place,
    totals,
)
from tests.spec import NOW

EASTER = date(2026, 4, 5)


def promise(quantity: int, line: int = 1, source: DateSource = DateSource.PERSON) -> PromisePortion:
    return PromisePortion(line=line, quantity=quantity, on=EASTER, source=source)


@pytest.mark.parametrize("history", [RESERVED, PART_RESERVED])
def test_an_answered_order_is_confirmed_also_with_units_that_wait(history: tuple[OrderCommand, ...]) -> None:
    given(*lived(*history)).when(ConfirmOrder(), role=Role.WORKFLOW).then(OrderConfirmed(occurred_at=NOW))


def test_an_order_without_goods_is_confirmed_at_once() -> None:
    given(*lived(place(of_kind(LineKind.SERVICE)))).when(ConfirmOrder(), role=Role.WORKFLOW).then_kinds(OrderConfirmed)


def test_unanswered_units_keep_the_order_unconfirmed_and_a_person_is_told() -> None:
    events = lived(*PLACED)
    given(*events).when(ConfirmOrder(), role=Role.WORKFLOW).then_nothing()
    given(*events).when(ConfirmOrder()).then_rejected(StockNotAnswered, saying="10")


def test_a_hold_keeps_the_order_unconfirmed_and_a_person_is_told_which() -> None:
    events = lived(place(10, holds=(hold_terms(Step.CONFIRM, type=HoldType.PRICE),)), answer((1, 10, 0)))
    given(*events).when(ConfirmOrder(), role=Role.WORKFLOW).then_nothing()
    given(*events).when(ConfirmOrder()).then_rejected(OnHold, saying="hold 1 (price)")


def test_a_confirmed_order_is_not_confirmed_again() -> None:
    for role in (Role.WORKFLOW, Role.SALES):
        given(*lived(*CONFIRMED)).when(ConfirmOrder(), role=role).then_nothing()


def test_a_promise_is_stored_as_given_by_a_person() -> None:
    command = ConfirmOrder(promises=(promise(4, source=DateSource.CARRIER), promise(6)))
    order = (
        given(*lived(*RESERVED)).when(command).then(OrderConfirmed(occurred_at=NOW, promises=(promise(4), promise(6))))
    )
    assert order is not None
    assert order.promises == (promise(4), promise(6))


def test_a_promise_of_more_than_the_line_wants_is_refused() -> None:
    command = ConfirmOrder(promises=(promise(4), promise(7)))
    given(*lived(*RESERVED)).when(command).then_rejected(PromiseExceedsOrder, saying="11 promised of 10")
    given(*lived(*RESERVED)).when(ConfirmOrder(promises=(promise(1, line=2),))).then_rejected(NoSuchLine)


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
    given(*events).when(ConfirmOrder(), role=Role.WORKFLOW).then_nothing()
    given(*events).when(ConfirmOrder()).then_rejected(OrderClosed, saying="cancelled")


def test_without_backorder_missing_units_are_cancelled_by_us() -> None:
    events = lived(place(10, backorder=False), answer((1, 6, 4)))
    order = (
        given(*events)
        .when(ConfirmOrder(), role=Role.WORKFLOW)
        .then(
            OrderConfirmed(occurred_at=NOW),
            UnitsCancelled(
                occurred_at=NOW,
                cause=CancelCause.NO_STOCK,
                units=(Moved(line=1, quantity=4, source=Bucket.BACKORDERED),),
                wants=(totals((1, 6)),),
            ),
        )
    )
    assert buckets(order) == {Bucket.RESERVED: 6, Bucket.CANCELLED: 4}


def test_without_backorder_an_order_that_gets_nothing_is_cancelled_and_never_confirmed() -> None:
    events = lived(place(10, backorder=False), answer((1, 0, 10)))
    order = given(*events).when(ConfirmOrder(), role=Role.WORKFLOW).then_kinds(UnitsCancelled, OrderCancelled)
    assert order is not None
    assert order.confirmed_at is None


def test_neither_partial_nor_backorder_frees_all_when_something_is_missing() -> None:
    events = lived(place(10, 5, partial=False, backorder=False), answer((1, 10, 0)), answer((2, 4, 1), sku="SKU-2"))
    given(*events).when(ConfirmOrder(), role=Role.WORKFLOW).then(
        UnitsCancelled(
            occurred_at=NOW,
            cause=CancelCause.NO_STOCK,
            units=(
                Moved(line=1, quantity=10, source=Bucket.RESERVED),
                Moved(line=2, quantity=1, source=Bucket.BACKORDERED),
                Moved(line=2, quantity=4, source=Bucket.RESERVED),
            ),
            wants=(totals((1, 0)), totals((2, 0), sku="SKU-2")),
        ),
        OrderCancelled(occurred_at=NOW),
    )


def test_units_that_were_picked_before_anybody_confirmed_are_not_cancelled() -> None:
    events = lived(place(10, partial=False, backorder=False), answer((1, 6, 4)), pick(2))
    order = given(*events).when(ConfirmOrder(), role=Role.WORKFLOW).then_kinds(OrderConfirmed, UnitsCancelled)
    assert buckets(order) == {Bucket.PICKED: 2, Bucket.CANCELLED: 8}


def test_ship_complete_without_anything_missing_is_just_confirmed() -> None:
    events = lived(place(10, partial=False, backorder=False), answer((1, 10, 0)))
    given(*events).when(ConfirmOrder(), role=Role.WORKFLOW).then_kinds(OrderConfirmed)
