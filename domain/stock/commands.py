"""Commands of a stock item.

People send `ReceiveStock`, `CountStock` and `TeachCode`; the workflow sends the rest, in totals (except `TakeExcess`).
Those consist of values of events, without bounds.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from domain.decider import Command
from domain.event_values import LineTotal, Shortage
from domain.shelf_values import ArticleCode, Bin
from domain.values import Quantity, Text, Total


class ReceiveStock(Command):
    """Goods came in."""

    fact: ClassVar[bool] = True

    quantity: Quantity
    document: Text | None = None
    """Delivery note or purchase order they came with; None where there is none."""
    bin: Bin | None = None
    """Where they were put; None where nobody said."""


class CountStock(Command):
    """Somebody counted the shelf. Units picked for an order and not yet gone are not on the shelf."""

    fact: ClassVar[bool] = True

    counted: Total
    bin: Bin | None = None
    """Where the shelf is; None where nobody said."""


class TeachCode(Command):
    """A code on the article or its pack stands for units of it, from now on instead of whatever it stood for."""

    article_code: ArticleCode
    factor: Quantity = 1
    """Units that one scan of it counts."""


class OrderTotals(Command):
    """Base of what an order tells stock: totals per line, with the order's own version; older versions are ignored."""

    order_id: UUID
    order_version: int
    lines: tuple[LineTotal, ...]


class Want(OrderTotals):
    """Units of each line that the order wants, in total, and how it wants them; replaces its earlier want entirely."""

    priority: int
    promise: date | None
    """The day promised to or asked for by the customer; None is served after all dates."""
    shortage: Shortage
    """What becomes of units that are not there. Units that wait already are decided anew by it."""
    provisional: bool = False
    """What is reserved may yet come back: another article of the order is undecided."""
    deferred: bool = False
    """The order has its place in the waiting list and is not served before it says so."""


class Stage(OrderTotals):
    """Units of each line that were picked, in total."""

    bin: str | None = None
    """Where the last of them lay; None where the picker did not say."""


class WriteOff(OrderTotals):
    """Units of each line that a picker did not find, in total: they leave on-hand and wait first in the list."""


class Issue(OrderTotals):
    """Units of each line that have left the house, in total."""


class FromOrder(Command):
    """Base of what an order tells stock without totals."""

    order_id: UUID
    order_version: int


class TakeExcess(FromOrder):
    """Units of this article were picked that the order has no room for. A difference: the writer knows a repeat."""

    quantity: int


class Close(FromOrder):
    """The order is over; stock forgets it."""


class Allocate(Command):
    """Go on with what one event could not hold."""


StockCommand = ReceiveStock | CountStock | TeachCode | Want | Stage | WriteOff | Issue | TakeExcess | Close | Allocate
