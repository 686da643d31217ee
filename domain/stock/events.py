"""Events of a stock item. What an order has to know is told in totals per line: twice or late changes nothing."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.decider import Event
from domain.roles import Party
from domain.values import LineNumber, LineTotal, Model, Priority, Quantity, Text, Total

Sum = Annotated[int, Field(ge=0)]
"""Units of many lines or many receipts together; no upper bound, so that no fact is too large to be recorded."""

SomeUnits = Annotated[int, Field(ge=1)]


class LineEntry(Model):
    """What one order line has here: wanted = reserved + waiting + staged + issued. `reserved` counts unpicked units."""

    line: LineNumber
    wanted: Total
    reserved: Total = 0
    waiting: Total = 0
    staged: Total = 0
    """Picked, not gone."""
    issued: Total = 0
    """Left the house."""


class StockReceived(Event):
    """Goods came in."""

    quantity: Quantity
    document: Text | None = None


class StockCounted(Event):
    """The shelf was counted; on-hand is what was found plus what is staged."""

    counted: Total
    expected: Sum


class EntryChanged(Event):
    """Base: the whole entry of one order after this event, line by line."""

    order_id: UUID
    order_version: Annotated[int, Field(ge=0)]
    """Version of the order that this kind of total was taken from; 0 before the order said what it wants."""
    lines: tuple[LineEntry, ...]


class WantAnswered(EntryChanged):
    """Base: what became of what an order wants. `order_version` is that of its newest want, whatever caused this."""

    priority: Priority
    promise: date | None = None
    """The day promised to or asked for by the customer; None is served after all dates."""


class StockReserved(WantAnswered):
    """Units became reserved for an order, all it wanted or some."""

    wanted: Sum
    """Units that were asked for and not yet reserved when this was decided."""
    available: Sum
    """Units that were free at that moment."""
    arrival: Annotated[int, Field(ge=1)]
    """Place of the order in this stream's order of arrival."""


class StockReservationRefused(WantAnswered):
    """None of the units asked for could be reserved; they wait."""

    wanted: Sum
    available: Sum
    arrival: Annotated[int, Field(ge=1)]


class StockFreed(WantAnswered):
    """An order wants fewer units; reserved ones are free again, waiting ones wait no more."""


class StockKept(WantAnswered):
    """An order said again what it wants and nothing moved; an older want that comes after this is known to be old."""


class ReservationTakenBack(EntryChanged):
    """Less was there than was reserved; the order's units wait again."""


class StockStaged(EntryChanged):
    """Units were picked for an order."""

    found: Sum = 0
    """Units picked that on-hand did not know of; they were there, so on-hand rises by them."""


class StockIssued(EntryChanged):
    """Units left the house."""

    found: Sum = 0
    """Units that left and that on-hand did not know of."""


class StockWrittenOff(EntryChanged):
    """Units a picker did not find left on-hand; the order waits for them, first in the list."""

    quantity: Sum
    """Units that left on-hand: never more than it said were on the shelf."""
    written_off: tuple[LineTotal, ...]
    """Units not found to date, by line."""


class StockShortfallDetected(Event):
    """Less is there than was promised to orders: a count found less, or others' units were picked."""

    shortfall: SomeUnits
    owner: Party


StockEvent = (
    StockReceived
    | StockCounted
    | StockReserved
    | StockReservationRefused
    | StockFreed
    | StockKept
    | ReservationTakenBack
    | StockStaged
    | StockIssued
    | StockWrittenOff
    | StockShortfallDetected
)
