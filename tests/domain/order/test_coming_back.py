"""A parcel on its way back: its carrier's last scan says "delivered", and means to us."""

from itertools import permutations

import pytest

from domain.order.commands import ConfirmReceipt, OrderCommand, RecordCheckpoint, ResolveException
from domain.order.events import CheckpointRecorded, ExceptionOpened, ReceiptConfirmed
from domain.order.state import Order
from domain.order.terms import Bucket, Evidence, ExceptionCode, Outcome, ParcelStatus
from tests.domain.order.orders import HANDED_OVER, PACKED, buckets, folded, given, hand_over, later, lived, order_of

MEANING = (ParcelStatus.IN_TRANSIT, ParcelStatus.DELIVERED, ParcelStatus.RETURNING, ParcelStatus.RETURNED)


def scan(status: ParcelStatus, hours: int) -> RecordCheckpoint:
    return RecordCheckpoint(
        occurred_at=later(hours), carrier="DHL", tracking_number="T-1", status=status, code=f"{status.value} {hours}"
    )


def resolve(outcome: Outcome, exception: int = 1) -> ResolveException:
    return ResolveException(exception=exception, outcome=outcome, reason="asked the carrier")


RETURNING = scan(ParcelStatus.RETURNING, 1)
DELIVERED = scan(ParcelStatus.DELIVERED, 2)


def told(order: Order) -> object:
    parcel = order.parcels[0]
    return buckets(order), [trouble.code for trouble in order.exceptions], parcel.received_at is None, parcel.status


@pytest.mark.parametrize("scans", [(RETURNING, DELIVERED), (DELIVERED, RETURNING)], ids=["in order", "late"])
def test_a_delivery_after_the_parcel_turned_round_is_one_to_us(scans: tuple[OrderCommand, ...]) -> None:
    order = order_of(*HANDED_OVER, *scans)
    in_doubt = [ExceptionCode.RETURN_TO_SENDER]
    assert told(order) == ({Bucket.HANDED_OVER: 10}, in_doubt, True, ParcelStatus.RETURNED)
    assert order.received_at is None
    back = order_of(*HANDED_OVER, *scans, resolve(Outcome.RETURNED))
    assert told(back) == ({Bucket.RETURNED: 10}, [], True, ParcelStatus.RETURNED)


def test_so_is_one_that_was_scanned_before_the_hand_over_was_entered() -> None:
    order = order_of(*PACKED, RETURNING, DELIVERED, hand_over())
    assert buckets(order) == {Bucket.HANDED_OVER: 10}


TWICE = pytest.param((*MEANING[1:], ParcelStatus.DELIVERED), id="twice", marks=pytest.mark.slow)


@pytest.mark.parametrize("statuses", [pytest.param(MEANING[1:], id="once"), TWICE])
def test_messages_mean_the_same_in_whichever_order_they_come(statuses: tuple[ParcelStatus, ...]) -> None:
    for happened in permutations(statuses):
        scans = [scan(status, hours) for hours, status in enumerate(happened, start=1)]
        ends = [told(order_of(*HANDED_OVER, *came)) for came in permutations(scans)]
        assert all(end == ends[0] for end in ends), happened


def test_what_its_customer_had_before_it_turned_round_stays_received_until_a_person_has_it() -> None:
    sent_back = (*HANDED_OVER, scan(ParcelStatus.DELIVERED, 1), scan(ParcelStatus.RETURNED, 2))
    assert buckets(order_of(*sent_back)) == {Bucket.RECEIVED: 10}
    order = order_of(*sent_back, resolve(Outcome.RETURNED))
    assert buckets(order) == {Bucket.RETURNED: 10}
    assert (order.parcels[0].received_at, order.received_at) == (None, None)


def test_a_person_who_says_that_it_comes_after_all_is_believed_until_it_turns_round_again() -> None:
    again = (*HANDED_OVER, RETURNING, resolve(Outcome.UNDER_WAY))
    given(*lived(*again)).when(DELIVERED).then_kinds(CheckpointRecorded, ReceiptConfirmed)
    given(*lived(*again, DELIVERED)).when(scan(ParcelStatus.RETURNED, 0)).then_kinds(CheckpointRecorded)
    once_more = lived(*again, scan(ParcelStatus.RETURNING, 3))
    given(*once_more).when(scan(ParcelStatus.DELIVERED, 4)).then_kinds(CheckpointRecorded)


def test_who_saw_the_customer_take_it_knows_better_than_its_carrier() -> None:
    received = lived(*HANDED_OVER, ConfirmReceipt(parcel=1, evidence=Evidence.OWN_VAN), DELIVERED)
    order = given(*received).when(scan(ParcelStatus.RETURNING, -1)).then_kinds(CheckpointRecorded)
    assert buckets(order) == {Bucket.RECEIVED: 10}


def test_what_was_lost_and_came_back_to_us_is_looked_at_again() -> None:
    lost = lived(*HANDED_OVER, RETURNING, resolve(Outcome.LOST))
    outcome = given(*lost).when(DELIVERED)
    order = outcome.then_kinds(CheckpointRecorded, ExceptionOpened)
    assert buckets(order) == {Bucket.LOST: 10}
    found = folded((*lost, *outcome.events))
    assert [trouble.code for trouble in found.exceptions] == [ExceptionCode.RETURN_TO_SENDER]
