"""The warehouse board: orders with trouble, with units to pick, pack or hand over, or with goods to come in.

Decides: in which queue an order stands. Must not know: what the other departments show.
"""

from __future__ import annotations

from typing import Final

from domain.order.ledger import GONE
from domain.order.state import Order
from domain.order.status import (
    NextAction,
    holds_blocking,
    may_be_handed_over,
    may_leave_in_part,
    waiting,
)
from domain.order.terms import Bucket, Step
from domain.roles import Department, Party
from projections.board import MESSAGES, ON_HOLD, PROBLEMS, TO_HAND_OVER, TO_RECEIVE, Board, Work, has_trouble

TO_PICK: Final = "to-pick"
PICKING: Final = "picking"
TO_PACK: Final = "to-pack"

IN_THE_HOUSE: Final = (Bucket.SENT, Bucket.PICKED, Bucket.PACKED)


def work(order: Order) -> Work | None:
    """Trouble first, then the least advanced units. Units are through when they have left the house."""
    queue = _queue(order)
    if queue is None:
        return None
    done = order.count(*GONE)
    return Work(queue, done, done + order.count(Bucket.BACKORDERED, *IN_THE_HOUSE))


def _queue(order: Order) -> str | None:
    if waiting(order) == (Party.WAREHOUSE, NextAction.LIFT_HOLD):
        return ON_HOLD
    if has_trouble(order, Party.WAREHOUSE):
        return PROBLEMS
    if order.count(Bucket.SENT):
        return PICKING if _picking(order) else TO_PICK
    if order.count(Bucket.PICKED) and may_leave_in_part(order):
        return TO_PACK
    if may_be_handed_over(order) and not holds_blocking(order, Step.HAND_OVER):
        return TO_HAND_OVER
    return TO_RECEIVE if order.count(Bucket.BACKORDERED) else None


def _picking(order: Order) -> bool:
    return bool(order.count(Bucket.PICKED)) or order.pick_started_at is not None


BOARD: Final = Board(
    name="warehouse",
    version=7,
    queues={
        MESSAGES: None,
        PROBLEMS: NextAction.RESOLVE_EXCEPTION,
        ON_HOLD: NextAction.LIFT_HOLD,
        TO_PICK: NextAction.PICK,
        PICKING: NextAction.PICK,
        TO_PACK: NextAction.PACK,
        TO_HAND_OVER: NextAction.HAND_OVER,
        TO_RECEIVE: NextAction.RECEIVE_STOCK,
    },
    work=work,
    department=Department.WAREHOUSE,
    parties=frozenset({Party.WAREHOUSE}),
)
