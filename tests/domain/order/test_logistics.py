from datetime import date, datetime

import pytest

from domain.order.commands import (
    ConfirmIfReady,
    ConfirmReceipt,
    HandOver,
    Hold,
    OrderCommand,
    RecordCheckpoint,
    ResolveException,
    SendIfReady,
    Unpack,
)
from domain.order.decisions.logistics import NotTheirParcel
from domain.order.event_terms import HoldInTheWay, TroubleFacts
from domain.order.events import CheckpointRecorded, ExceptionOpened, ExceptionResolved, HandedOver, ReceiptConfirmed
from domain.order.terms import Bucket, Evidence, ExceptionCode, HoldType, Outcome, ParcelStatus, Step
from domain.roles import Party, Role
from tests.domain.order.orders import (
    HANDED_OVER,
    PACKED,
    PICKED,
    PLACED,
    answer,
    buckets,
    folded,
    given,
    hand_over,
    later,
    lived,
    moves,
    order_of,
    pack,
    pick,
    place,
    totals,
)
from tests.spec import NOW


def scan(
    status: ParcelStatus, hours: int = 1, *, number: str = "T-1", carrier: str = "DHL", expected_on: date | None = None
) -> RecordCheckpoint:
    return RecordCheckpoint(
        occurred_at=later(hours),
        carrier=carrier,
        tracking_number=number,
        status=status,
        code=f"C-{status.value}",
        place="Leipzig",
        message="as it came",
        expected_on=expected_on,
    )


def unknown(about: TroubleFacts, at: datetime = NOW) -> ExceptionOpened:
    return ExceptionOpened(
        occurred_at=at,
        number=1,
        code=ExceptionCode.UNKNOWN_PARCEL,
        owner=Party.LOGISTICS,
        about=about,
    )


def test_a_parcel_that_left_takes_its_units_along_and_stock_hears_the_total_to_date() -> None:
    events = lived(*PICKED, pack(3), hand_over(1), pack(4))
    order = (
        given(*events)
        .when(HandOver(parcel=2, carrier="UPS", service="Standard", tracking_number="1Z"))
        .then(
            HandedOver(
                occurred_at=NOW,
                parcel=2,
                carrier="UPS",
                service="Standard",
                tracking_number="1Z",
                moves=moves(Bucket.PACKED, Bucket.HANDED_OVER, (1, 4)),
                issued=(totals((1, 7)),),
            )
        )
    )
    assert order is not None
    assert buckets(order) == {Bucket.HANDED_OVER: 7, Bucket.PICKED: 3}
    parcel = order.parcels[1]
    assert (parcel.carrier, parcel.service, parcel.tracking_number) == ("UPS", "Standard", "1Z")
    assert (parcel.handed_over_at, order.shipped_at) == (NOW, NOW)


def test_the_first_parcel_to_leave_is_when_the_order_was_shipped() -> None:
    early = hand_over(2, "T-2").model_copy(update={"occurred_at": later(-5)})
    order = order_of(*PICKED, pack(3), pack(4), hand_over(1), early)
    assert order.shipped_at == later(-5)


def test_a_later_parcel_does_not_move_the_hour_at_which_the_order_was_shipped() -> None:
    late = hand_over(2, "T-2").model_copy(update={"occurred_at": later(5)})
    assert order_of(*PICKED, pack(3), pack(4), hand_over(1), late).shipped_at == NOW


@pytest.mark.parametrize("number", ["T-1", None])
def test_a_parcel_leaves_once(number: str | None) -> None:
    given(*lived(*HANDED_OVER)).when(hand_over(1, number)).then_nothing()


def test_another_tracking_number_for_a_parcel_that_left_is_kept() -> None:
    order = (
        given(*lived(*HANDED_OVER))
        .when(hand_over(1, "T-9"))
        .then(HandedOver(occurred_at=NOW, parcel=1, carrier="DHL", tracking_number="T-9", issued=()))
    )
    assert order is not None
    assert order.parcels[0].tracking_number == "T-9"
    assert buckets(order) == {Bucket.HANDED_OVER: 10}


@pytest.mark.parametrize("history", [PICKED, (*PACKED, Unpack(parcel=1, reason="wrong box"))])
def test_a_parcel_that_is_not_packed_can_leave_only_into_somebodys_inbox(history: tuple[OrderCommand, ...]) -> None:
    events = lived(*history)
    left = HandedOver(occurred_at=NOW, parcel=1, carrier="DHL", tracking_number="T-1", issued=())
    opened = unknown(TroubleFacts(parcel=1, carrier="DHL", tracking_number="T-1"))
    order = given(*events).when(hand_over()).then(left, opened)
    assert buckets(order) == {Bucket.PICKED: 10}
    given(*events, left, opened).when(hand_over()).then_nothing()


def test_a_parcel_that_left_in_spite_of_a_hold_is_recorded_and_looked_at() -> None:
    events = lived(*PACKED, Hold(type=HoldType.ADDRESS, reason="no such street"))
    outcome = given(*events).when(hand_over())
    order = outcome.then_kinds(HandedOver, ExceptionOpened)
    assert outcome.events[1] == ExceptionOpened(
        occurred_at=NOW,
        number=1,
        code=ExceptionCode.HANDED_OVER_ON_HOLD,
        owner=Party.LOGISTICS,
        about=TroubleFacts(parcel=1, holds=(HoldInTheWay(number=1, type=HoldType.ADDRESS),)),
    )
    assert buckets(order) == {Bucket.HANDED_OVER: 10}


def test_a_parcel_that_left_without_the_rest_of_one_delivery_is_recorded_and_looked_at() -> None:
    whole = (place(10, partial=False), answer((1, 10, 0)), ConfirmIfReady(), SendIfReady())
    outcome = given(*lived(*whole, pick(10), pack(6))).when(hand_over())
    order = outcome.then_kinds(HandedOver, ExceptionOpened)
    assert outcome.events[1] == ExceptionOpened(
        occurred_at=NOW,
        number=1,
        code=ExceptionCode.HANDED_OVER_INCOMPLETE,
        owner=Party.LOGISTICS,
        about=TroubleFacts(parcel=1, units=4),
    )
    assert buckets(order) == {Bucket.HANDED_OVER: 6, Bucket.PICKED: 4}
    given(*lived(*whole, pick(10), pack(6), pack(4))).when(hand_over()).then_kinds(HandedOver)
    held = (*whole, pick(10), pack(6), Hold(type=HoldType.ADDRESS, reason="no such street"))
    troubles = given(*lived(*held)).when(hand_over()).events[1:]
    assert [event.number for event in troubles if isinstance(event, ExceptionOpened)] == [1, 2]


def test_a_correction_of_a_parcel_that_left_before_the_hold_is_no_trouble() -> None:
    events = lived(*HANDED_OVER, Hold(type=HoldType.ADDRESS, reason="no such street"))
    given(*events).when(hand_over(1, "T-9")).then_kinds(HandedOver)


def test_a_hand_over_without_a_number_is_told_without_one() -> None:
    _, opened = given(*lived(*PICKED)).when(hand_over(1, None)).events
    assert opened == unknown(TroubleFacts(parcel=1, carrier="DHL"))


def test_a_hold_on_other_steps_is_none_of_the_carriers_business() -> None:
    events = lived(*PACKED, Hold(type=HoldType.MANUAL, blocks=(Step.SEND,), reason="x"))
    given(*events).when(hand_over()).then_kinds(HandedOver)


def test_a_checkpoint_is_recorded_as_it_came() -> None:
    order = (
        given(*lived(*HANDED_OVER))
        .when(scan(ParcelStatus.IN_TRANSIT, expected_on=date(2026, 3, 4)))
        .then(
            CheckpointRecorded(
                occurred_at=later(1),
                parcel=1,
                carrier="DHL",
                tracking_number="T-1",
                status=ParcelStatus.IN_TRANSIT,
                code="C-in-transit",
                place="Leipzig",
                message="as it came",
                expected_on=date(2026, 3, 4),
            )
        )
    )
    assert order is not None
    assert (order.parcels[0].status, order.parcels[0].expected_on) == (ParcelStatus.IN_TRANSIT, date(2026, 3, 4))
    assert order.parcels[0].checkpoints[-1].place == "Leipzig"


def test_a_carrier_speaks_of_its_own_parcels_only_and_staff_of_any() -> None:
    history = given(*lived(*HANDED_OVER))
    for foreign in (scan(ParcelStatus.IN_TRANSIT, carrier="UPS"), scan(ParcelStatus.IN_TRANSIT, number="T-9")):
        history.when(foreign, role=Role.CARRIER).then_rejected(NotTheirParcel)
    history.when(scan(ParcelStatus.IN_TRANSIT, carrier="dhl"), role=Role.CARRIER).then_kinds(CheckpointRecorded)
    history.when(scan(ParcelStatus.IN_TRANSIT, carrier="UPS"), role=Role.LOGISTICS).then_kinds(CheckpointRecorded)


def test_the_same_checkpoint_twice_is_one() -> None:
    events = lived(*HANDED_OVER, scan(ParcelStatus.IN_TRANSIT), scan(ParcelStatus.PICKUP_READY, 2))
    given(*events).when(scan(ParcelStatus.IN_TRANSIT, carrier="dhl")).then_nothing()
    given(*events).when(scan(ParcelStatus.IN_TRANSIT, 3)).then_kinds(CheckpointRecorded)


def test_checkpoints_are_ranked_by_when_they_happened() -> None:
    parcel = order_of(
        *HANDED_OVER,
        scan(ParcelStatus.OUT_FOR_DELIVERY, 9, expected_on=date(2026, 3, 4)),
        scan(ParcelStatus.IN_TRANSIT, 2, expected_on=date(2026, 3, 3)),
        scan(ParcelStatus.CREATED, 1),
    ).parcels[0]
    assert [checkpoint.occurred_at for checkpoint in parcel.checkpoints] == [later(1), later(2), later(9)]
    assert (parcel.status, parcel.expected_on) == (ParcelStatus.OUT_FOR_DELIVERY, date(2026, 3, 4))


def test_a_newer_checkpoint_without_a_date_keeps_the_expected_day() -> None:
    order = order_of(
        *HANDED_OVER,
        scan(ParcelStatus.IN_TRANSIT, 1, expected_on=date(2026, 3, 4)),
        scan(ParcelStatus.OUT_FOR_DELIVERY, 2),
    )
    assert order.parcels[0].expected_on == date(2026, 3, 4)


def test_a_delivery_scan_is_the_receipt_of_what_was_in_the_parcel() -> None:
    outcome = given(*lived(*HANDED_OVER)).when(scan(ParcelStatus.DELIVERED))
    order = outcome.then_kinds(CheckpointRecorded, ReceiptConfirmed)
    assert outcome.events[1] == ReceiptConfirmed(
        occurred_at=later(1),
        parcel=1,
        evidence=Evidence.CARRIER_SCAN,
        moves=moves(Bucket.HANDED_OVER, Bucket.RECEIVED, (1, 10)),
    )
    assert order is not None
    assert buckets(order) == {Bucket.RECEIVED: 10}
    assert (order.received_at, order.parcels[0].received_at) == (later(1), later(1))


def test_a_delivery_scan_after_the_receipt_is_only_a_checkpoint() -> None:
    events = lived(*HANDED_OVER, ConfirmReceipt(evidence=Evidence.COUNTER))
    given(*events).when(scan(ParcelStatus.DELIVERED)).then_kinds(CheckpointRecorded)


def test_a_checkpoint_out_of_order_after_the_delivery_is_harmless() -> None:
    events = lived(*HANDED_OVER, scan(ParcelStatus.DELIVERED, 9))
    order = given(*events).when(scan(ParcelStatus.OUT_FOR_DELIVERY, 8)).then_kinds(CheckpointRecorded)
    assert order is not None
    assert order.parcels[0].status is ParcelStatus.DELIVERED


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (ParcelStatus.ATTEMPT_FAILED, ExceptionCode.ATTEMPT_FAILED),
        (ParcelStatus.EXCEPTION, ExceptionCode.CARRIER_EXCEPTION),
        (ParcelStatus.RETURNING, ExceptionCode.RETURN_TO_SENDER),
        (ParcelStatus.RETURNED, ExceptionCode.RETURN_TO_SENDER),
        (ParcelStatus.LOST, ExceptionCode.LOST),
    ],
)
def test_bad_news_about_a_parcel_goes_to_customer_service(status: ParcelStatus, code: ExceptionCode) -> None:
    outcome = given(*lived(*HANDED_OVER)).when(scan(status))
    outcome.then_kinds(CheckpointRecorded, ExceptionOpened)
    assert outcome.events[1] == ExceptionOpened(
        occurred_at=later(1),
        number=1,
        code=code,
        owner=Party.CUSTOMER_SERVICE,
        about=TroubleFacts(
            parcel=1, tracking_number="T-1", carrier="DHL", code=f"C-{status.value}", message="as it came"
        ),
    )


def test_the_same_trouble_with_the_same_parcel_is_open_once() -> None:
    failed = lived(*HANDED_OVER, scan(ParcelStatus.ATTEMPT_FAILED))
    given(*failed).when(scan(ParcelStatus.ATTEMPT_FAILED, 30)).then_kinds(CheckpointRecorded)
    given(*failed).when(scan(ParcelStatus.LOST, 30)).then_kinds(CheckpointRecorded, ExceptionOpened)
    dealt_with = (*failed, *given(*failed).when(ResolveException(exception=1, reason="new day agreed")).events)
    given(*dealt_with).when(scan(ParcelStatus.ATTEMPT_FAILED, 30)).then_kinds(CheckpointRecorded, ExceptionOpened)


def test_each_parcel_has_its_own_trouble() -> None:
    events = lived(*PICKED, pack(3), pack(4), hand_over(1), hand_over(2, "T-2"), scan(ParcelStatus.LOST))
    given(*events).when(scan(ParcelStatus.LOST, number="T-2")).then_kinds(CheckpointRecorded, ExceptionOpened)


def test_bad_news_that_a_newer_message_has_overtaken_is_none() -> None:
    events = lived(*HANDED_OVER, scan(ParcelStatus.IN_TRANSIT, 9))
    given(*events).when(scan(ParcelStatus.ATTEMPT_FAILED, 8)).then_kinds(CheckpointRecorded)


def test_bad_news_at_the_same_moment_as_the_newest_message_counts() -> None:
    events = lived(*HANDED_OVER, scan(ParcelStatus.IN_TRANSIT, 9))
    given(*events).when(scan(ParcelStatus.EXCEPTION, 9)).then_kinds(CheckpointRecorded, ExceptionOpened)


def test_a_corrected_tracking_number_does_not_move_the_hour_at_which_the_parcel_left() -> None:
    corrected = hand_over(1, "T-9").model_copy(update={"occurred_at": later(5)})
    assert order_of(*HANDED_OVER, corrected).parcels[0].handed_over_at == NOW


def test_a_corrected_carrier_keeps_the_number_that_was_told_and_telling_it_again_is_no_news() -> None:
    corrected = lived(*HANDED_OVER, HandOver(parcel=1, carrier="UPS"))
    parcel = folded(corrected).parcels[0]
    assert (parcel.carrier, parcel.tracking_number) == ("UPS", "T-1")
    given(*corrected).when(HandOver(parcel=1, carrier="UPS", tracking_number="T-1")).then_nothing()


def test_a_number_that_several_parcels_share_is_told_apart_by_the_carrier() -> None:
    other = HandOver(parcel=2, carrier="UPS", tracking_number="T-1")
    events = lived(*PICKED, pack(3), pack(4), hand_over(1), other)
    for carrier, parcel in (("ups", 2), ("dhl", 1), ("GLS", 1)):
        recorded = given(*events).when(scan(ParcelStatus.IN_TRANSIT, carrier=carrier)).events[0]
        assert isinstance(recorded, CheckpointRecorded)
        assert recorded.parcel == parcel


def test_a_message_about_a_number_concerns_every_parcel_that_is_under_way_under_it() -> None:
    two = (*PICKED, pack(3), pack(7), hand_over(1), hand_over(2))
    events = lived(*two)
    outcome = given(*events).when(scan(ParcelStatus.DELIVERED))
    order = outcome.then_kinds(CheckpointRecorded, ReceiptConfirmed, CheckpointRecorded, ReceiptConfirmed)
    assert buckets(order) == {Bucket.RECEIVED: 10}
    given(*events, *outcome.events).when(scan(ParcelStatus.DELIVERED)).then_nothing()
    lost = given(*events).when(scan(ParcelStatus.LOST)).events
    assert [event.about.parcel for event in lost if isinstance(event, ExceptionOpened)] == [1, 2]
    one_left = lived(*two, ConfirmReceipt(parcel=1, evidence=Evidence.COUNTER))
    rest = given(*one_left).when(scan(ParcelStatus.DELIVERED))
    rest.then_kinds(CheckpointRecorded, ReceiptConfirmed)
    given(*one_left, *rest.events).when(scan(ParcelStatus.DELIVERED)).then_nothing()
    given(*one_left, *rest.events).when(scan(ParcelStatus.LOST, -1)).then_kinds(CheckpointRecorded, CheckpointRecorded)


def test_a_message_about_an_unknown_parcel_is_kept_and_looked_at_once() -> None:
    first = scan(ParcelStatus.IN_TRANSIT, number="T-9")
    outcome = given(*lived(*PACKED)).when(first)
    order = outcome.then_kinds(CheckpointRecorded, ExceptionOpened)
    assert outcome.events[1] == unknown(TroubleFacts(carrier="DHL", tracking_number="T-9"), later(1))
    assert order is not None
    assert len(order.stray_checkpoints) == 1
    events = lived(*PACKED, first)
    given(*events).when(first).then_nothing()
    given(*events).when(scan(ParcelStatus.IN_TRANSIT, 2, number="T-9")).then_kinds(CheckpointRecorded)


def test_messages_that_came_before_the_hand_over_find_their_parcel() -> None:
    order = order_of(
        *PACKED,
        scan(ParcelStatus.OUT_FOR_DELIVERY, 3),
        scan(ParcelStatus.IN_TRANSIT, 2),
        scan(ParcelStatus.IN_TRANSIT, 2, number="T-9"),
        hand_over(),
    )
    assert [checkpoint.occurred_at for checkpoint in order.parcels[0].checkpoints] == [later(2), later(3)]
    assert [stray.tracking_number for stray in order.stray_checkpoints] == ["T-9"]


def test_a_parcel_that_arrived_before_its_hand_over_was_entered_is_received() -> None:
    events = lived(*PACKED, scan(ParcelStatus.IN_TRANSIT, 2), scan(ParcelStatus.DELIVERED, 3))
    outcome = given(*events).when(hand_over())
    order = outcome.then_kinds(HandedOver, ReceiptConfirmed, ExceptionResolved)
    assert outcome.events[1].occurred_at == later(3)
    assert buckets(order) == {Bucket.RECEIVED: 10}
    given(*events).when(hand_over(1, None)).then_kinds(HandedOver)


def test_somebody_may_know_that_a_parcel_is_there() -> None:
    told = ConfirmReceipt(parcel=1, evidence=Evidence.OWN_VAN, received_by="Kim", reason="signed")
    order = (
        given(*lived(*HANDED_OVER))
        .when(told)
        .then(
            ReceiptConfirmed(
                occurred_at=NOW,
                reason="signed",
                parcel=1,
                evidence=Evidence.OWN_VAN,
                received_by="Kim",
                moves=moves(Bucket.HANDED_OVER, Bucket.RECEIVED, (1, 10)),
            )
        )
    )
    assert order is not None
    assert order.parcels[0].evidence is Evidence.OWN_VAN


def test_without_a_parcel_everything_that_left_is_received() -> None:
    events = lived(*PICKED, pack(3), pack(4), pack(3), hand_over(1), hand_over(2, "T-2"))
    told = ConfirmReceipt(evidence=Evidence.OWN_VAN)
    order = given(*events).when(told).then_kinds(ReceiptConfirmed, ReceiptConfirmed)
    assert buckets(order) == {Bucket.RECEIVED: 7, Bucket.PACKED: 3}


def test_a_parcel_is_received_once() -> None:
    events = lived(*HANDED_OVER, ConfirmReceipt(evidence=Evidence.COUNTER))
    given(*events).when(ConfirmReceipt(evidence=Evidence.OWN_VAN)).then_nothing()
    given(*events).when(ConfirmReceipt(parcel=1, evidence=Evidence.OWN_VAN)).then_nothing()


@pytest.mark.parametrize("parcel", [1, 9])
def test_a_receipt_of_a_parcel_that_is_not_there_or_was_received_changes_no_parcel(parcel: int) -> None:
    events = lived(*HANDED_OVER, ConfirmReceipt(evidence=Evidence.COUNTER))
    again = ReceiptConfirmed(occurred_at=later(5), parcel=parcel, evidence=Evidence.OWN_VAN, moves=())
    assert folded((*events, again)).parcels == folded(events).parcels


def test_a_receipt_leaves_the_hour_at_which_the_order_was_shipped() -> None:
    events = lived(*HANDED_OVER)
    order = given(*events).when(scan(ParcelStatus.DELIVERED, 9)).state
    assert order is not None
    assert (order.shipped_at, order.received_at) == (NOW, later(9))


def test_goods_fetched_at_the_counter_have_left_without_a_hand_over_and_stock_hears_of_it() -> None:
    events = lived(*PACKED)
    told = ConfirmReceipt(parcel=1, evidence=Evidence.COUNTER)
    order = (
        given(*events)
        .when(told)
        .then(
            ReceiptConfirmed(
                occurred_at=NOW,
                parcel=1,
                evidence=Evidence.COUNTER,
                moves=moves(Bucket.PACKED, Bucket.RECEIVED, (1, 10)),
                issued=(totals((1, 10)),),
            )
        )
    )
    assert order is not None
    assert buckets(order) == {Bucket.RECEIVED: 10}
    assert order.shipped_at == NOW


def test_goods_fetched_in_spite_of_a_hold_are_looked_at_as_if_they_had_been_handed_over() -> None:
    events = lived(*PACKED, Hold(type=HoldType.FRAUD, reason="odd"))
    told = ConfirmReceipt(parcel=1, evidence=Evidence.COUNTER)
    outcome = given(*events).when(told)
    outcome.then_kinds(ReceiptConfirmed, ExceptionOpened)
    opened = outcome.events[1]
    assert isinstance(opened, ExceptionOpened)
    assert opened.code is ExceptionCode.HANDED_OVER_ON_HOLD
    left = lived(*HANDED_OVER, Hold(type=HoldType.FRAUD, reason="odd"))
    given(*left).when(told).then_kinds(ReceiptConfirmed)


@pytest.mark.parametrize("outcome", [Outcome.LOST, Outcome.RETURNED])
def test_without_a_parcel_nothing_is_received_that_is_known_not_to_come(outcome: Outcome) -> None:
    two = (*PICKED, pack(3), pack(7), hand_over(1), hand_over(2, "T-2"), scan(ParcelStatus.LOST, number="T-2"))
    events = lived(*two, ResolveException(exception=1, outcome=outcome, reason="asked the carrier"))
    received = given(*events).when(ConfirmReceipt(evidence=Evidence.SILENT_CARRIER))
    order = received.then_kinds(ReceiptConfirmed)
    assert buckets(order) == {Bucket.RECEIVED: 3, Bucket[outcome.name]: 7}
    found = ConfirmReceipt(parcel=2, evidence=Evidence.OWN_VAN)
    given(*events, *received.events).when(found).then_kinds(ReceiptConfirmed)


def test_a_hand_over_entered_after_the_receipt_moves_nothing() -> None:
    events = lived(*PACKED, ConfirmReceipt(parcel=1, evidence=Evidence.COUNTER))
    order = (
        given(*events)
        .when(hand_over())
        .then(HandedOver(occurred_at=NOW, parcel=1, carrier="DHL", tracking_number="T-1", issued=()))
    )
    assert buckets(order) == {Bucket.RECEIVED: 10}
    given(*events, *given(*events).when(hand_over()).events).when(hand_over()).then_nothing()


def test_the_receipt_of_an_unknown_parcel_is_looked_at_once() -> None:
    told = ConfirmReceipt(parcel=4, evidence=Evidence.COUNTER)
    events = lived(*PLACED)
    opened = unknown(TroubleFacts(parcel=4, evidence=Evidence.COUNTER))
    given(*events).when(told).then(opened)
    given(*events, opened).when(told).then_nothing()


def test_the_last_receipt_is_when_the_order_was_received() -> None:
    events = lived(
        *PICKED,
        pack(3),
        pack(7),
        hand_over(1),
        hand_over(2, "T-2"),
        scan(ParcelStatus.DELIVERED, 9),
        scan(ParcelStatus.DELIVERED, 4, number="T-2"),
    )
    assert folded(events).received_at == later(9)
