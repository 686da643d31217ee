"""The logistics board: parcels that are about to leave, on their way or in trouble, order by order.

Decides: in which queue an order with parcels stands. Must not know: what the other departments show.
"""

from __future__ import annotations

from typing import Final

from domain.access import Party
from domain.order.ledger import GONE
from domain.order.parcels import whereabouts
from domain.order.state import Order, Parcel
from domain.order.status import may_be_handed_over
from domain.order.terms import Bucket, ParcelStatus
from domain.roles import Role
from projections.board import Board, Work

PROBLEM: Final = "problem"
ANNOUNCED: Final = "announced"
"""Packed, not handed over, and all of it is there that is to leave together."""
NO_SCAN: Final = "no-scan"
"""Handed over, and no carrier says that it has it."""
IN_TRANSIT: Final = "in-transit"
OUT_FOR_DELIVERY: Final = "out-for-delivery"

LEAST_ADVANCED_FIRST: Final = (ANNOUNCED, NO_SCAN, IN_TRANSIT, OUT_FOR_DELIVERY)

TROUBLE: Final = frozenset(
    {
        ParcelStatus.ATTEMPT_FAILED,
        ParcelStatus.EXCEPTION,
        ParcelStatus.RETURNING,
        ParcelStatus.RETURNED,
        ParcelStatus.LOST,
    }
)
NOT_WITH_CARRIER: Final = frozenset({None, ParcelStatus.CREATED, ParcelStatus.PRE_TRANSIT})
NEARLY_THERE: Final = frozenset({ParcelStatus.OUT_FOR_DELIVERY, ParcelStatus.PICKUP_READY, ParcelStatus.DELIVERED})
ON_THE_WAY: Final = frozenset({Bucket.PACKED, Bucket.HANDED_OVER})
OWNERS: Final = frozenset({Party.LOGISTICS, Party.CUSTOMER_SERVICE})


def work(order: Order) -> Work | None:
    """Trouble first, then the least advanced parcel. Units are through when the customer has them."""
    queue = _queue(order)
    if queue is None:
        return None
    return Work(queue, order.count(Bucket.RECEIVED), order.count(Bucket.PACKED, *GONE))


def _queue(order: Order) -> str | None:
    ours = ON_THE_WAY if may_be_handed_over(order) else ON_THE_WAY - {Bucket.PACKED}
    on_the_way = [parcel for parcel in order.parcels if parcel.contents and whereabouts(parcel) in ours]
    if any(parcel.status in TROUBLE and parcel.outcome is None for parcel in on_the_way):
        return PROBLEM
    if any(trouble.owner in OWNERS for trouble in order.exceptions):
        return PROBLEM
    found = {_stage(parcel) for parcel in on_the_way}
    return next((stage for stage in LEAST_ADVANCED_FIRST if stage in found), None)


def _stage(parcel: Parcel) -> str:
    if parcel.status in NEARLY_THERE:
        return OUT_FOR_DELIVERY
    if parcel.status not in NOT_WITH_CARRIER:
        return IN_TRANSIT
    return ANNOUNCED if parcel.handed_over_at is None else NO_SCAN


BOARD: Final = Board(
    name="logistics",
    version=2,
    queues=(PROBLEM, *LEAST_ADVANCED_FIRST),
    work=work,
    roles=frozenset({Role.LOGISTICS}),
)
