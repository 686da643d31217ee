"""Every status word, as a pure function of ledger, holds and money: the one definition that all readers share.

Must not know: how a status is called on screen; `query_api/sentences` knows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.order.ledger import GONE, LIVE, NOT_PACKED, SETTLED, UNRESERVED
from domain.order.parcels import whereabouts
from domain.order.terms import HOLD_OWNERS, Bucket, ParcelStatus, Step
from domain.roles import Party

if TYPE_CHECKING:
    from domain.order.event_terms import HoldPlaced
    from domain.order.state import Order


class Headline(StrEnum):
    """One word per order, decided by its least advanced live goods unit."""

    PENDING = "pending"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class BadgeKind(StrEnum):
    """Partial progress, holds and trouble: next to the headline, never instead of it."""

    PART_SHIPPED = "part-shipped"
    BACKORDERED = "backordered"
    ON_HOLD = "on-hold"
    PROBLEM = "problem"
    LOST = "lost"
    SENT_BACK = "sent-back"


@dataclass(frozen=True, slots=True)
class Badge:
    """`Part shipped 6/10`: kind, count, of how many; `detail` is a hold type or an exception code."""

    kind: BadgeKind
    count: int = 0
    of: int = 0
    detail: str = ""


class NextAction(StrEnum):
    """What the party that an order waits on has to do."""

    LIFT_HOLD = "lift-hold"
    RESOLVE_EXCEPTION = "resolve-exception"
    ANSWER_STOCK = "answer-stock"
    CONFIRM = "confirm"
    SEND_TO_WAREHOUSE = "send-to-warehouse"
    PICK = "pick"
    PACK = "pack"
    HAND_OVER = "hand-over"
    RECEIVE_STOCK = "receive-stock"
    DELIVER = "deliver"
    COMPLETE = "complete"
    NOTHING = "nothing"


class Milestone(StrEnum):
    """The customer's words, in order."""

    ORDERED = "ordered"
    CONFIRMED = "confirmed"
    BEING_PREPARED = "being-prepared"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out-for-delivery"
    RECEIVED = "received"


def is_closed(order: Order) -> bool:
    """Completed or cancelled: nothing is to be done any more."""
    return order.completed_at is not None or order.cancelled_at is not None


def in_the_house(order: Order) -> bool:
    """Whether the warehouse has something of it: from the sending on, until the last of that left or was taken back."""
    return not is_closed(order) and order.count(Bucket.SENT, Bucket.PICKED, Bucket.PACKED) > 0


def standing_holds(order: Order) -> tuple[HoldPlaced, ...]:
    """Holds that still stop something, oldest first: none of an order that is closed."""
    return () if is_closed(order) else order.holds


def stands_still(order: Order) -> bool:
    """Whether a hold still keeps something from its customer: what has left goes on whatever holds the order."""
    return bool(standing_holds(order)) and (order.count(*LIVE) > order.count(*GONE) or not order.has_goods())


def holds_blocking(order: Order, step: Step) -> tuple[HoldPlaced, ...]:
    """Holds that stop the order before this step, oldest first."""
    return tuple(hold for hold in order.holds if step in hold.blocks)


def may_leave_in_part(order: Order) -> bool:
    """Whether what is there may leave: the customer takes parts, or nothing is missing."""
    return order.partial_shipment or order.count(*UNRESERVED) == 0


def may_be_sent(order: Order) -> bool:
    """Whether reserved units are there that may go to the warehouse, holds left aside. Stock has to answer first."""
    answered = order.confirmed_at is not None and order.count(Bucket.OPEN) == 0
    return answered and order.count(Bucket.RESERVED) > 0 and may_leave_in_part(order)


def leaves_complete(order: Order) -> bool:
    """Whether a parcel may leave without what the customer wants in the same delivery."""
    return order.partial_shipment or order.count(*NOT_PACKED) == 0


def may_be_handed_over(order: Order) -> bool:
    """Whether packed units are there that may leave, holds left aside."""
    return order.count(Bucket.PACKED) > 0 and leaves_complete(order)


def headline(order: Order) -> Headline:
    """The order's one word."""
    live = order.count(*LIVE)
    if order.cancelled_at is not None or (order.has_goods() and live == 0):
        return Headline.CANCELLED
    if order.completed_at is not None:
        return Headline.COMPLETED
    if order.confirmed_at is None:
        return Headline.PENDING
    if live == 0 or order.count(*GONE) < live:
        return Headline.PROCESSING
    return Headline.SHIPPED if order.count(Bucket.RECEIVED) < live else Headline.DELIVERED


def badges(order: Order) -> tuple[Badge, ...]:
    """What is shown next to the headline, most urgent first; what did not reach its customer, also after the end."""
    found: list[Badge] = []
    ends = ((BadgeKind.LOST, order.count(Bucket.LOST)), (BadgeKind.SENT_BACK, order.count(Bucket.RETURNED)))
    astray = [Badge(kind, units) for kind, units in ends if units]
    if order.exceptions:
        found.append(Badge(BadgeKind.PROBLEM, len(order.exceptions), detail=order.exceptions[0].code.value))
    if is_closed(order):
        return (*found, *astray)
    found.extend(Badge(BadgeKind.ON_HOLD, 1, detail=hold.type.value) for hold in order.holds)
    if backordered := order.count(Bucket.BACKORDERED):
        found.append(Badge(BadgeKind.BACKORDERED, backordered))
    gone, live = order.count(*GONE), order.count(*LIVE)
    if 0 < gone < live:
        found.append(Badge(BadgeKind.PART_SHIPPED, gone, live))
    return (*found, *astray)


def waiting(order: Order) -> tuple[Party, NextAction]:
    """Who has to do something next, and what. Never empty: a closed order waits on nobody for nothing.

    A fact that comes after the end may still open an exception, and that has its owner.
    """
    if is_closed(order) and not order.exceptions:
        return Party.NOBODY, NextAction.NOTHING
    hold = awaited_hold(order)
    if hold is not None:
        return HOLD_OWNERS[hold.type], NextAction.LIFT_HOLD
    if order.exceptions:
        return order.exceptions[0].owner, NextAction.RESOLVE_EXCEPTION
    return _step(order) or (Party.SYSTEM, NextAction.COMPLETE)


def awaited_hold(order: Order) -> HoldPlaced | None:
    """The hold that somebody has to lift next: the oldest that stops the order where it stands.

    One that stops nothing yet is awaited once nothing else is to be done.
    """
    if not standing_holds(order):
        return None
    found = _hold_in_the_way(order)
    if found is not None or order.exceptions:
        return found
    if order.count(Bucket.OPEN) and not order.stock_asked:
        return next(iter(holds_blocking(order, Step.RESERVE)), None)
    return None if _step(order) else order.holds[0]


def _hold_in_the_way(order: Order) -> HoldPlaced | None:
    """The oldest hold that stops the step at which the order stands."""
    steps = {
        Step.CONFIRM: order.confirmed_at is None,
        Step.SEND: may_be_sent(order),
        Step.HAND_OVER: may_be_handed_over(order),
    }
    return next((hold for hold in order.holds if any(steps.get(step, False) for step in hold.blocks)), None)


def _step(order: Order) -> tuple[Party, NextAction] | None:
    """Who takes the next step, holds and trouble left aside; None where nothing is left but to complete the order."""
    return _step_before_confirmation(order) or _step_of_goods(order)


def _step_before_confirmation(order: Order) -> tuple[Party, NextAction] | None:
    if order.count(Bucket.OPEN):
        return Party.SYSTEM, NextAction.ANSWER_STOCK
    return (Party.SYSTEM, NextAction.CONFIRM) if order.confirmed_at is None else None


def _step_of_goods(order: Order) -> tuple[Party, NextAction] | None:
    """The step that people can take now goes before what the house or the carrier has to wait for."""
    steps = (
        (order.count(Bucket.SENT), Party.WAREHOUSE, NextAction.PICK),
        (order.count(Bucket.PICKED) and may_leave_in_part(order), Party.WAREHOUSE, NextAction.PACK),
        (may_be_handed_over(order), Party.LOGISTICS, NextAction.HAND_OVER),
        (may_be_sent(order), Party.SALES if order.sent_by_hand else Party.SYSTEM, NextAction.SEND_TO_WAREHOUSE),
        (order.count(Bucket.BACKORDERED), Party.PURCHASING, NextAction.RECEIVE_STOCK),
        (order.count(Bucket.HANDED_OVER), Party.CARRIER, NextAction.DELIVER),
    )
    return next(((party, action) for there_is, party, action in steps if there_is), None)


def milestone(order: Order) -> Milestone | None:
    """How far the order is in the customer's eyes (its most advanced parcel counts); None when it was cancelled."""
    if headline(order) is Headline.CANCELLED:
        return None
    live, received = order.count(*LIVE), order.count(Bucket.RECEIVED)
    reached = (
        (received > 0 and order.count(*SETTLED) == live, Milestone.RECEIVED),
        (_out_for_delivery(order), Milestone.OUT_FOR_DELIVERY),
        (order.count(*GONE) > 0, Milestone.SHIPPED),
        (order.sent_at is not None or order.count(Bucket.PICKED, Bucket.PACKED) > 0, Milestone.BEING_PREPARED),
        (order.confirmed_at is not None, Milestone.CONFIRMED),
    )
    return next((stone for is_reached, stone in reached if is_reached), Milestone.ORDERED)


def _out_for_delivery(order: Order) -> bool:
    """Whether a carrier brings a parcel now: not what is lost or back with us, whatever was scanned last."""
    with_carrier = (parcel for parcel in order.parcels if whereabouts(parcel) is Bucket.HANDED_OVER)
    return any(parcel.status is ParcelStatus.OUT_FOR_DELIVERY for parcel in with_carrier)
