"""Who is on an order, as its page shows it now.

Decides: by whose take a reader is warned. Must not know: HTTP, how it looks; who may take an order.
"""

from __future__ import annotations

from datetime import datetime

from domain.order.state import OrderTake
from domain.roles import desks_for, same_person
from projections.order import OrderRow
from web.tokens import Caller


def takes_now(order: OrderRow, now: datetime) -> list[OrderTake]:
    """Whoever is on it, of all departments."""
    return [take for take in order.state.takes if take.stands(now)]


def colleague_on(order: OrderRow, caller: Caller, now: datetime) -> OrderTake | None:
    """Somebody else who is on it where the reader would act."""
    desks = desks_for(caller.role, order.waiting_on)
    found = (take for take in takes_now(order, now) if take.department in desks)
    return next((take for take in found if not same_person(take.person, caller.actor)), None)
