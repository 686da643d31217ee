import pytest

from domain.event_values import LineKind
from domain.order.commands import (
    CompleteOrder,
    ConfirmOrder,
    ConfirmReceipt,
    OrderCommand,
    RequestCancel,
    SendToWarehouse,
)
from domain.order.decisions.cancellation import CancelTooLate, MoreThanOrdered
from domain.order.decisions.shared_refusals import NoSuchLine, OrderClosed
from domain.order.events import CancelRequested, OrderCancelled, RecalledFromWarehouse, UnitsCancelled
from domain.order.terms import Bucket, CancelCause, Evidence, Step
from domain.values import Units
from tests.domain.order.orders import (
    HANDED_OVER,
    PACKED,
    PART_RESERVED,
    PICKED,
    PLACED,
    RESERVED,
    SENT,
    TERMS,
    answer,
    buckets,
    given,
    goods,
    hold_terms,
    lived,
    moves,
    of_kind,
    pick,
    place,
    units,
    wants,
)
from tests.spec import NOW

ALL = RequestCancel(reason="changed mind")


def some(*parts: tuple[int, int]) -> RequestCancel:
    return RequestCancel(lines=units(*parts), reason="fewer")


def test_an_order_that_nobody_has_picked_is_cancelled_at_once_and_stock_may_forget_it() -> None:
    given(*lived(*RESERVED)).when(ALL).then(
        CancelRequested(occurred_at=NOW, reason="changed mind", cause=CancelCause.CUSTOMER),
        UnitsCancelled(
            occurred_at=NOW,
            reason="changed mind",
            cause=CancelCause.CUSTOMER,
            moves=moves(Bucket.RESERVED, Bucket.CANCELLED, (1, 10)),
            wants=(),
            terms=TERMS,
        ),
        OrderCancelled(occurred_at=NOW, reason="changed mind", location="main", skus=("SKU-1",)),
    )


def test_backordered_units_go_before_reserved_ones() -> None:
    events = given(*lived(*PART_RESERVED)).when(some((1, 5))).events
    assert events[0] == CancelRequested(
        occurred_at=NOW, reason="fewer", lines=units((1, 5)), cause=CancelCause.CUSTOMER
    )
    assert events[1] == UnitsCancelled(
        occurred_at=NOW,
        reason="fewer",
        cause=CancelCause.CUSTOMER,
        moves=(
            *moves(Bucket.BACKORDERED, Bucket.CANCELLED, (1, 4)),
            *moves(Bucket.RESERVED, Bucket.CANCELLED, (1, 1)),
        ),
        wants=(wants((1, 5)),),
        terms=TERMS,
    )
    assert len(events) == 2


def test_units_in_the_warehouse_are_recalled_before_they_are_cancelled() -> None:
    outcome = given(*lived(*SENT)).when(some((1, 4)))
    order = outcome.then_kinds(CancelRequested, RecalledFromWarehouse, UnitsCancelled)
    recalled = outcome.events[1]
    assert isinstance(recalled, RecalledFromWarehouse)
    assert recalled.units == units((1, 4))
    assert buckets(order) == {Bucket.SENT: 6, Bucket.CANCELLED: 4}


@pytest.mark.parametrize(("quantity", "recalled"), [(4, ()), (5, units((1, 1)))])
def test_only_what_is_no_longer_here_is_recalled(quantity: int, recalled: tuple[Units, ...]) -> None:
    sent = lived(*PART_RESERVED, ConfirmOrder(), SendToWarehouse(), answer((1, 10, 0), version=2))
    outcome = given(*sent).when(some((1, quantity)))
    back = [event.units for event in outcome.events if isinstance(event, RecalledFromWarehouse)]
    assert back == ([recalled] if recalled else [])
    assert buckets(outcome.state)[Bucket.CANCELLED] == quantity


@pytest.mark.parametrize(
    ("history", "where"),
    [
        (PICKED, "10 picked, 0 packed, 0 gone; 0 could be cancelled"),
        (PACKED, "0 picked, 10 packed, 0 gone; 0 could be cancelled"),
        (HANDED_OVER, "0 picked, 0 packed, 10 gone; 0 could be cancelled"),
        ((*SENT, pick(3)), "3 picked, 0 packed, 0 gone; 7 could be cancelled"),
    ],
)
def test_picked_units_cannot_be_cancelled_and_the_refusal_says_how_many_could(
    history: tuple[OrderCommand, ...], where: str
) -> None:
    given(*lived(*history)).when(ALL).then_rejected(CancelTooLate, saying=f"Line 1: {where}")


def test_what_nobody_has_picked_can_be_cancelled_by_naming_it() -> None:
    order = (
        given(*lived(*SENT, pick(3)))
        .when(some((1, 7)))
        .then_kinds(CancelRequested, RecalledFromWarehouse, UnitsCancelled)
    )
    assert buckets(order) == {Bucket.PICKED: 3, Bucket.CANCELLED: 7}


def test_a_line_named_twice_is_cancelled_by_the_sum() -> None:
    given(*lived(*RESERVED)).when(some((1, 6), (1, 5))).then_rejected(MoreThanOrdered, saying="Line 1 has 10")


def test_all_or_nothing() -> None:
    events = lived(place(3, 4))
    outcome = given(*events).when(some((1, 3), (2, 5)))
    outcome.then_rejected(MoreThanOrdered)
    assert outcome.state == given(*events).state


def test_only_goods_lines_of_the_order_can_be_cancelled() -> None:
    events = lived(place(10, of_kind(LineKind.SERVICE)))
    given(*events).when(some((3, 1))).then_rejected(NoSuchLine)
    given(*events).when(some((2, 1))).then_rejected(NoSuchLine, saying="not goods")


def test_wants_name_the_lines_that_were_cancelled_so_that_a_long_order_does_not_repeat_itself() -> None:
    events = lived(place(goods(3), goods(4), goods(5, "CUP")))
    cancelled = given(*events).when(some((2, 1))).events[1]
    assert isinstance(cancelled, UnitsCancelled)
    assert cancelled.wants == (wants((2, 3), sku="MUG"),)


def test_stock_that_was_never_asked_is_told_nothing() -> None:
    _, cancelled, over = given(*lived(place(10, holds=(hold_terms(Step.RESERVE),)))).when(ALL).events
    assert isinstance(cancelled, UnitsCancelled)
    assert isinstance(over, OrderCancelled)
    assert (cancelled.wants, over.skus) == ((), ())


def test_an_order_whose_goods_are_all_cancelled_is_cancelled_with_its_services() -> None:
    events = lived(place(10, of_kind(LineKind.SERVICE)))
    given(*events).when(some((1, 10))).then_kinds(CancelRequested, UnitsCancelled, OrderCancelled)


def test_an_order_without_goods_can_be_cancelled_until_it_is_completed() -> None:
    service = (place(of_kind(LineKind.SERVICE)), ConfirmOrder())
    given(*lived(*service)).when(ALL).then_kinds(CancelRequested, OrderCancelled)
    given(*lived(*service, CompleteOrder())).when(ALL).then_rejected(OrderClosed, saying="completed")


def test_a_cancelled_order_is_cancelled_once() -> None:
    given(*lived(*PLACED, ALL)).when(ALL).then_nothing()


def test_a_received_order_cannot_be_cancelled() -> None:
    events = lived(*HANDED_OVER, ConfirmReceipt(evidence=Evidence.COUNTER), CompleteOrder())
    given(*events).when(ALL).then_rejected(OrderClosed)
