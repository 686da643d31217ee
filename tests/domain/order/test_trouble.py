"""Trouble has an owner and an end: what nobody has to deal with any more ends by itself, what is lost is said to be."""

import pytest

from domain.order.commands import (
    AddNote,
    CompleteOrder,
    ConfirmReceipt,
    HandOver,
    LogContact,
    OrderCommand,
    RecallFromWarehouse,
    RecordCheckpoint,
    ReportRefusal,
    RequestCancel,
    ResolveException,
    SendIfReady,
    ShortPick,
)
from domain.order.decisions.customer_service import NoOutcome, OutcomeMissing
from domain.order.event_terms import TroubleFacts
from domain.order.events import (
    CheckpointRecorded,
    ExceptionOpened,
    ExceptionResolved,
    HandedOver,
    OrderCompleted,
    Picked,
    RecalledFromWarehouse,
    ReceiptConfirmed,
    SentToWarehouse,
    UnitsReserved,
)
from domain.order.status import NextAction, waiting
from domain.order.terms import Bucket, Channel, Evidence, ExceptionCode, Outcome, ParcelStatus
from domain.roles import Party, Role
from tests.domain.order.orders import (
    CONFIRMED,
    HANDED_OVER,
    PACKED,
    PICKED,
    SENT,
    answer,
    buckets,
    folded,
    given,
    hand_over,
    later,
    lived,
    moves,
    pack,
    pick,
    place,
    units,
)
from tests.spec import NOW


def scan(status: ParcelStatus, hours: int = 1, number: str = "T-1") -> RecordCheckpoint:
    return RecordCheckpoint(
        occurred_at=later(hours), carrier="DHL", tracking_number=number, status=status, code=status.value
    )


def resolve(outcome: Outcome | None = None, exception: int = 1) -> ResolveException:
    return ResolveException(exception=exception, outcome=outcome, reason="asked the carrier")


def by_itself(hours: int = 0, exception: int = 1) -> ExceptionResolved:
    return ExceptionResolved(occurred_at=later(hours), exception=exception, resolved_by="workflow")


def test_an_early_scan_is_no_trouble_any_more_once_its_parcel_is_handed_over() -> None:
    events = lived(*PACKED, scan(ParcelStatus.IN_TRANSIT))
    outcome = given(*events).when(hand_over())
    outcome.then_kinds(HandedOver, ExceptionResolved)
    assert outcome.events[1] == by_itself()
    given(*events).when(hand_over(1, "T-9")).then_kinds(HandedOver)


def test_a_parcel_reported_before_it_was_packed_is_no_trouble_any_more_once_it_left() -> None:
    events = lived(*PICKED, HandOver(parcel=1, carrier="DHL"), pack(10))
    given(*events).when(hand_over()).then_kinds(HandedOver, ExceptionResolved)


def test_early_bad_news_is_not_lost_with_the_trouble_that_its_parcel_was_unknown() -> None:
    events = lived(*PACKED, scan(ParcelStatus.ATTEMPT_FAILED))
    outcome = given(*events).when(hand_over())
    order = outcome.then_kinds(HandedOver, ExceptionOpened, ExceptionResolved)
    assert order is not None
    assert [trouble.code for trouble in order.exceptions] == [ExceptionCode.ATTEMPT_FAILED]


def test_of_several_early_messages_each_has_its_consequence() -> None:
    events = lived(*PACKED, scan(ParcelStatus.LOST, 1), scan(ParcelStatus.DELIVERED, 2))
    outcome = given(*events).when(hand_over())
    order = outcome.then_kinds(HandedOver, ExceptionOpened, ReceiptConfirmed, ExceptionResolved, ExceptionResolved)
    opened = outcome.events[1]
    assert isinstance(opened, ExceptionOpened)
    assert opened.about == TroubleFacts(parcel=1, tracking_number="T-1", carrier="DHL", code="lost")
    assert buckets(order) == {Bucket.RECEIVED: 10}


@pytest.mark.parametrize("status", [ParcelStatus.ATTEMPT_FAILED, ParcelStatus.EXCEPTION, ParcelStatus.LOST])
def test_bad_news_of_a_parcel_ends_with_its_delivery(status: ParcelStatus) -> None:
    events = lived(*HANDED_OVER, scan(status))
    outcome = given(*events).when(scan(ParcelStatus.DELIVERED, 24))
    outcome.then_kinds(CheckpointRecorded, ReceiptConfirmed, ExceptionResolved)
    assert outcome.events[2] == by_itself(24)
    complete = (*events, *outcome.events)
    given(*complete).when(CompleteOrder(), role=Role.WORKFLOW).then_kinds(OrderCompleted)


@pytest.mark.parametrize(
    "words", [AddNote(text="call back"), LogContact(channel=Channel.PHONE, question="Where is it?", answer="We ask.")]
)
def test_trouble_with_a_parcel_that_the_customer_was_said_to_have_is_not_over_with_the_next_word(
    words: OrderCommand,
) -> None:
    events = lived(*HANDED_OVER, scan(ParcelStatus.DELIVERED), scan(ParcelStatus.EXCEPTION, 24))
    order = folded(events)
    assert [trouble.code for trouble in order.exceptions] == [ExceptionCode.CARRIER_EXCEPTION]
    kinds = given(*events).when(words).events
    assert not any(isinstance(event, ExceptionResolved) for event in kinds)


def test_the_delivery_of_one_parcel_does_not_end_the_trouble_of_another() -> None:
    two = (*PICKED, pack(4), pack(6), hand_over(1, "T-1"), hand_over(2, "T-2"))
    events = lived(*two, scan(ParcelStatus.ATTEMPT_FAILED))
    given(*events).when(scan(ParcelStatus.DELIVERED, 2, "T-2")).then_kinds(CheckpointRecorded, ReceiptConfirmed)


def test_what_only_a_person_can_judge_stays_open() -> None:
    events = lived(*HANDED_OVER, ReportRefusal(command="c", refusal="r"), scan(ParcelStatus.RETURNING))
    received = ConfirmReceipt(parcel=1, evidence=Evidence.OWN_VAN)
    order = given(*events).when(received).then_kinds(ReceiptConfirmed)
    assert order is not None
    assert len(order.exceptions) == 2


@pytest.mark.parametrize(
    ("status", "outcome"), [(ParcelStatus.LOST, Outcome.LOST), (ParcelStatus.RETURNED, Outcome.RETURNED)]
)
def test_who_deals_with_a_lost_or_returned_parcel_says_what_became_of_it_and_nobody_waits_for_it(
    status: ParcelStatus, outcome: Outcome
) -> None:
    events = lived(*HANDED_OVER, scan(status))
    given(*events).when(resolve()).then_rejected(OutcomeMissing, saying="under-way, lost, returned")
    target = Bucket.LOST if outcome is Outcome.LOST else Bucket.RETURNED
    resolved = ExceptionResolved(
        occurred_at=NOW,
        reason="asked the carrier",
        exception=1,
        resolved_by="ada",
        outcome=outcome,
        moves=moves(Bucket.HANDED_OVER, target, (1, 10)),
    )
    order = given(*events).when(resolve(outcome)).then(resolved)
    assert buckets(order) == {target: 10}
    assert waiting(folded((*events, resolved))) == (Party.SYSTEM, NextAction.COMPLETE)
    given(*events, resolved).when(CompleteOrder(), role=Role.WORKFLOW).then_kinds(OrderCompleted)
    given(*events, resolved).when(scan(status, 9)).then_kinds(CheckpointRecorded)


def test_a_parcel_that_is_still_under_way_is_waited_for() -> None:
    events = lived(*HANDED_OVER, scan(ParcelStatus.LOST))
    order = given(*events).when(resolve(Outcome.UNDER_WAY)).then_kinds(ExceptionResolved)
    assert order is not None
    assert buckets(order) == {Bucket.HANDED_OVER: 10}
    assert waiting(order) == (Party.CARRIER, NextAction.DELIVER)


def test_a_lost_parcel_that_turns_up_is_received_all_the_same() -> None:
    events = lived(*HANDED_OVER, scan(ParcelStatus.LOST), resolve(Outcome.LOST))
    order = given(*events).when(scan(ParcelStatus.DELIVERED, 48)).then_kinds(CheckpointRecorded, ReceiptConfirmed)
    assert buckets(order) == {Bucket.RECEIVED: 10}


def test_a_parcel_given_back_to_us_is_not_received_by_its_customer() -> None:
    events = lived(*HANDED_OVER, scan(ParcelStatus.RETURNING), resolve(Outcome.RETURNED))
    order = given(*events).when(scan(ParcelStatus.DELIVERED, 48)).then_kinds(CheckpointRecorded)
    assert buckets(order) == {Bucket.RETURNED: 10}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_what_its_customer_has_stays_there_whatever_the_carrier_was_asked(outcome: Outcome) -> None:
    received = ConfirmReceipt(parcel=1, evidence=Evidence.OWN_VAN)
    events = lived(*HANDED_OVER, scan(ParcelStatus.RETURNING), received)
    order = given(*events).when(resolve(outcome)).then_kinds(ExceptionResolved)
    assert buckets(order) == {Bucket.RECEIVED: 10}


def test_one_lost_parcel_does_not_lose_the_other() -> None:
    two = (*PICKED, pack(4), pack(6), hand_over(1, "T-1"), hand_over(2, "T-2"))
    events = lived(*two, scan(ParcelStatus.LOST, 1, "T-1"), scan(ParcelStatus.LOST, 1, "T-2"))
    order = given(*events, *given(*events).when(resolve(Outcome.LOST, 2)).events).when(resolve(Outcome.UNDER_WAY))
    assert buckets(order.state) == {Bucket.HANDED_OVER: 4, Bucket.LOST: 6}


def test_what_became_of_a_parcel_stays_known_when_other_trouble_with_it_ends() -> None:
    events = lived(*HANDED_OVER, scan(ParcelStatus.ATTEMPT_FAILED, 1), scan(ParcelStatus.LOST, 2))
    lost = (*events, *given(*events).when(resolve(Outcome.LOST, 2)).events)
    order = given(*lost).when(resolve()).then_kinds(ExceptionResolved)
    assert order is not None
    assert order.parcels[0].outcome is Outcome.LOST


def test_other_trouble_has_no_outcome() -> None:
    events = lived(*HANDED_OVER, scan(ParcelStatus.ATTEMPT_FAILED))
    given(*events).when(resolve(Outcome.LOST)).then_rejected(NoOutcome)


def test_a_parcel_that_was_lost_before_its_last_scan_is_looked_at_until_its_customer_has_it() -> None:
    events = lived(*HANDED_OVER, scan(ParcelStatus.IN_TRANSIT, 9))
    given(*events).when(scan(ParcelStatus.LOST, 8)).then_kinds(CheckpointRecorded, ExceptionOpened)
    received = lived(*HANDED_OVER, scan(ParcelStatus.DELIVERED, 9))
    given(*received).when(scan(ParcelStatus.LOST, 8)).then_kinds(CheckpointRecorded)


def test_goods_received_although_no_parcel_left_are_looked_at() -> None:
    events = lived(*PACKED)
    outcome = given(*events).when(ConfirmReceipt(evidence=Evidence.COUNTER))
    outcome.then_kinds(ExceptionOpened)
    seen = (*events, *outcome.events)
    named = given(*seen).when(ConfirmReceipt(parcel=1, evidence=Evidence.COUNTER))
    named.then_kinds(ReceiptConfirmed, ExceptionResolved)


@pytest.mark.parametrize(
    "correction",
    [
        HandOver(parcel=1, carrier="UPS", tracking_number="T-1"),
        HandOver(parcel=1, carrier="DHL", service="Express", tracking_number="T-1"),
    ],
    ids=["carrier", "service"],
)
def test_another_carrier_or_service_for_a_parcel_that_left_is_kept(correction: HandOver) -> None:
    events = lived(*HANDED_OVER)
    order = given(*events).when(correction).then_kinds(HandedOver)
    assert order is not None
    assert (order.parcels[0].carrier, order.parcels[0].service) == (correction.carrier, correction.service)
    assert buckets(order) == {Bucket.HANDED_OVER: 10}


@pytest.mark.parametrize(
    ("history", "left"),
    [
        ((*SENT, answer((1, 7, 3), version=2)), {Bucket.PICKED: 9, Bucket.BACKORDERED: 1}),
        ((*SENT, ShortPick(lines=units((1, 1)))), {Bucket.PICKED: 9, Bucket.OPEN: 1}),
        ((place(10),), {Bucket.PICKED: 9, Bucket.OPEN: 1}),
    ],
    ids=["taken back", "not found and then found", "not yet reserved"],
)
def test_units_that_lie_in_the_tote_are_the_orders_whatever_stock_knew(
    history: tuple[OrderCommand, ...], left: dict[Bucket, int]
) -> None:
    order = given(*lived(*history)).when(pick(9)).then_kinds(Picked)
    assert buckets(order) == left


def test_a_cancellation_recalls_no_more_than_it_cancels_and_leaves_the_rest_to_go_by_itself() -> None:
    both = lived(place(5, 5), answer((1, 5, 0)), answer((2, 0, 5), sku="SKU-2"), *CONFIRMED[2:], SendIfReady())
    reserved = (*both, *given(*both).when(answer((2, 5, 0), version=2, sku="SKU-2")).events)
    fewer = given(*reserved).when(RequestCancel(lines=units((1, 1)), reason="fewer"))
    recalled = fewer.events[1]
    assert isinstance(recalled, RecalledFromWarehouse)
    assert recalled.for_cancellation
    given(*reserved, *fewer.events).when(SendIfReady(), role=Role.WORKFLOW).then_kinds(SentToWarehouse)


def test_a_person_who_took_units_back_has_nothing_to_send_once_they_are_gone() -> None:
    sent = lived(place(8), answer((1, 5, 3)), *CONFIRMED[2:], SendIfReady())
    recalled = (*sent, *given(*sent).when(RecallFromWarehouse(reason="x")).events)
    given(*recalled).when(SendIfReady(), role=Role.WORKFLOW).then_nothing()
    picked = (*recalled, *given(*recalled).when(pick(5)).events)
    assert not folded(picked).sent_by_hand
    filled = given(*picked).when(answer((1, 8, 0), version=2))
    filled.then_kinds(UnitsReserved)
    given(*picked, *filled.events).when(SendIfReady(), role=Role.WORKFLOW).then_kinds(SentToWarehouse)
