"""Who of a department is on an order: take it, pass it on, give it back.

Decides: who may take an order from whom. No other decision asks who has taken it: facts come from whoever brings them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.access import LEADS
from domain.decider import Rejected, require
from domain.order.decisions.shared_refusals import OrderClosed, require_of_department
from domain.order.events import GivenBack, PassedOn, Taken
from domain.order.status import NextAction, waiting
from domain.order.takes import standing_take
from domain.roles import same_person

if TYPE_CHECKING:
    from datetime import datetime

    from domain.decider import Context
    from domain.order.commands import GiveBack, PassOn, Take
    from domain.order.events import OrderEvent
    from domain.order.state import Order, OrderTake
    from domain.roles import Department, Role


class NobodyIsOnIt(Rejected):
    """Nobody of this department is on the order."""


class TakenByAnother(Rejected):
    """Somebody else is on the order: they pass it on or give it back, or a lead does."""


def take(order: Order, command: Take, context: Context) -> tuple[OrderEvent, ...]:
    """Who is on it already stays for longer; who takes it from a colleague has been warned."""
    require_of_department(command.department, context)
    require(may_be_taken(order), OrderClosed)
    return (
        Taken(
            occurred_at=context.occurred_at,
            reason=command.reason,
            department=command.department,
            person=context.actor,
            until=until(context),
            taken_from=taken_from(order, command.department, context),
        ),
    )


def taken_from(order: Order, department: Department, context: Context) -> str | None:
    """Whom the order is taken from by who takes it now; None where no colleague is on it."""
    known = standing_take(order, department, context.occurred_at)
    if known is None or known.since > context.occurred_at or same_person(known.person, context.actor):
        return None
    return known.person


def pass_on(order: Order, command: PassOn, context: Context) -> tuple[OrderEvent, ...]:
    """To somebody else; nothing to do where they are on it."""
    known = _theirs(order, command.department, context)
    if same_person(known.person, command.to):
        return ()
    return (
        PassedOn(
            occurred_at=context.occurred_at,
            reason=command.reason,
            department=command.department,
            person=command.to,
            until=until(context),
            taken_from=known.person,
        ),
    )


def give_back(order: Order, command: GiveBack, context: Context) -> tuple[OrderEvent, ...]:
    """Nobody is on it then."""
    known = _theirs(order, command.department, context)
    return (
        GivenBack(
            occurred_at=context.occurred_at,
            reason=command.reason,
            department=command.department,
            taken_from=known.person,
        ),
    )


def may_be_taken(order: Order) -> bool:
    """Whether anything is to be done yet; not, whose turn it is: some prepare what comes to them."""
    return waiting(order)[1] is not NextAction.NOTHING


def may_pass_on(known: OrderTake, actor: str, role: Role) -> bool:
    """Whether somebody of the department decides who is on the order: who is on it, and leads."""
    return role in LEADS or same_person(known.person, actor)


def until(context: Context) -> datetime:
    """When a take of now ends by itself; the calendar's end is one, too."""
    try:
        return context.occurred_at + context.take_for
    except OverflowError:
        return context.occurred_at


def _theirs(order: Order, department: Department, context: Context) -> OrderTake:
    """The take that this person may end."""
    require_of_department(department, context)
    known = standing_take(order, department, context.occurred_at)
    if known is None:
        raise NobodyIsOnIt
    require(may_pass_on(known, context.actor, context.role), TakenByAnother)
    return known
