"""What people tell of an order that has no room for it is never lost, though something like it is being looked at."""

from domain.order.commands import ConfirmReceipt, ShortPick
from domain.order.events import ExceptionOpened, ExceptionResolved, HandedOver
from domain.order.terms import Evidence, Outcome
from tests.domain.order.orders import HANDED_OVER, SENT, folded, given, hand_over, lived, units
from tests.spec import NOW

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


def test_the_end_of_trouble_that_never_was_changes_nothing() -> None:
    events = lived(*HANDED_OVER)
    ended = ExceptionResolved(occurred_at=NOW, exception=7, resolved_by="ada", outcome=Outcome.LOST)
    before, after = folded(events), folded((*events, ended))
    assert (after.parcels, after.exceptions, after.totals) == (before.parcels, before.exceptions, before.totals)
