"""What moved on the shelf since it was last counted: a count entered late is compared with the book of its own time.

Decides: which events moved units on the shelf, and how many of these movements are remembered.
Must not know: what follows from a count.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final

from domain.replacing import replace
from domain.stock.events import (
    EntryClosed,
    ExcessTaken,
    StockEvent,
    StockIssued,
    StockReceived,
    StockStaged,
    StockWrittenOff,
)
from domain.stock.state import EPOCH, Movement, StockItem

MOST: Final = 200
"""Moments remembered of an item, the newest: a busy one's last few hours."""
LONGEST: Final = 3 * 24 * 3600 * 10**6
"""How long before the newest movement others are remembered, in microseconds: over a weekend."""


def with_movement(before: StockItem, after: StockItem, event: StockEvent) -> StockItem:
    """The item after an event, with what this moved. What a newer count has seen does not matter any more."""
    match event:
        case StockWrittenOff():
            units, missed = 0, event.quantity
        case ExcessTaken():
            units, missed = -event.taken, 0
        case StockStaged() | StockIssued():
            units, missed = after.shelf - before.shelf - event.found, 0
        case StockReceived() | EntryClosed():
            units, missed = after.shelf - before.shelf, 0
        case _:
            return after
    if not (units or missed) or before.was_counted_since(event.occurred_at):
        return after
    return replace(after, movements=_with(before.movements, Movement(microseconds(event.occurred_at), units, missed)))


def moved_since(state: StockItem, at: datetime) -> tuple[int, int] | None:
    """Units that came to the shelf after this moment, and units missed there; None where that is not remembered."""
    newer = newer_than(at, state.movements)
    if newer and microseconds(at) < _remembered_since(state.movements):
        return None
    return sum(movement.units for movement in newer), sum(movement.missed for movement in newer)


def newer_than(at: datetime, movements: tuple[Movement, ...]) -> tuple[Movement, ...]:
    """Those after this moment."""
    return movements[bisect_right(movements, microseconds(at), key=attrgetter("at")) :]


def _remembered_since(movements: tuple[Movement, ...]) -> int:
    oldest = movements[0].at if len(movements) >= MOST else 0
    return max(oldest, movements[-1].at - LONGEST)


def _with(movements: tuple[Movement, ...], one: Movement) -> tuple[Movement, ...]:
    """In order of time; what moved at one moment is one movement."""
    start, end = (side(movements, one.at, key=attrgetter("at")) for side in (bisect_left, bisect_right))
    for same in movements[start:end]:
        one = Movement(one.at, same.units + one.units, same.missed + one.missed)
    newest = (*movements[:start], one, *movements[end:])[-MOST:]
    return newest[bisect_left(newest, newest[-1].at - LONGEST, key=attrgetter("at")) :]


def microseconds(at: datetime) -> int:
    """A moment as an item remembers it: since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)
