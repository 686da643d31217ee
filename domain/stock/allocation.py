"""Who gets free units, and who gives them back when too many were promised.

Decides: nothing about orders; it keeps two laws after every decision: no reservation makes availability negative, and
nobody waits while a unit is free.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.decider import Context
from domain.roles import Party
from domain.stock import lines
from domain.stock.events import (
    ReservationTakenBack,
    StockEvent,
    StockReserved,
    StockShortfallDetected,
)
from domain.stock.evolve import evolve
from domain.stock.state import Entry, StockItem


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a decision is taken upon: the context, and the order whose units moved, if one did."""

    context: Context
    order_id: UUID | None = None


def settled(state: StockItem, events: tuple[StockEvent, ...], occasion: Occasion) -> tuple[StockEvent, ...]:
    """The events of a fact, and after them what keeps both laws."""
    for event in events:
        state = evolve(state, event)
    return (*events, *_shortfall(state, occasion), *served(state, occasion.context))


def served(state: StockItem, context: Context) -> Iterator[StockReserved]:
    """One event per order that gets units, in the order of the waiting list, until no unit is free."""
    free = state.available
    for order_id in state.waiting_list:
        if free <= 0:
            return
        entry = state.entries[order_id]
        yield _reserved(entry, free, context)
        free -= entry.waiting


def _reserved(entry: Entry, free: int, context: Context) -> StockReserved:
    return StockReserved(
        occurred_at=context.occurred_at,
        order_id=entry.order_id,
        order_version=entry.want_version,
        lines=lines.grant(entry.lines, free),
        priority=entry.priority,
        promise=entry.promise,
        wanted=entry.waiting,
        available=free,
        arrival=entry.arrival,
    )


def _shortfall(state: StockItem, occasion: Occasion) -> Iterator[StockEvent]:
    missing = -state.available
    if missing <= 0:
        return
    yield StockShortfallDetected(occurred_at=occasion.context.occurred_at, shortfall=missing, owner=Party.PURCHASING)
    for entry in _givers(state, occasion.order_id):
        if missing <= 0:
            return
        yield ReservationTakenBack(
            occurred_at=occasion.context.occurred_at,
            order_id=entry.order_id,
            order_version=entry.want_version,
            lines=lines.take_back(entry.lines, missing),
        )
        missing -= entry.reserved


def _givers(state: StockItem, taker: UUID | None) -> list[Entry]:
    """Who gives first: who took more than its own, then lowest priority, latest promise, last arrival."""
    return sorted(
        (entry for entry in state.entries.values() if entry.reserved),
        key=lambda entry: (entry.order_id == taker, entry.priority, entry.promise or date.max, entry.arrival),
        reverse=True,
    )
