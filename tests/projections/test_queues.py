"""In which queue of its board an order stands."""

import pytest

from domain.order.commands import (
    CompleteOrder,
    ConfirmIfReady,
    Hold,
    OrderCommand,
    RecallFromWarehouse,
    RecordCheckpoint,
    ReportRefusal,
    ResolveException,
    SendIfReady,
    ShortPick,
)
from domain.order.state import Order
from domain.order.status import NextAction, waiting
from domain.order.terms import HOLD_OWNERS, HoldType, Outcome, ParcelStatus, Step
from domain.roles import Party
from projections import customer_service, finance, logistics, purchasing, sales, warehouse
from projections.board import ON_HOLD, PROBLEMS, TO_HAND_OVER, TO_RECEIVE, Board, Work
from projections.desk import hold_queue
from projections.registry import BOARDS
from tests.domain.order.orders import (
    CONFIRMED,
    HANDED_OVER,
    SENT,
    answer,
    hand_over,
    order_of,
    pack,
    pick,
    place,
    units,
)

STRANGE = RecordCheckpoint(carrier="DHL", tracking_number="T-9", status=ParcelStatus.IN_TRANSIT, code="I")
LOST = RecordCheckpoint(carrier="DHL", tracking_number="T-1", status=ParcelStatus.LOST, code="L")
SHORT = (answer((1, 10, 0)), ConfirmIfReady(), SendIfReady(), pick(8), ShortPick(lines=units((1, 2))))


MISSED_AFTER_PACKING = (
    *(answer((1, 10, 0)), ConfirmIfReady(), SendIfReady(), pick(8), pack(8)),
    *(ShortPick(lines=units((1, 2))), answer((1, 8, 2), version=2)),
)


def queue(work: Work | None) -> str | None:
    return None if work is None else work.queue


@pytest.mark.parametrize(
    ("partial", "expected"), [(True, warehouse.TO_PACK), (False, TO_RECEIVE)], ids=["parts", "complete"]
)
def test_what_may_leave_only_complete_is_not_to_be_packed_while_units_are_missing(partial: bool, expected: str) -> None:
    order = order_of(place(10, partial=partial), *SHORT, answer((1, 8, 2), version=2))
    assert queue(warehouse.work(order)) == expected


@pytest.mark.parametrize(
    ("partial", "here", "there"),
    [(True, TO_HAND_OVER, TO_HAND_OVER), (False, TO_RECEIVE, None)],
    ids=["parts", "complete"],
)
def test_what_may_leave_only_complete_is_not_to_be_handed_over_while_units_are_missing(
    partial: bool, here: str, there: str | None
) -> None:
    order = order_of(place(10, partial=partial), *MISSED_AFTER_PACKING)
    assert (queue(warehouse.work(order)), queue(logistics.work(order))) == (here, there)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ((*SENT, pick(12)), PROBLEMS),
        ((*SENT, pick(12), pack(10), hand_over()), PROBLEMS),
        ((*SENT, pick(12), ResolveException(exception=1, reason="put back")), warehouse.TO_PACK),
        ((*CONFIRMED, Hold(type=HoldType.COMPLIANCE, reason="export papers")), ON_HOLD),
        ((*SENT, Hold(type=HoldType.COMPLIANCE, reason="export papers")), warehouse.TO_PICK),
        ((*CONFIRMED, Hold(type=HoldType.PRICE, reason="discount")), None),
    ],
    ids=["excess", "excess, and all left", "dealt with", "its own hold", "a hold for later", "sales' hold"],
)
def test_trouble_and_holds_of_the_warehouse_stand_on_its_board(
    history: tuple[OrderCommand, ...], expected: str | None
) -> None:
    assert queue(warehouse.work(order_of(*history))) == expected


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ((*HANDED_OVER, LOST), PROBLEMS),
        ((*HANDED_OVER, LOST, ResolveException(exception=1, outcome=Outcome.LOST, reason="gone")), None),
        ((*HANDED_OVER, LOST, ResolveException(exception=1, outcome=Outcome.RETURNED, reason="here")), None),
        ((*HANDED_OVER, LOST, ResolveException(exception=1, outcome=Outcome.UNDER_WAY, reason="found")), None),
    ],
    ids=["lost", "dealt with as lost", "came back", "still under way"],
)
def test_a_parcel_that_somebody_has_dealt_with_is_no_problem_any_more(
    history: tuple[OrderCommand, ...], expected: str | None
) -> None:
    assert queue(customer_service.work(order_of(*history))) == expected


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (HANDED_OVER, logistics.NO_SCAN),
        ((*HANDED_OVER, LOST), logistics.IN_TRANSIT),
        ((*HANDED_OVER, LOST, ResolveException(exception=1, outcome=Outcome.LOST, reason="gone")), None),
        ((*HANDED_OVER, STRANGE), PROBLEMS),
    ],
    ids=["handed over", "customer service looks for it", "nobody waits for it", "logistics' own trouble"],
)
def test_logistics_watches_what_its_carriers_have_and_looks_at_its_own_trouble(
    history: tuple[OrderCommand, ...], expected: str | None
) -> None:
    assert queue(logistics.work(order_of(*history))) == expected


def test_what_comes_back_after_the_end_of_an_order_is_nobodys_to_deliver() -> None:
    there = RecordCheckpoint(carrier="DHL", tracking_number="T-1", status=ParcelStatus.DELIVERED, code="D")
    back = RecordCheckpoint(carrier="DHL", tracking_number="T-1", status=ParcelStatus.RETURNED, code="R")
    order = order_of(*HANDED_OVER, there, CompleteOrder(), back)
    assert (queue(logistics.work(order)), queue(customer_service.work(order))) == (None, PROBLEMS)


def test_a_parcel_that_a_hold_keeps_here_is_not_to_be_handed_over() -> None:
    held = order_of(*SENT, pick(10), pack(10), Hold(type=HoldType.CREDIT, reason="over the limit"))
    assert (queue(warehouse.work(held)), queue(logistics.work(held))) == (None, None)
    assert queue(finance.work(held)) == hold_queue(HoldType.CREDIT)


@pytest.mark.parametrize("hold", HoldType)
def test_a_held_order_stands_at_the_department_that_lifts_the_hold_and_nowhere_else_on_hold(hold: HoldType) -> None:
    held = order_of(*CONFIRMED, Hold(type=hold, reason="to be looked at"))
    lifting = {board.name for board in BOARDS if steps(board, held) is NextAction.LIFT_HOLD}
    assert lifting == {board.name for board in BOARDS if HOLD_OWNERS[hold] in board.parties}


def steps(board: Board, order: Order) -> NextAction | None:
    found = queue(board.work(order))
    return None if found is None else board.queues[found]


def test_a_hold_that_is_in_nobodys_way_yet_can_be_lifted_in_time() -> None:
    credit = Hold(type=HoldType.CREDIT, blocks=(Step.HAND_OVER,), reason="over the limit")
    picking = order_of(*SENT, credit)
    assert waiting(picking) == (Party.WAREHOUSE, NextAction.PICK)
    assert queue(finance.work(picking)) == hold_queue(HoldType.CREDIT)
    assert queue(finance.work(order_of(*SENT))) is None


def test_of_two_holds_the_one_that_is_in_the_way_names_the_queue() -> None:
    later = Hold(type=HoldType.CREDIT, blocks=(Step.HAND_OVER,), reason="over the limit")
    now = Hold(type=HoldType.FRAUD, blocks=(Step.SEND,), reason="looks odd")
    assert queue(finance.work(order_of(*CONFIRMED, later, now))) == hold_queue(HoldType.FRAUD)


def test_what_a_person_took_back_from_the_warehouse_waits_for_sales_to_send_it() -> None:
    assert queue(sales.work(order_of(*SENT))) == sales.IN_PROGRESS
    assert queue(sales.work(order_of(*SENT, RecallFromWarehouse(reason="wait")))) == sales.TO_SEND


def test_sales_has_on_hold_and_as_problems_what_sales_can_end_and_watches_the_rest() -> None:
    for hold, expected in ((HoldType.PRICE, ON_HOLD), (HoldType.CREDIT, sales.IN_PROGRESS)):
        assert queue(sales.work(order_of(*CONFIRMED, Hold(type=hold, reason="to be looked at")))) == expected
    assert queue(sales.work(order_of(*HANDED_OVER, LOST))) == sales.IN_PROGRESS


def test_a_hold_in_the_way_comes_before_trouble_which_comes_before_what_is_to_be_done_later() -> None:
    refused = ReportRefusal(command="SendToWarehouse", refusal="on-hold")
    later = Hold(type=HoldType.PRICE, blocks=(Step.HAND_OVER,), reason="discount")
    assert queue(sales.work(order_of(*CONFIRMED, refused, Hold(type=HoldType.PRICE, reason="discount")))) == ON_HOLD
    assert queue(sales.work(order_of(*SENT, refused, later))) == PROBLEMS
    assert queue(sales.work(order_of(*SENT, later))) == ON_HOLD


def test_purchasing_sees_what_waits_for_stock_although_others_have_something_to_do_first() -> None:
    short = order_of(place(10), answer((1, 6, 4)), ConfirmIfReady(), SendIfReady())
    assert waiting(short) == (Party.WAREHOUSE, NextAction.PICK)
    assert purchasing.work(short) == Work(TO_RECEIVE, 6, 10)
    assert purchasing.work(order_of(*SENT)) is None
