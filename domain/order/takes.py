"""Who is on an order, by department: how a take begins and changes hands, and when it ends by itself.

Decides: that an order which leaves a department is nobody's there any more. Must not know: commands, refusals, clocks:
whether a take still stands is asked with the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.order.state import OrderTake
from domain.replacing import replace
from domain.roles import DESKS, Department, Party, same_person

if TYPE_CHECKING:
    from datetime import datetime

    from domain.order.events import GivenBack, PassedOn, PickStarted, Taken
    from domain.order.state import Order


def last_take(order: Order, department: Department) -> OrderTake | None:
    """Who of the department took the order last, whether or not their time is over."""
    return next((take for take in order.takes if take.department is department), None)


def standing_take(order: Order, department: Department, now: datetime) -> OrderTake | None:
    """Who of the department is on the order; None once their time is over."""
    known = last_take(order, department)
    return known if known is not None and known.stands(now) else None


def taken(order: Order, event: Taken | PassedOn) -> Order:
    """Somebody is on it from now on; who was and stays is since then."""
    return _with(order, OrderTake(event.department, event.person, event.occurred_at, event.until))


def pick_started(order: Order, event: PickStarted) -> Order:
    """Who begins to pick takes the order for the warehouse; before there were takes, nobody did."""
    if event.until is None:
        return order
    return _with(order, OrderTake(Department.WAREHOUSE, event.picker, event.occurred_at, event.until))


def given_back(order: Order, event: GivenBack) -> Order:
    """Nobody is on it any more."""
    return replace(order, takes=tuple(take for take in order.takes if take.department is not event.department))


def still_there(takes: tuple[OrderTake, ...], party: Party) -> tuple[OrderTake, ...]:
    """The takes that do not end by the order's waiting for this party.

    Who takes an order before it has come keeps it; what the system does between two steps here is no leaving.
    """
    if not takes or party is Party.SYSTEM:
        return takes
    if party is Party.NOBODY:
        return ()
    desk = DESKS[party]
    return tuple(_arrived(take) if take.department is desk else take for take in takes if _stays(take, desk))


def _stays(take: OrderTake, desk: Department) -> bool:
    return take.department is desk or not take.came


def _arrived(take: OrderTake) -> OrderTake:
    return take if take.came else replace(take, came=True)


def _with(order: Order, take: OrderTake) -> Order:
    known = last_take(order, take.department)
    if known is not None:
        if take.until <= known.since:
            return order  # entered late: its time was over before theirs began
        stays = same_person(known.person, take.person) and known.until > take.since
        take = replace(take, came=known.came, since=known.since if stays else take.since)
    others = (other for other in order.takes if other.department is not take.department)
    return replace(order, takes=(*others, take))
