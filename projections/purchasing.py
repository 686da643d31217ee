"""The purchasing board: orders whose goods are to come in, and those held for want of stock or of a date.

Decides: when an order waits for goods. Must not know: for which articles; the stock view tells it.
"""

from __future__ import annotations

from typing import Final

from domain.order.ledger import LIVE, UNRESERVED
from domain.order.state import Order
from domain.order.status import NextAction, waiting
from domain.order.terms import Bucket
from domain.roles import Department, Party
from projections.board import MESSAGES, TO_RECEIVE, Board, Work
from projections.desk import HoldDesk

DESK: Final = HoldDesk(Party.PURCHASING)


def work(order: Order) -> Work | None:
    """What purchasing has to clear up, and what it has to get. Units are through when stock has them."""
    queue = _queue(order)
    if queue is None:
        return None
    units = order.count(*LIVE)
    return Work(queue, units - order.count(*UNRESERVED), units)


def _queue(order: Order) -> str | None:
    if waiting(order) == (Party.PURCHASING, NextAction.RECEIVE_STOCK):
        return TO_RECEIVE
    return DESK.queue(order) or (TO_RECEIVE if order.count(Bucket.BACKORDERED) else None)


BOARD: Final = Board(
    name="purchasing",
    version=3,
    queues={MESSAGES: None, TO_RECEIVE: NextAction.RECEIVE_STOCK, **DESK.queues},
    work=work,
    department=Department.PURCHASING,
    parties=DESK.parties,
)
