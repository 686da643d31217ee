"""Events of a stock item. Each says which units moved and by how much on-hand changed; orders are told totals per line.

Decides: what is kept for ever of a stock item. Must not know: bounds of commands, how a decision comes about.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.decider import Event
from domain.event_values import LineTotal, Shortage
from domain.roles import Party
from domain.stock.terms import Answer, LineStanding, Place, Shift


class StockReceived(Event):
    """Goods came in."""

    quantity: int
    document: str | None = None
    counted: int = 0
    """Units of these that a newer count has seen, so that on-hand has them already."""
    bin: str | None = None
    """Where they were put; None where nobody said."""


class StockCounted(Event):
    """The shelf was counted; staged units are not on it."""

    counted: int
    expected: int
    """Units that the book, as it is known now, had on the shelf at the time of the count."""
    difference: int
    """On-hand changes by this: what is missing beyond the units that a picker has missed since, or was found."""
    too_late: bool = False
    """Nothing is made of it: a newer count is known, or more has moved since than is remembered."""
    bin: str | None = None
    """Where the shelf is; None where nobody said."""


class OfOrder(Event):
    """Base: something that concerns one order."""

    order_id: UUID
    order_version: int
    moves: tuple[Shift, ...]


class WantAnswered(OfOrder):
    """Base: what became of an order's newest want, and how the order wants it.

    `order_version` is that of the want, `lines` how its lines stand now.
    """

    lines: tuple[LineStanding, ...]
    priority: int
    promise: date | None = None
    """The day promised to or asked for by the customer; None is served after all dates."""
    shortage: Shortage
    provisional: bool
    deferred: bool


class WantWeighed(WantAnswered):
    """Base: units were asked for that were not reserved yet."""

    wanted: int
    """Units that were asked for and not yet reserved when this was decided."""
    available: int
    """Units that were free at that moment."""


class StockReserved(WantWeighed):
    """Units became reserved for an order, all it wanted or some; the others wait."""


class StockBackordered(WantWeighed):
    """None of the units asked for could be reserved; they wait."""


class StockRefused(WantWeighed):
    """Units asked for are not there and will not wait: a final no. Others may have become reserved."""


class StockPended(WantWeighed):
    """Not decided yet: units may still come free. The order is not told; its units wait, some may be reserved."""


class StockFreed(WantAnswered):
    """An order wants fewer units; reserved ones are free again, waiting ones wait no more."""


class StockKept(WantAnswered):
    """An order repeated what it wants and nothing moved; an older want that comes later is known to be old."""


class StockApportioned(Event):
    """Base: several orders' units moved in one decision; each order once, at most 100 lines or one order in all."""

    answers: tuple[Answer, ...]
    more: bool = False
    """Something is left to be done; the item goes on by `Allocate`."""


class StockAllocated(StockApportioned):
    """Free units became reserved for those who waited, or those who waited undecided were refused."""


class ReservationsTakenBack(StockApportioned):
    """Less was there than was reserved; these orders' units wait again."""


class StockStaged(OfOrder):
    """Units were picked for an order, or put back."""

    found: int = 0
    """On-hand changes by this: units picked that it did not know of; negative where units put back were counted."""
    bin: str | None = None
    """Where the last of them lay; None where the picker did not say."""


class StockIssued(OfOrder):
    """Units left the house."""

    quantity: int
    """Units that left now."""
    found: int = 0
    """Units that left and that on-hand did not know of."""


class StockWrittenOff(OfOrder):
    """Units a picker did not find; the order waits for them, first in the list."""

    quantity: int
    """Units that left on-hand: never more than it said were on the shelf, none where a newer count is known."""
    written_off: tuple[LineTotal, ...]
    """Units not found to date, by line."""


class ExcessTaken(Event):
    """Units were picked beyond what their order wants."""

    order_id: UUID
    order_version: int
    taken: int
    """Units picked."""
    quantity: int
    """Units that left on-hand: never more than it said were on the shelf, none where a newer count is known."""


class EntryClosed(OfOrder):
    """An order is over; what it still had reserved or picked here is free again, and the item forgets the order."""


class StockShortfallDetected(Event):
    """Less is there than was promised to orders: a count found less, or others' units were picked. Moves nothing."""

    shortfall: int
    owner: Party


class CodeTaught(Event):
    """A code on the article or its pack stands for so many units of it; whatever it stood for before is over."""

    article_code: str
    factor: int


class CountAsked(Event):
    """What was found differs from what was to be found; somebody has to count. Ended by the next count."""

    owner: Party


StockEvent = (
    StockReceived
    | StockCounted
    | StockReserved
    | StockBackordered
    | StockRefused
    | StockPended
    | StockFreed
    | StockKept
    | StockAllocated
    | ReservationsTakenBack
    | StockStaged
    | StockIssued
    | StockWrittenOff
    | ExcessTaken
    | EntryClosed
    | StockShortfallDetected
    | CountAsked
    | CodeTaught
)


def answers_of(event: Event) -> tuple[Answer, ...]:
    """What orders have to be told after this event, each order at most once; nothing for any other kind of event."""
    if isinstance(event, WantAnswered) and not isinstance(event, StockPended):
        return (
            Answer(order_id=event.order_id, want_version=event.order_version, moves=event.moves, lines=event.lines),
        )
    if isinstance(event, StockApportioned):
        return tuple(answer for answer in event.answers if answer.lines)
    return ()


def reserves(event: Event) -> bool:
    """Whether free units became reserved by this event."""
    parts = event.answers if isinstance(event, StockApportioned) else (event,)
    return any(
        move.target is Place.RESERVED
        for part in parts
        if isinstance(part, WantAnswered | Answer)
        for move in part.moves
    )
