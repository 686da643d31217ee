import pytest

from domain.order.commands import CompleteOrder, ConfirmOrder, ConfirmReceipt, Hold, OrderCommand, ReportRefusal
from domain.order.events import OrderCompleted
from domain.order.terms import Evidence, HoldType
from domain.roles import Role
from domain.values import LineKind
from tests.domain.order.orders import HANDED_OVER, PACKED, PART_RESERVED, given, lived, of_kind, place
from tests.spec import NOW

RECEIVED = (*HANDED_OVER, ConfirmReceipt(evidence=Evidence.CARRIER_SCAN))
SERVICE = (place(of_kind(LineKind.SERVICE)), ConfirmOrder())


@pytest.mark.parametrize("history", [RECEIVED, SERVICE])
def test_an_order_is_complete_when_the_customer_has_all_of_it(history: tuple[OrderCommand, ...]) -> None:
    events = lived(*history)
    given(*events).when(CompleteOrder(), role=Role.WORKFLOW).then(OrderCompleted(occurred_at=NOW))
    done = OrderCompleted(occurred_at=NOW)
    given(*events, done).when(CompleteOrder(), role=Role.WORKFLOW).then_nothing()


@pytest.mark.parametrize(
    "history",
    [
        HANDED_OVER,
        PACKED,
        PART_RESERVED,
        SERVICE[:1],
        (*RECEIVED, Hold(type=HoldType.PAYMENT, reason="unpaid")),
        (*RECEIVED, ReportRefusal(command="c", refusal="r")),
    ],
    ids=["under way", "in the house", "waiting", "unconfirmed", "held", "in trouble"],
)
def test_an_order_stays_open_as_long_as_anything_about_it_is(history: tuple[OrderCommand, ...]) -> None:
    given(*lived(*history)).when(CompleteOrder(), role=Role.WORKFLOW).then_nothing()
