"""Refusals that several departments share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.decider import Rejected, require
from domain.order.status import headline, holds_blocking, is_closed
from domain.order.terms import Bucket
from domain.roles import departments_of

if TYPE_CHECKING:
    from domain.decider import Context
    from domain.order.state import Order
    from domain.order.terms import Step
    from domain.roles import Department


class OrderClosed(Rejected):
    """The order is completed or cancelled; it can no longer be changed."""


class NoSuchLine(Rejected):
    """The order has no such line."""


class NoSuchParcel(Rejected):
    """The order has no such parcel."""


class OnHold(Rejected):
    """A hold keeps the order from this step."""


class StockNotAnswered(Rejected):
    """Stock has not yet answered for every unit."""


class NotOfThisDepartment(Rejected):
    """Only people of this department do that."""


def require_of_department(department: Department, context: Context) -> None:
    """Refuse whoever works elsewhere."""
    require(department in departments_of(context.role), NotOfThisDepartment, f"{context.role.value}: not {department}.")


def require_not_closed(order: Order) -> None:
    """Refuse what makes no sense for a completed or cancelled order."""
    require(not is_closed(order), OrderClosed, f"Order {order.number} is {headline(order).value}.")


def require_line(order: Order, line: int) -> None:
    """Refuse a line number beyond the order's last."""
    require(line in order.lines, NoSuchLine, f"Line {line} of {len(order.lines)}.", line=line)


def require_not_held(order: Order, step: Step) -> None:
    """Refuse a step that a hold stops."""
    blocking = holds_blocking(order, step)
    require(not blocking, OnHold, "; ".join(f"hold {hold.number} ({hold.type.value})" for hold in blocking))


def require_answered(order: Order) -> None:
    """Refuse as long as stock has not answered for every unit."""
    unanswered = order.count(Bucket.OPEN)
    require(unanswered == 0, StockNotAnswered, f"Units unanswered: {unanswered}.", units=unanswered)
