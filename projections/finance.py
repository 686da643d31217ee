"""The finance board: orders with a hold that finance lifts, by type of hold, and trouble of finance's.

Decides: who starts here. Must not know: what the other departments show.
"""

from __future__ import annotations

from typing import Final

from domain.order.state import Order
from domain.roles import Department, Party
from projections.board import MESSAGES, Board, Work, until_received
from projections.desk import HoldDesk

DESK: Final = HoldDesk(Party.FINANCE)


def work(order: Order) -> Work | None:
    """What finance has to look into."""
    return until_received(order, DESK.queue(order))


BOARD: Final = Board(
    name="finance",
    version=3,
    queues={MESSAGES: None, **DESK.queues},
    work=work,
    department=Department.FINANCE,
    parties=DESK.parties,
)
