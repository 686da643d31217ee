"""Holds: a department stops the order before some of its steps, and a department lets it go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.access import LIFTED_BY, may_place
from domain.decider import Rejected, require
from domain.order.decisions.shared_refusals import require_not_closed
from domain.order.event_terms import HoldPlaced
from domain.order.events import Held, Resumed, StockAsked
from domain.order.status import holds_blocking, standing_holds
from domain.order.terms import HoldType, Step
from domain.order.wants import all_wants, terms_of
from domain.roles import same_person

if TYPE_CHECKING:
    from domain.decider import Context
    from domain.order.commands import Hold, HoldTerms, Resume
    from domain.order.events import OrderEvent
    from domain.order.state import Order

NEEDS_SECOND_PERSON: Final = frozenset({HoldType.FRAUD, HoldType.CREDIT})


class NoSuchHold(Rejected):
    """The order has no such hold."""


class HoldOfAnotherDepartment(Rejected):
    """This hold belongs to another department."""


class FourEyes(Rejected):
    """Somebody else has to lift this hold: neither the person who placed the order nor the one who placed the hold."""


def hold(order: Order, command: Hold, context: Context) -> tuple[OrderEvent, ...]:
    """One more hold."""
    require_not_closed(order)
    require(
        may_place(context.role, command.type),
        HoldOfAnotherDepartment,
        f"{context.role.value} places no {command.type.value} hold.",
    )
    placed = hold_placed(order.holds_placed + 1, command, context)
    return (Held(occurred_at=context.occurred_at, reason=command.reason, hold=placed),)


def hold_placed(number: int, terms: HoldTerms, context: Context) -> HoldPlaced:
    """A hold as it will stand in the order."""
    return HoldPlaced(
        number=number,
        type=terms.type,
        blocks=terms.blocks,
        reason=terms.reason,
        review_at=terms.review_at,
        placed_by=context.actor,
        placed_at=context.occurred_at,
    )


def resume(order: Order, command: Resume, context: Context) -> tuple[OrderEvent, ...]:
    """One hold less; of a closed order none stands. If it was the last that kept it from stock, the order asks now."""
    require(command.hold <= order.holds_placed, NoSuchHold, f"Hold {command.hold} of {order.holds_placed}.")
    lifted = next((hold for hold in standing_holds(order) if hold.number == command.hold), None)
    if lifted is None:
        return ()
    owners = LIFTED_BY[lifted.type]
    require(
        context.role in owners,
        HoldOfAnotherDepartment,
        f"A {lifted.type.value} hold is lifted by: {', '.join(sorted(role.value for role in owners))}.",
    )
    require(has_eyes_for(order, lifted, context.actor), FourEyes)
    resumed = Resumed(
        occurred_at=context.occurred_at, reason=command.reason, hold=command.hold, resumed_by=context.actor
    )
    return resumed, *_first_ask(order, lifted, context)


def has_eyes_for(order: Order, hold: HoldPlaced, actor: str) -> bool:
    """Whether this person may judge the hold: some need another one than those who placed it and the order."""
    had_eyes_on_it = any(same_person(actor, one) for one in (order.placed_by, hold.placed_by))
    return hold.type not in NEEDS_SECOND_PERSON or not had_eyes_on_it


def _first_ask(order: Order, lifted: HoldPlaced, context: Context) -> tuple[StockAsked, ...]:
    others = [hold for hold in holds_blocking(order, Step.RESERVE) if hold != lifted]
    if others or order.stock_asked or not order.has_goods():
        return ()
    return (StockAsked(occurred_at=context.occurred_at, wants=tuple(all_wants(order)), terms=terms_of(order)),)
