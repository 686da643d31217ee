"""What each event makes of a stock item: exactly what the event says has moved. Total: any event in any state.

Decides: how moves change entries, and when trouble is over. Must not know: why anything moved.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from domain.replacing import replace
from domain.stock.entries import entry_of, put, with_lines, without
from domain.stock.events import (
    CodeTaught,
    CountAsked,
    EntryClosed,
    ExcessTaken,
    OfOrder,
    ReservationsTakenBack,
    StockAllocated,
    StockApportioned,
    StockBackordered,
    StockCounted,
    StockEvent,
    StockFreed,
    StockIssued,
    StockKept,
    StockPended,
    StockReceived,
    StockRefused,
    StockReserved,
    StockShortfallDetected,
    StockStaged,
    StockWrittenOff,
    WantAnswered,
)
from domain.stock.finding import taught, with_bin
from domain.stock.lines import moved
from domain.stock.movements import microseconds, newer_than, with_movement
from domain.stock.state import Entry, StockItem
from domain.stock.terms import Place, Shift
from domain.stream_names import sku_and_location

SERVED = (Place.RESERVED, Place.STAGED)
TAKEN_BACK = (Place.RESERVED, Place.WAITING)


def initial(stream: str) -> StockItem:
    """A stock item nobody has written to."""
    sku, location = sku_and_location(stream)
    return StockItem(sku, location)


def evolve(state: StockItem, event: StockEvent) -> StockItem:
    """The stock item after `event`."""
    after, version = with_bin(with_movement(state, _evolved(state, event), event), event), state.version + 1
    received = version if isinstance(event, StockReceived) else state.received_version
    return replace(after, version=version, received_version=received)


def _evolved(state: StockItem, event: StockEvent) -> StockItem:
    match event:
        case StockReceived():
            return _with_on_hand(state, event.quantity - event.counted)
        case StockCounted():
            return _counted(state, event)
        case StockReserved() | StockBackordered() | StockRefused() | StockPended() | StockFreed() | StockKept():
            return put(state, _answered(state, event))
        case StockAllocated() | ReservationsTakenBack():
            return _apportioned(state, event)
        case StockStaged():
            staged = _of_order(state, event)
            version = max(staged.stage_version, event.order_version)
            return _with_on_hand(put(state, staged._replace(stage_version=version)), event.found)
        case StockIssued():
            return _issued(state, event)
        case StockWrittenOff():
            return put(_with_on_hand(state, -event.quantity), _written_off(state, event))
        case ExcessTaken():
            return _with_on_hand(state, -event.quantity)
        case EntryClosed():
            return without(state, event.order_id)
        case StockShortfallDetected():
            return state
        case CountAsked():
            return replace(state, count_asked_at=event.occurred_at)
        case CodeTaught():
            return taught(state, event)
        case _:
            assert_never(event)


def entry_after(entry: Entry, moves: Iterable[Shift]) -> Entry:
    """The entry once these units have moved. What came is first and missing no more; what was taken back is missing."""
    served = sum(move.quantity for move in moves if move.source is Place.WAITING and move.target in SERVED)
    taken_back = sum(move.quantity for move in moves if (move.source, move.target) == TAKEN_BACK)
    return with_lines(entry, moved(entry.lines, moves), served, taken_back)


def _of_order(state: StockItem, event: OfOrder) -> Entry:
    return _waits(entry_after(entry_of(state, event.order_id), event.moves), event.occurred_at)


def _waits(entry: Entry, at: datetime) -> Entry:
    """The entry with when its wait began; serving a part of it does not end the wait."""
    if not entry.waiting:
        return entry._replace(waiting_since=0) if entry.waiting_since else entry
    return entry if entry.waiting_since else entry._replace(waiting_since=microseconds(at))


def _with_on_hand(state: StockItem, difference: int) -> StockItem:
    return replace(state, on_hand=state.on_hand + difference)


def _counted(state: StockItem, event: StockCounted) -> StockItem:
    if event.too_late:
        return state
    at = event.occurred_at
    newest = at if state.counted_at is None else max(at, state.counted_at)
    asked = None if state.count_asked_at is None or state.count_asked_at <= newest else state.count_asked_at
    counted = _with_on_hand(state, event.difference)
    return replace(counted, counted_at=newest, count_asked_at=asked, movements=newer_than(newest, state.movements))


def _answered(state: StockItem, event: WantAnswered) -> Entry:
    entry = _of_order(state, event)
    return entry._replace(
        priority=event.priority,
        promise=event.promise,
        shortage=event.shortage,
        provisional=event.provisional,
        deferred=event.deferred,
        undecided=isinstance(event, StockPended) and entry.waiting > 0,
        want_version=max(entry.want_version, event.order_version),
    )


def _apportioned(state: StockItem, event: StockApportioned) -> StockItem:
    entries = [
        _waits(entry_after(entry_of(state, answer.order_id), answer.moves), event.occurred_at)
        for answer in event.answers
    ]
    return replace(put(state, *entries), allocating=event.more)


def _issued(state: StockItem, event: StockIssued) -> StockItem:
    entry = _of_order(state, event)
    left = put(state, entry._replace(issue_version=max(entry.issue_version, event.order_version)))
    last = state.last_issue_at
    if event.quantity and (last is None or event.occurred_at > last):
        last = event.occurred_at
    return replace(_with_on_hand(left, event.found - event.quantity), last_issue_at=last)


def _written_off(state: StockItem, event: StockWrittenOff) -> Entry:
    entry = _of_order(state, event)
    missed = sum(move.quantity for move in event.moves if move.target is Place.WAITING)
    return entry._replace(
        first=entry.first + missed,
        write_off_version=max(entry.write_off_version, event.order_version),
        written_off=tuple((total.line, total.quantity) for total in event.written_off),
    )
