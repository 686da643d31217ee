"""The sales board: every order that is not finished, by what keeps it.

Decides: in which queue an open order stands. Must not know: what the other departments show.
"""

from __future__ import annotations

from typing import Final

from domain.order.ledger import LIVE
from domain.order.state import Order
from domain.order.terms import Bucket
from domain.roles import Role
from projections.board import Board, Work

PROBLEMS: Final = "problems"
ON_HOLD: Final = "on-hold"
UNCONFIRMED: Final = "unconfirmed"
BACKORDERED: Final = "backordered"
IN_PROGRESS: Final = "in-progress"


def work(order: Order) -> Work | None:
    """Trouble first, then what keeps the order from going on. Units are through when the customer has them."""
    queue = _queue(order)
    if queue is None:
        return None
    done = order.count(Bucket.RECEIVED)
    return Work(queue, done, order.count(*LIVE))


def _queue(order: Order) -> str | None:
    if order.exceptions:
        return PROBLEMS
    if order.completed_at or order.cancelled_at:
        return None
    if order.holds:
        return ON_HOLD
    if order.confirmed_at is None:
        return UNCONFIRMED
    return BACKORDERED if order.count(Bucket.BACKORDERED) else IN_PROGRESS


BOARD: Final = Board(
    name="sales",
    version=2,
    queues=(PROBLEMS, ON_HOLD, UNCONFIRMED, BACKORDERED, IN_PROGRESS),
    work=work,
    roles=frozenset({Role.SALES, Role.SALES_LEAD}),
)
