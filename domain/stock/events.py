"""Events of a stock item. What an order has to know is told in totals per line: twice or late changes nothing."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.access import Party
from domain.decider import Event
from domain.values import LineNumber, Model, Priority, Quantity, Text, Total, Version


class LineEntry(Model):
    """What one order line has here. `reserved` counts units nobody has picked; wanted = reserved + waiting + staged + issued."""

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
    expected: Total


class EntryChanged(Event):
    """Base: the whole entry of one order after this event, line by line."""

    order_id: UUID
    order_version: Version
    """Version of the order that the entry reflects."""
    lines: tuple[LineEntry, ...]


class StockReserved(EntryChanged):
    """Units became reserved for an order, all it wanted or some."""

    priority: Priority
    promise: date | None = None
    wanted: Total
    """Units that were asked for and not yet reserved when this was decided."""
    available: Total
    """Units that were free at that moment."""
    arrival: Annotated[int, Field(ge=1)]
    """Place of the order in this stream's order of arrival."""


class StockReservationRefused(EntryChanged):
    """None of the units asked for could be reserved; they wait."""

    priority: Priority
    promise: date | None = None
    wanted: Total
    available: Total
    arrival: Annotated[int, Field(ge=1)]


class StockFreed(EntryChanged):
    """An order wants fewer units; reserved ones are free again, waiting ones wait no more."""


class ReservationTakenBack(EntryChanged):
    """A count found less than was reserved; the order's units wait again."""


class StockStaged(EntryChanged):
    """Units were picked for an order."""


class StockIssued(EntryChanged):
    """Units left the house."""


class StockWrittenOff(EntryChanged):
    """Units a picker did not find left on-hand; the order waits for them, first in the list."""

    quantity: Quantity


class StockShortfallDetected(Event):
    """A count found less than was promised to orders."""

    shortfall: Quantity
    owner: Party


StockEvent = (
    StockReceived
    | StockCounted
    | StockReserved
    | StockReservationRefused
    | StockFreed
    | ReservationTakenBack
    | StockStaged
    | StockIssued
    | StockWrittenOff
    | StockShortfallDetected
)
