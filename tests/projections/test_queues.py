"""In which queue of its board an order stands."""

import pytest

from domain.order.commands import (
    ConfirmIfReady,
    Hold,
    OrderCommand,
    RecordCheckpoint,
    ResolveException,
    SendIfReady,
    ShortPick,
)
from domain.order.terms import HoldType, Outcome, ParcelStatus
from projections import logistics, warehouse
from projections.board import Work
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

LOST = RecordCheckpoint(carrier="DHL", tracking_number="T-1", status=ParcelStatus.LOST, code="L")
SHORT = (answer((1, 10, 0)), ConfirmIfReady(), SendIfReady(), pick(8), ShortPick(lines=units((1, 2))))


MISSED_AFTER_PACKING = (
    *(answer((1, 10, 0)), ConfirmIfReady(), SendIfReady(), pick(8), pack(8)),
    *(ShortPick(lines=units((1, 2))), answer((1, 8, 2), version=2)),
)


def queue(work: Work | None) -> str | None:
    return None if work is None else work.queue


@pytest.mark.parametrize(
    ("partial", "expected"), [(True, warehouse.TO_PACK), (False, warehouse.WAITING_STOCK)], ids=["parts", "complete"]
)
def test_what_may_leave_only_complete_is_not_to_be_packed_while_units_are_missing(partial: bool, expected: str) -> None:
    order = order_of(place(10, partial=partial), *SHORT, answer((1, 8, 2), version=2))
    assert queue(warehouse.work(order)) == expected


@pytest.mark.parametrize(
    ("partial", "here", "there"),
    [(True, warehouse.TO_HAND_OVER, logistics.ANNOUNCED), (False, warehouse.WAITING_STOCK, None)],
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
        ((*SENT, pick(12)), warehouse.PROBLEM),
        ((*SENT, pick(12), pack(10), hand_over()), warehouse.PROBLEM),
        ((*SENT, pick(12), ResolveException(exception=1, reason="put back")), warehouse.TO_PACK),
        ((*CONFIRMED, Hold(type=HoldType.COMPLIANCE, reason="export papers")), warehouse.ON_HOLD),
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
        ((*HANDED_OVER, LOST), logistics.PROBLEM),
        ((*HANDED_OVER, LOST, ResolveException(exception=1, outcome=Outcome.LOST, reason="gone")), None),
        ((*HANDED_OVER, LOST, ResolveException(exception=1, outcome=Outcome.RETURNED, reason="here")), None),
        (
            (*HANDED_OVER, LOST, ResolveException(exception=1, outcome=Outcome.UNDER_WAY, reason="found")),
            logistics.IN_TRANSIT,
        ),
    ],
    ids=["lost", "dealt with as lost", "came back", "still under way"],
)
def test_a_parcel_that_somebody_has_dealt_with_is_no_problem_any_more(
    history: tuple[OrderCommand, ...], expected: str | None
) -> None:
    assert queue(logistics.work(order_of(*history))) == expected
