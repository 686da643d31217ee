"""The customer service board: deliveries gone wrong, doubtful addresses, and orders that wait for their customer.

Decides: for whom customer service acts. Must not know: what the other departments show.
"""

from __future__ import annotations

from typing import Final

from domain.order.state import Order
from domain.roles import Department, Party
from projections.board import MESSAGES, Board, Work, until_received
from projections.desk import HoldDesk

DESK: Final = HoldDesk(Party.CUSTOMER_SERVICE, acts_for=frozenset({Party.CUSTOMER}))
"""A customer signs in nowhere: who waits for one asks customer service to ask. Parcels that are merely on their way are
watched by logistics."""


def work(order: Order) -> Work | None:
    """What customer service has to clear up."""
    return until_received(order, DESK.queue(order))


BOARD: Final = Board(
    name="customer-service",
    version=3,
    queues={MESSAGES: None, **DESK.queues},
    work=work,
    department=Department.CUSTOMER_SERVICE,
    parties=DESK.parties,
)
