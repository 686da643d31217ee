"""Who is on an order, as its page shows it now.

Decides: by whose take a reader is warned, and that nobody is on an order who works here no more. Must not know: how it
looks; who may take an order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from starlette.requests import Request

from domain.order.state import Order, OrderTake
from domain.replacing import replace
from domain.roles import desks_for, same_person
from projections.order import OrderRow
from query_api.dependencies import readers_of
from web.caller_dependency import identity_of
from web.tokens import Caller

Stands: TypeAlias = Callable[[OrderTake], bool]
"""Whether somebody is on the order still."""


def stands_of(request: Request) -> Stands:
    """As long as their time is not over and nobody has deactivated them."""
    now, colleagues = readers_of(request).clock(), identity_of(request).colleagues
    if colleagues is None:
        return lambda take: take.stands(now)
    return lambda take: take.stands(now) and not colleagues.has_left(take.person)


def as_taken_now(request: Request, order: Order) -> Order:
    """The order without takes that are shown to nobody: what is offered of it must not speak of them either."""
    return replace(order, takes=tuple(filter(stands_of(request), order.takes)))


def takes_now(order: OrderRow, stands: Stands) -> list[OrderTake]:
    """Whoever is on it, of all departments."""
    return [take for take in order.state.takes if stands(take)]


def colleague_on(order: OrderRow, caller: Caller, stands: Stands) -> OrderTake | None:
    """Somebody else who is on it where the reader would act."""
    desks = desks_for(caller.role, order.waiting_on)
    found = (take for take in takes_now(order, stands) if take.department in desks)
    return next((take for take in found if not same_person(take.person, caller.actor)), None)
