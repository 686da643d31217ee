"""What carriers and people say of a parcel before we have entered it means what it would have meant afterwards."""

import pytest

from domain.order.commands import ConfirmReceipt, HandOver, OrderCommand, RecordCheckpoint, ResolveException
from domain.order.event_terms import TroubleFacts
from domain.order.events import (
    CheckpointRecorded,
    ExceptionOpened,
    ExceptionResolved,
    HandedOver,
    Packed,
    ReceiptConfirmed,
)
from domain.order.state import Order
from domain.order.terms import Bucket, Evidence, ExceptionCode, Outcome, ParcelStatus
from domain.roles import Party
from tests.domain.order.orders import (
    PACKED,
    PICKED,
    SENT,
    buckets,
    folded,
    given,
    hand_over,
    later,
    lived,
    order_of,
    pack,
)
from tests.spec import NOW

EARLY = ConfirmReceipt(parcel=1, evidence=Evidence.COUNTER, received_by="Mrs Miller", reason="fetched it herself")


def scan(status: ParcelStatus, carrier: str = "DHL", number: str = "T-1") -> RecordCheckpoint:
    return RecordCheckpoint(
        occurred_at=later(1),
        carrier=carrier,
        tracking_number=number,
        status=status,
        code="X17",
        message="as it came",
        expected_on=later(48).date(),
    )


def told(order: Order) -> object:
    troubles = [(trouble.code, trouble.about) for trouble in order.exceptions]
    return buckets(order), order.parcels, order.stray_checkpoints, troubles


@pytest.mark.parametrize("carrier", ["DHL", "dhl", "DHL Express", "UPS"])
@pytest.mark.parametrize("status", list(ParcelStatus))
def test_whether_a_message_or_the_hand_over_is_entered_first_makes_no_difference(
    status: ParcelStatus, carrier: str
) -> None:
    message = scan(status, carrier)
    assert told(order_of(*PACKED, message, hand_over())) == told(order_of(*PACKED, hand_over(), message))


def test_each_carrier_s_message_of_an_unknown_parcel_is_looked_at() -> None:
    news = scan(ParcelStatus.LOST, "DHL", "T-9")
    events = lived(*PACKED, news)
    given(*events).when(scan(ParcelStatus.LOST, "dhl", "T-9")).then_nothing()
    outcome = given(*events).when(scan(ParcelStatus.LOST, "UPS", "T-9"))
    outcome.then_kinds(CheckpointRecorded, ExceptionOpened)
    opened = outcome.events[1]
    assert isinstance(opened, ExceptionOpened)
    assert opened.about == TroubleFacts(carrier="UPS", tracking_number="T-9")


def test_a_receipt_of_a_parcel_that_is_not_packed_is_told_in_full() -> None:
    given(*lived(*SENT)).when(EARLY).then(
        ExceptionOpened(
            occurred_at=NOW,
            reason="fetched it herself",
            number=1,
            code=ExceptionCode.UNKNOWN_PARCEL,
            owner=Party.LOGISTICS,
            about=TroubleFacts(parcel=1, evidence=Evidence.COUNTER, received_by="Mrs Miller"),
        )
    )
    events = lived(*SENT, EARLY)
    given(*events).when(EARLY).then_nothing()
    other = EARLY.model_copy(update={"received_by": "her son"})
    given(*events).when(other).then_kinds(ExceptionOpened)


def test_an_early_receipt_is_looked_at_until_its_parcel_is_received() -> None:
    events = lived(*PICKED, EARLY)
    packed = given(*events).when(pack(10))
    packed.then_kinds(Packed)
    events += packed.events
    left = given(*events).when(hand_over())
    left.then_kinds(HandedOver)
    given(*events, *left.events).when(EARLY).then_kinds(ReceiptConfirmed, ExceptionResolved)
    given(*events).when(EARLY).then_kinds(ReceiptConfirmed, ExceptionResolved)


def test_an_early_receipt_of_everything_is_looked_at_until_all_that_left_is_received() -> None:
    two: tuple[OrderCommand, ...] = (*PICKED, pack(4), pack(6), ConfirmReceipt(evidence=Evidence.COUNTER))
    events = lived(*two, hand_over(1, "T-1"), hand_over(2, "T-2"))
    assert [trouble.code for trouble in folded(events).exceptions] == [ExceptionCode.UNKNOWN_PARCEL]
    first = given(*events).when(ConfirmReceipt(parcel=1, evidence=Evidence.COUNTER))
    first.then_kinds(ReceiptConfirmed)
    rest = ConfirmReceipt(parcel=2, evidence=Evidence.COUNTER)
    given(*events, *first.events).when(rest).then_kinds(ReceiptConfirmed, ExceptionResolved)


def test_what_is_known_to_be_lost_is_not_waited_for() -> None:
    two: tuple[OrderCommand, ...] = (*PICKED, pack(4), pack(6), ConfirmReceipt(evidence=Evidence.COUNTER))
    lost = ResolveException(exception=2, outcome=Outcome.LOST, reason="asked the carrier")
    events = lived(*two, hand_over(1, "T-1"), hand_over(2, "T-2"), scan(ParcelStatus.LOST, number="T-2"), lost)
    first = ConfirmReceipt(parcel=1, evidence=Evidence.COUNTER)
    order = given(*events).when(first).then_kinds(ReceiptConfirmed, ExceptionResolved)
    assert buckets(order) == {Bucket.RECEIVED: 4, Bucket.LOST: 6}


def test_a_parcel_that_is_not_packed_and_leaves_by_another_service_is_told_again() -> None:
    left = HandOver(parcel=1, carrier="DHL", tracking_number="T-1")
    express = left.model_copy(update={"service": "Express"})
    events = lived(*PICKED, left)
    given(*events).when(left.model_copy(update={"carrier": "dhl"})).then_nothing()
    outcome = given(*events).when(express)
    outcome.then_kinds(HandedOver, ExceptionOpened)
    opened = outcome.events[1]
    assert isinstance(opened, ExceptionOpened)
    assert opened.about.service == "Express"
    given(*events, *outcome.events).when(express).then_nothing()
