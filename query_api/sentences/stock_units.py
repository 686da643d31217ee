"""How many units a stock event moved, and how its orders stand: the arithmetic that all languages share.

Must not know: words.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.stock.events import StockApportioned, WantAnswered
from domain.stock.terms import Place, Shift


def units_into(moves: Iterable[Shift], *places: Place) -> int:
    """Units that came to one of these places."""
    return sum(move.quantity for move in moves if move.target in places)


def units_out_of(moves: Iterable[Shift], *places: Place) -> int:
    """Units that left one of these places."""
    return sum(move.quantity for move in moves if move.source in places)


def reserved_to_date(event: WantAnswered) -> int:
    """Units that the order has had here, on the lines it is told of; picked and gone ones included."""
    return sum(line.reserved for line in event.lines)


def waiting_now(event: WantAnswered) -> int:
    """Units that the order waits for, on the lines it is told of."""
    return sum(line.waiting for line in event.lines)


def all_moves(event: StockApportioned) -> tuple[Shift, ...]:
    """The moves of all orders."""
    return tuple(move for answer in event.answers for move in answer.moves)


def orders_moved(event: StockApportioned) -> int:
    """Orders whose units moved."""
    return sum(1 for answer in event.answers if answer.moves)
