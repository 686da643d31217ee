"""What people tell of an order that has no room for it is never lost, though something like it is being looked at."""

from domain.order.commands import ConfirmReceipt, ShortPick
from domain.order.events import ExceptionOpened, HandedOver
from domain.order.terms import Evidence
from tests.domain.order.orders import SENT, given, hand_over, lived, units

RECEIVED = ConfirmReceipt(parcel=1, evidence=Evidence.COUNTER)


def test_a_hand_over_of_an_unpacked_parcel_is_kept_though_its_receipt_is_being_looked_at() -> None:
    given(*lived(*SENT, RECEIVED)).when(hand_over(1, "T-1")).then_kinds(HandedOver, ExceptionOpened)


def test_a_receipt_known_in_another_way_is_kept() -> None:
    history = lived(*SENT, RECEIVED)
    given(*history).when(RECEIVED).then()
    given(*history).when(RECEIVED.model_copy(update={"evidence": Evidence.OWN_VAN})).then_kinds(ExceptionOpened)


def test_units_missed_beyond_the_plan_are_kept_each_time() -> None:
    again = ShortPick(lines=units((1, 3)))
    given(*lived(*SENT, ShortPick(lines=units((1, 13))))).when(again).then_kinds(ExceptionOpened)
