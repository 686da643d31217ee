"""The sales board: what sales has to do, and every other order that is not finished.

Decides: in which queue an open order stands. Must not know: what the other departments show.
"""

from __future__ import annotations

from typing import Final

from domain.order.state import Order
from domain.order.status import NextAction, holds_blocking, is_closed, may_be_sent, waiting
from domain.order.terms import HOLD_OWNERS, Bucket, Step
from domain.roles import Department, Party
from projections.board import MESSAGES, ON_HOLD, PROBLEMS, Board, Work, has_trouble, until_received

TO_CONFIRM: Final = "to-confirm"
TO_SEND: Final = "to-send"
"""Somebody took units back from the warehouse, and nobody but a person sends them again."""
BACKORDERED: Final = "backordered"
IN_PROGRESS: Final = "in-progress"
"""Others have to do something; sales answers for it to the customer."""


def work(order: Order) -> Work | None:
    """What it waits for first, then what sales has to do with it."""
    return until_received(order, _queue(order))


def _queue(order: Order) -> str | None:
    if waiting(order) == (Party.SALES, NextAction.LIFT_HOLD):
        return ON_HOLD
    if has_trouble(order, Party.SALES):
        return PROBLEMS
    return None if is_closed(order) else _queue_while_open(order)


def _queue_while_open(order: Order) -> str:
    if _waits_to_be_sent(order):
        return TO_SEND
    if any(HOLD_OWNERS[hold.type] is Party.SALES for hold in order.holds):
        return ON_HOLD
    if _may_be_confirmed(order):
        return TO_CONFIRM
    return BACKORDERED if order.count(Bucket.BACKORDERED) else IN_PROGRESS


def _waits_to_be_sent(order: Order) -> bool:
    return order.sent_by_hand and may_be_sent(order) and not holds_blocking(order, Step.SEND)


def _may_be_confirmed(order: Order) -> bool:
    """Whether all that is missing is that somebody confirms it; the workflow does, unless it is held up."""
    unconfirmed = order.confirmed_at is None and order.count(Bucket.OPEN) == 0
    return unconfirmed and not holds_blocking(order, Step.CONFIRM)


BOARD: Final = Board(
    name="sales",
    version=5,
    queues={
        MESSAGES: None,
        PROBLEMS: NextAction.RESOLVE_EXCEPTION,
        ON_HOLD: NextAction.LIFT_HOLD,
        TO_CONFIRM: NextAction.CONFIRM,
        TO_SEND: NextAction.SEND_TO_WAREHOUSE,
        BACKORDERED: None,
        IN_PROGRESS: None,
    },
    work=work,
    department=Department.SALES,
    parties=frozenset({Party.SALES}),
)
