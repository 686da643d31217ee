"""Refusals that several departments share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.decider import Rejected, require
from domain.order.status import headline, is_closed

if TYPE_CHECKING:
    from domain.order.state import Order


class OrderClosed(Rejected):
    """The order is completed or cancelled; nothing about it can be changed any more."""


class NoSuchLine(Rejected):
    """The order has no such line."""


class NoSuchParcel(Rejected):
    """The order has no such parcel."""


def require_not_closed(order: Order) -> None:
    """Refuse what makes no sense for a completed or cancelled order."""
    require(not is_closed(order), OrderClosed, f"Order {order.number} is {headline(order).value}.")


def require_line(order: Order, line: int) -> None:
    """Refuse a line number beyond the order's last."""
    require(line in order.lines, NoSuchLine, f"Line {line} of {len(order.lines)}.", line=line)
