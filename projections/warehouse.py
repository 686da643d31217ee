"""The warehouse board: orders with trouble, with units to pick, pack or hand over, and those that wait for goods.

Decides: in which queue an order stands. Must not know: what the other departments show.
"""

from __future__ import annotations

from typing import Final

from domain.order.ledger import GONE
from domain.order.state import Order
from domain.order.status import NextAction, may_be_handed_over, may_leave_in_part, waiting
from domain.order.terms import Bucket
from domain.roles import Party, Role
from projections.board import Board, Work

PROBLEM: Final = "problem"
ON_HOLD: Final = "on-hold"
"""The next step is stopped by a hold that the warehouse lifts."""
TO_PICK: Final = "to-pick"
PICKING: Final = "picking"
TO_PACK: Final = "to-pack"
TO_HAND_OVER: Final = "to-hand-over"
WAITING_STOCK: Final = "waiting-stock"

IN_THE_HOUSE: Final = (Bucket.SENT, Bucket.PICKED, Bucket.PACKED)


def work(order: Order) -> Work | None:
    """Trouble first, then the least advanced units. Units are through when they have left the house."""
    queue = _queue(order)
    if queue is None:
        return None
    done = order.count(*GONE)
    return Work(queue, done, done + order.count(Bucket.BACKORDERED, *IN_THE_HOUSE))


def _queue(order: Order) -> str | None:
    if any(trouble.owner is Party.WAREHOUSE for trouble in order.exceptions):
        return PROBLEM
    if waiting(order) == (Party.WAREHOUSE, NextAction.LIFT_HOLD):
        return ON_HOLD
    if order.count(Bucket.SENT):
        return PICKING if _picking(order) else TO_PICK
    if order.count(Bucket.PICKED) and may_leave_in_part(order):
        return TO_PACK
    if may_be_handed_over(order):
        return TO_HAND_OVER
    return WAITING_STOCK if order.count(Bucket.BACKORDERED) else None


def _picking(order: Order) -> bool:
    return bool(order.count(Bucket.PICKED)) or order.pick_started_at is not None


BOARD: Final = Board(
    name="warehouse",
    version=4,
    queues=(PROBLEM, ON_HOLD, TO_PICK, PICKING, TO_PACK, TO_HAND_OVER, WAITING_STOCK),
    work=work,
    roles=frozenset({Role.WAREHOUSE, Role.WAREHOUSE_LEAD}),
)
