"""A refusal names the line or parcel and the figures that the rule looked at; the program's log keeps them."""

from datetime import date

import pytest

from domain.event_values import DateSource, LineKind
from domain.order.commands import (
    ConfirmOrder,
    Hold,
    OrderCommand,
    RecallFromWarehouse,
    RequestCancel,
    SendToWarehouse,
    Unpack,
)
from domain.order.status import Milestone, milestone
from domain.order.terms import HoldType
from domain.values import PromisePortion
from tests.domain.order.orders import (
    CONFIRMED,
    HANDED_OVER,
    PACKED,
    PICKED,
    PLACED,
    RESERVED,
    SENT,
    answer,
    given,
    hand_over,
    lived,
    of_kind,
    order_of,
    pack,
    pick,
    place,
    units,
)

UNPACK = Unpack(parcel=1, reason="wrong box")
PROMISE = PromisePortion(line=1, quantity=11, on=date(2026, 4, 1), source=DateSource.PERSON)
CANCEL_8 = RequestCancel(lines=units((1, 8)), reason="too many")
HOLD = Hold(type=HoldType.ADDRESS, reason="no such street")
INCOMPLETE = (place(10, partial=False), answer((1, 6, 4)), ConfirmOrder())
WITH_SERVICE = (place(10, of_kind(LineKind.SERVICE)),)
SENT_HALF = (place(5, 5), answer((1, 5, 0)), answer((2, 0, 5), sku="SKU-2"), ConfirmOrder(), SendToWarehouse())
PARTLY_GONE = (*SENT, pick(6), pack(3), hand_over(), pack(2))


@pytest.mark.parametrize(
    ("history", "command", "detail", "facts"),
    [
        (PICKED, UNPACK, "Parcel 1 of 0.", {"parcel": 1}),
        ((*PACKED, UNPACK), UNPACK, "", {"parcel": 1}),
        (HANDED_OVER, UNPACK, "", {"parcel": 1}),
        (
            PARTLY_GONE,
            CANCEL_8,
            "Line 1: 1 picked, 2 packed, 3 gone; 4 could be cancelled.",
            {"line": 1, "picked": 1, "packed": 2, "gone": 3, "cancellable": 4},
        ),
        (
            SENT,
            RequestCancel(lines=units((1, 11)), reason="too many"),
            "Line 1 has 10.",
            {"line": 1, "cancellable": 10},
        ),
        (
            (*SENT, pick(4)),
            RecallFromWarehouse(lines=units((1, 7)), reason="wrong order"),
            "Line 1: 6 of 7.",
            {"line": 1, "sent": 6},
        ),
        (PICKED, RecallFromWarehouse(reason="wrong order"), "", {}),
        (WITH_SERVICE, RequestCancel(lines=units((2, 1)), reason="x"), "Line 2 is a service, not goods.", {"line": 2}),
        (PLACED, ConfirmOrder(), "Units unanswered: 10.", {"units": 10}),
        (RESERVED, ConfirmOrder(promises=(PROMISE,)), "Line 1: 11 promised of 10.", {"line": 1}),
        (SENT_HALF, RecallFromWarehouse(lines=units((2, 1)), reason="x"), "Line 2: 0 of 1.", {"line": 2, "sent": 0}),
        ((*SENT, pick(3)), pack(4), "Line 1: 3 of 4.", {"line": 1, "picked": 3}),
        (PICKED, pack(1, line=2), "Line 2 of 1.", {"line": 2}),
        (INCOMPLETE, SendToWarehouse(), "Units missing: 4.", {"missing": 4}),
        ((*CONFIRMED, HOLD, HOLD), SendToWarehouse(), "hold 1 (address); hold 2 (address)", {}),
    ],
)
def test_a_refusal_names_what_the_rule_looked_at(
    history: tuple[OrderCommand, ...], command: OrderCommand, detail: str, facts: dict[str, int]
) -> None:
    refusal = given(*lived(*history)).when(command).refusal
    assert refusal is not None
    assert (refusal.detail, refusal.facts) == (detail, facts)


ONE_UNIT = (place(1), answer((1, 1, 0)))


@pytest.mark.parametrize(
    ("history", "stone"),
    [
        ((*ONE_UNIT, pick(1)), Milestone.BEING_PREPARED),
        ((*ONE_UNIT, pick(1), pack(1)), Milestone.BEING_PREPARED),
        ((*ONE_UNIT, pick(1), pack(1), hand_over()), Milestone.SHIPPED),
    ],
)
def test_a_single_unit_reaches_each_milestone(history: tuple[OrderCommand, ...], stone: Milestone) -> None:
    assert milestone(order_of(*history)) is stone
