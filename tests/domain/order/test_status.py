import pytest

from domain.event_values import LineKind
from domain.order.commands import (
    CompleteOrder,
    ConfirmOrder,
    ConfirmReceipt,
    Hold,
    OrderCommand,
    RecallFromWarehouse,
    RecordCheckpoint,
    ReportRefusal,
    RequestCancel,
    ResolveException,
    SendToWarehouse,
    ShortPick,
)
from domain.order.events import OrderCompleted, OrderPlaced, UnitsCancelled
from domain.order.status import (
    Badge,
    BadgeKind,
    Headline,
    Milestone,
    NextAction,
    badges,
    headline,
    in_the_house,
    milestone,
    waiting,
)
from domain.order.terms import Bucket, CancelCause, Evidence, HoldType, Outcome, ParcelStatus, Step
from domain.roles import Party
from domain.values import MAIN, Units
from tests.domain.order.orders import (
    CONFIRMED,
    HANDED_OVER,
    PACKED,
    PART_RESERVED,
    PICKED,
    PLACED,
    RESERVED,
    SENT,
    TERMS,
    answer,
    folded,
    hand_over,
    hold_terms,
    later,
    lived,
    moves,
    of_kind,
    order_of,
    pack,
    pick,
    place,
)
from tests.spec import NOW

RECEIVED = (*HANDED_OVER, ConfirmReceipt(evidence=Evidence.COUNTER))
COMPLETED = (*RECEIVED, CompleteOrder())
CANCELLED = (*RESERVED, RequestCancel(reason="changed mind"))
LEFT = (place(1), answer((1, 1, 0)), ConfirmOrder(), pick(1), pack(1), hand_over())
PART_SHIPPED = (*PART_RESERVED, ConfirmOrder(), SendToWarehouse(), pick(6), pack(6), hand_over())
PART_PACKED = (place(10, partial=False), answer((1, 10, 0)), ConfirmOrder(), SendToWarehouse(), pick(6), pack(6))
REST_MISSING = (*PART_PACKED, ShortPick(lines=(Units(line=1, quantity=4),)), answer((1, 6, 4), version=2))
SERVICE = (place(of_kind(LineKind.SERVICE)),)
REFUSED = ReportRefusal(command="c", refusal="r")


def held(*blocks: Step, type_: HoldType = HoldType.ADDRESS) -> Hold:
    return Hold(type=type_, blocks=blocks, reason="x")


def scanned(status: ParcelStatus, number: str = "T-1") -> RecordCheckpoint:
    return RecordCheckpoint(occurred_at=later(1), carrier="DHL", tracking_number=number, status=status, code="1")


def resolved(outcome: Outcome) -> ResolveException:
    return ResolveException(exception=1, outcome=outcome, reason="asked the carrier")


ONE_LOST = (
    *(*PICKED, pack(6), pack(4), hand_over(1, "T-1"), hand_over(2, "T-2")),
    *(scanned(ParcelStatus.LOST, "T-2"), resolved(Outcome.LOST)),
)


@pytest.mark.parametrize(
    ("history", "word"),
    [
        (PLACED, Headline.PENDING),
        (RESERVED, Headline.PENDING),
        (SERVICE, Headline.PENDING),
        (CONFIRMED, Headline.PROCESSING),
        (PACKED, Headline.PROCESSING),
        (PART_SHIPPED, Headline.PROCESSING),
        ((*SERVICE, ConfirmOrder()), Headline.PROCESSING),
        (HANDED_OVER, Headline.SHIPPED),
        (RECEIVED, Headline.DELIVERED),
        (COMPLETED, Headline.COMPLETED),
        ((*LEFT, scanned(ParcelStatus.LOST), resolved(Outcome.LOST)), Headline.SHIPPED),
        ((*LEFT, scanned(ParcelStatus.RETURNED), resolved(Outcome.RETURNED)), Headline.SHIPPED),
        ((*SERVICE, ConfirmOrder(), CompleteOrder()), Headline.COMPLETED),
        (CANCELLED, Headline.CANCELLED),
        ((*SERVICE, RequestCancel(reason="x")), Headline.CANCELLED),
    ],
)
def test_the_headline_follows_the_least_advanced_live_unit(history: tuple[OrderCommand, ...], word: Headline) -> None:
    assert headline(order_of(*history)) is word


def test_cancelled_units_do_not_hold_the_headline_back() -> None:
    missing = RequestCancel(lines=(Units(line=1, quantity=4),), reason="x")
    assert headline(order_of(*PART_SHIPPED, missing)) is Headline.SHIPPED


def test_an_order_without_a_live_unit_reads_cancelled_between_the_events_of_one_decision() -> None:
    cancelled = UnitsCancelled(
        occurred_at=NOW,
        cause=CancelCause.US,
        moves=moves(Bucket.OPEN, Bucket.CANCELLED, (1, 10)),
        wants=(),
        terms=TERMS,
    )
    assert headline(folded((*lived(*PLACED), cancelled))) is Headline.CANCELLED


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (PLACED, ()),
        (PART_RESERVED, (Badge(BadgeKind.BACKORDERED, 4),)),
        (PART_SHIPPED, (Badge(BadgeKind.BACKORDERED, 4), Badge(BadgeKind.PART_SHIPPED, 6, 10))),
        (HANDED_OVER, ()),
        (ONE_LOST, (Badge(BadgeKind.LOST, 4),)),
        ((*LEFT, scanned(ParcelStatus.LOST), resolved(Outcome.LOST), CompleteOrder()), (Badge(BadgeKind.LOST, 1),)),
        (
            (*LEFT, scanned(ParcelStatus.RETURNED), resolved(Outcome.RETURNED), CompleteOrder()),
            (Badge(BadgeKind.SENT_BACK, 1),),
        ),
        ((*PICKED, pack(1), hand_over()), (Badge(BadgeKind.PART_SHIPPED, 1, 10),)),
        (
            (*SENT, held(Step.SEND), held(Step.HAND_OVER, type_=HoldType.FRAUD)),
            (Badge(BadgeKind.ON_HOLD, 1, detail="address"), Badge(BadgeKind.ON_HOLD, 1, detail="fraud")),
        ),
        (
            (*PLACED, held(Step.SEND), REFUSED, pick(11)),
            (Badge(BadgeKind.PROBLEM, 2, detail="workflow-refused"), Badge(BadgeKind.ON_HOLD, 1, detail="address")),
        ),
        (
            (*PLACED, held(Step.SEND), REFUSED, RequestCancel(reason="x")),
            (Badge(BadgeKind.PROBLEM, 1, detail="workflow-refused"),),
        ),
    ],
)
def test_partial_progress_holds_and_trouble_are_badges(
    history: tuple[OrderCommand, ...], expected: tuple[Badge, ...]
) -> None:
    assert badges(order_of(*history)) == expected


@pytest.mark.parametrize(
    ("history", "party", "action"),
    [
        (PLACED, Party.SYSTEM, NextAction.ANSWER_STOCK),
        ((place(10, holds=(hold_terms(Step.RESERVE, type=HoldType.PAYMENT),)),), Party.FINANCE, NextAction.LIFT_HOLD),
        (RESERVED, Party.SYSTEM, NextAction.CONFIRM),
        (SERVICE, Party.SYSTEM, NextAction.CONFIRM),
        ((*RESERVED, held(Step.CONFIRM)), Party.CUSTOMER_SERVICE, NextAction.LIFT_HOLD),
        ((*RESERVED, held(Step.SEND)), Party.SYSTEM, NextAction.CONFIRM),
        (CONFIRMED, Party.SYSTEM, NextAction.SEND_TO_WAREHOUSE),
        ((*CONFIRMED, held(Step.SEND)), Party.CUSTOMER_SERVICE, NextAction.LIFT_HOLD),
        ((*CONFIRMED, held(Step.CONFIRM, Step.SEND)), Party.CUSTOMER_SERVICE, NextAction.LIFT_HOLD),
        ((*SENT, held(Step.SEND)), Party.WAREHOUSE, NextAction.PICK),
        (SENT, Party.WAREHOUSE, NextAction.PICK),
        ((*SENT, RecallFromWarehouse(reason="x")), Party.SALES, NextAction.SEND_TO_WAREHOUSE),
        (PICKED, Party.WAREHOUSE, NextAction.PACK),
        (PACKED, Party.LOGISTICS, NextAction.HAND_OVER),
        ((*PACKED, held(Step.HAND_OVER)), Party.CUSTOMER_SERVICE, NextAction.LIFT_HOLD),
        ((*PACKED, REFUSED), Party.SALES, NextAction.RESOLVE_EXCEPTION),
        (PART_SHIPPED, Party.PURCHASING, NextAction.RECEIVE_STOCK),
        ((place(10, partial=False), answer((1, 6, 4)), ConfirmOrder()), Party.PURCHASING, NextAction.RECEIVE_STOCK),
        (PART_PACKED, Party.WAREHOUSE, NextAction.PICK),
        (REST_MISSING, Party.PURCHASING, NextAction.RECEIVE_STOCK),
        ((*REST_MISSING, held(Step.HAND_OVER)), Party.PURCHASING, NextAction.RECEIVE_STOCK),
        ((*PART_PACKED, RecallFromWarehouse(reason="x")), Party.SALES, NextAction.SEND_TO_WAREHOUSE),
        (HANDED_OVER, Party.CARRIER, NextAction.DELIVER),
        (RECEIVED, Party.SYSTEM, NextAction.COMPLETE),
        ((*RECEIVED, held(Step.CONFIRM)), Party.CUSTOMER_SERVICE, NextAction.LIFT_HOLD),
        ((*RECEIVED, held(Step.CONFIRM), REFUSED), Party.SALES, NextAction.RESOLVE_EXCEPTION),
        ((*PLACED, held(Step.RESERVE)), Party.SYSTEM, NextAction.ANSWER_STOCK),
        (COMPLETED, Party.NOBODY, NextAction.NOTHING),
        (CANCELLED, Party.NOBODY, NextAction.NOTHING),
        ((*CANCELLED, REFUSED), Party.SALES, NextAction.RESOLVE_EXCEPTION),
    ],
)
def test_every_order_waits_for_somebody_and_says_for_what(
    history: tuple[OrderCommand, ...], party: Party, action: NextAction
) -> None:
    order = order_of(*history)
    assert waiting(order) == (party, action)
    assert order.waiting_on is party


def test_waiting_since_is_when_the_party_changed() -> None:
    packed = pack(10).model_copy(update={"occurred_at": later(3)})
    order = order_of(*PICKED, packed)
    assert (order.waiting_on, order.waiting_since) == (Party.LOGISTICS, later(3))
    picked_later = pick(4).model_copy(update={"occurred_at": later(4)})
    partly = order_of(*SENT, pick(6).model_copy(update={"occurred_at": later(2)}), picked_later)
    assert (partly.waiting_on, partly.waiting_since) == (Party.WAREHOUSE, NOW)


@pytest.mark.parametrize(
    ("history", "stone"),
    [
        (PLACED, Milestone.ORDERED),
        (CONFIRMED, Milestone.CONFIRMED),
        (SENT, Milestone.BEING_PREPARED),
        ((*RESERVED, pick(1)), Milestone.BEING_PREPARED),
        (PART_SHIPPED, Milestone.SHIPPED),
        ((*HANDED_OVER, scanned(ParcelStatus.IN_TRANSIT)), Milestone.SHIPPED),
        ((*HANDED_OVER, scanned(ParcelStatus.OUT_FOR_DELIVERY)), Milestone.OUT_FOR_DELIVERY),
        ((*PART_SHIPPED, scanned(ParcelStatus.DELIVERED)), Milestone.SHIPPED),
        (RECEIVED, Milestone.RECEIVED),
        ((*LEFT, ConfirmReceipt(evidence=Evidence.COUNTER)), Milestone.RECEIVED),
        ((*LEFT, scanned(ParcelStatus.RETURNED), resolved(Outcome.RETURNED)), Milestone.SHIPPED),
        ((*ONE_LOST, ConfirmReceipt(evidence=Evidence.COUNTER)), Milestone.RECEIVED),
        ((*LEFT, scanned(ParcelStatus.LOST), resolved(Outcome.LOST)), Milestone.SHIPPED),
        ((*SERVICE, ConfirmOrder()), Milestone.CONFIRMED),
        (COMPLETED, Milestone.RECEIVED),
        (CANCELLED, None),
    ],
)
def test_the_customer_sees_how_far_the_most_advanced_parcel_is(
    history: tuple[OrderCommand, ...], stone: Milestone | None
) -> None:
    assert milestone(order_of(*history)) is stone


def test_a_received_parcel_is_not_out_for_delivery_whatever_its_last_message_says() -> None:
    order = order_of(
        *PICKED,
        pack(6),
        pack(4),
        hand_over(),
        scanned(ParcelStatus.OUT_FOR_DELIVERY),
        ConfirmReceipt(parcel=1, evidence=Evidence.OWN_VAN),
    )
    assert milestone(order) is Milestone.SHIPPED


def test_the_first_event_says_already_who_is_waited_for() -> None:
    placed = lived(*PLACED)
    assert isinstance(placed[0], OrderPlaced)
    assert folded(placed).waiting_since == NOW


@pytest.mark.parametrize(
    ("commands", "here"),
    [
        (RESERVED, False),
        (SENT, True),
        ((*PICKED, pack(6), hand_over()), True),
        (PACKED, True),
        (HANDED_OVER, False),
        ((*SENT, RequestCancel(reason="changed mind")), False),
    ],
    ids=["reserved", "sent", "part gone", "packed", "gone", "cancelled"],
)
def test_an_order_is_in_the_house_from_the_sending_until_the_last_unit_of_it_has_left(
    commands: tuple[OrderCommand, ...], here: bool
) -> None:
    assert in_the_house(order_of(*commands)) is here


def test_of_an_order_that_is_over_nothing_is_in_the_house_whatever_its_units_say() -> None:
    ended = OrderCompleted(occurred_at=NOW, location=MAIN, skus=())
    assert not in_the_house(folded((*lived(*SENT), ended)))
