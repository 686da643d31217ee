import pytest

from domain.event_values import LineKind
from domain.order.commands import CompleteOrder, ConfirmOrder, ConfirmReceipt, Hold, OrderCommand, ReportRefusal
from domain.order.events import OrderCompleted
from domain.order.terms import Evidence, HoldType
from domain.roles import Role
from tests.domain.order.orders import HANDED_OVER, PACKED, PART_RESERVED, given, lived, of_kind, place
from tests.spec import NOW

RECEIVED = (*HANDED_OVER, ConfirmReceipt(evidence=Evidence.CARRIER_SCAN))
SERVICE = (place(of_kind(LineKind.SERVICE)), ConfirmOrder())


@pytest.mark.parametrize(("history", "skus"), [(RECEIVED, ("SKU-1",)), (SERVICE, ())])
def test_an_order_is_complete_when_the_customer_has_all_of_it_and_stock_may_forget_it(
    history: tuple[OrderCommand, ...], skus: tuple[str, ...]
) -> None:
    events = lived(*history)
    done = OrderCompleted(occurred_at=NOW, location="main", skus=skus)
    given(*events).when(CompleteOrder(), role=Role.WORKFLOW).then(done)
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
