"""The logistics board: parcels that are about to leave or on their way, and their trouble, order by order.

Decides: in which queue an order with parcels stands. Must not know: what the other departments show.
"""

from __future__ import annotations

from typing import Final

from domain.order.ledger import GONE
from domain.order.parcels import whereabouts
from domain.order.state import Order, Parcel
from domain.order.status import NextAction, holds_blocking, is_closed, may_be_handed_over
from domain.order.terms import Bucket, ParcelStatus, Step
from domain.roles import Department, Party
from projections.board import MESSAGES, PROBLEMS, TO_HAND_OVER, Board, Work, has_trouble

NO_SCAN: Final = "no-scan"
"""Handed over, and no carrier says that it has it."""
IN_TRANSIT: Final = "in-transit"
OUT_FOR_DELIVERY: Final = "out-for-delivery"

LEAST_ADVANCED_FIRST: Final = (NO_SCAN, IN_TRANSIT, OUT_FOR_DELIVERY)

NOT_WITH_CARRIER: Final = frozenset({None, ParcelStatus.CREATED, ParcelStatus.PRE_TRANSIT})
NEARLY_THERE: Final = frozenset({ParcelStatus.OUT_FOR_DELIVERY, ParcelStatus.PICKUP_READY, ParcelStatus.DELIVERED})


def work(order: Order) -> Work | None:
    """Trouble first, then the least advanced parcel. Units are through when the customer has them."""
    queue = _queue(order)
    if queue is None:
        return None
    return Work(queue, order.count(Bucket.RECEIVED), order.count(Bucket.PACKED, *GONE))


def _queue(order: Order) -> str | None:
    if has_trouble(order, Party.LOGISTICS):
        return PROBLEMS
    if is_closed(order):  # what comes back after its end is customer service's trouble, and nobody is to deliver it
        return None
    if may_be_handed_over(order) and not holds_blocking(order, Step.HAND_OVER):
        return TO_HAND_OVER
    parcels = (parcel for parcel in order.parcels if parcel.contents)
    found = {_stage(parcel) for parcel in parcels if whereabouts(parcel) is Bucket.HANDED_OVER}
    return next((stage for stage in LEAST_ADVANCED_FIRST if stage in found), None)


def _stage(parcel: Parcel) -> str:
    """How far a parcel is that the carrier has. Its trouble is customer service's, and shown beside."""
    if parcel.status in NEARLY_THERE:
        return OUT_FOR_DELIVERY
    return NO_SCAN if parcel.status in NOT_WITH_CARRIER else IN_TRANSIT


BOARD: Final = Board(
    name="logistics",
    version=7,
    queues={
        MESSAGES: None,
        PROBLEMS: NextAction.RESOLVE_EXCEPTION,
        TO_HAND_OVER: NextAction.HAND_OVER,
        **dict.fromkeys(LEAST_ADVANCED_FIRST, NextAction.DELIVER),
    },
    work=work,
    department=Department.LOGISTICS,
    parties=frozenset({Party.LOGISTICS, Party.CARRIER}),
)
