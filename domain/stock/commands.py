"""Commands of a stock item.

People send `ReceiveStock` and `CountStock`; the workflow sends the rest, always in totals.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from domain.decider import Command
from domain.values import LineTotal, Priority, Quantity, Text, Total, Version


class ReceiveStock(Command):
    """Goods came in."""

    fact: ClassVar[bool] = True

    quantity: Quantity
    document: Text | None = None
    """Delivery note or purchase order they came with; None where there is none."""


class CountStock(Command):
    """Somebody counted the shelf. Units picked for an order and not yet gone are not on the shelf."""

    fact: ClassVar[bool] = True

    counted: Total


class OrderTotals(Command):
    """Base of what an order tells stock: totals per line, with the order's own version; older versions are ignored."""

    order_id: UUID
    order_version: Version
    lines: Annotated[tuple[LineTotal, ...], Field(min_length=1)]


class Want(OrderTotals):
    """So many units of each line the order wants, all told. What cannot be granted waits in this stream's list."""

    priority: Priority | None = None
    """None: priority and promise stay as the order gave them before."""
    promise: date | None = None
    """The day promised to or asked for by the customer; None is served after all dates."""


class Stage(OrderTotals):
    """So many units of each line were picked, all told."""


class WriteOff(OrderTotals):
    """So many units of each line a picker did not find, all told: they leave on-hand and wait first in the list."""


class Issue(OrderTotals):
    """So many units of each line have left the house, all told."""


StockCommand = ReceiveStock | CountStock | Want | Stage | WriteOff | Issue
