"""What each event makes of a stock item. Total: any event in any state gives a state, nothing is judged here.

One event costs the same however many orders the item has, but for the waiting list, which is a tuple.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from datetime import date
from typing import assert_never
from uuid import UUID

from domain.stock.events import (
    EntryChanged,
    ReservationTakenBack,
    StockCounted,
    StockEvent,
    StockFreed,
    StockIssued,
    StockKept,
    StockReceived,
    StockReservationRefused,
    StockReserved,
    StockShortfallDetected,
    StockStaged,
    StockWrittenOff,
    WantAnswered,
)
from domain.stock.state import DEFAULT_PRIORITY, Entry, StockItem
from domain.stream_names import sku_and_location


def initial(stream: str) -> StockItem:
    """A stock item nobody has written to."""
    sku, location = sku_and_location(stream)
    return StockItem(sku, location)


def evolve(state: StockItem, event: StockEvent) -> StockItem:
    """The stock item after `event`."""
    match event:
        case StockReceived():
            return replace(state, on_hand=state.on_hand + event.quantity)
        case StockCounted():
            return replace(state, on_hand=event.counted + state.staged)
        case StockReserved() | StockReservationRefused() | StockFreed() | StockKept():
            return _answered(state, event)
        case ReservationTakenBack():
            return _put(state, entry_after(state, event))
        case StockStaged():
            return _staged(state, event)
        case StockIssued():
            return _issued(state, event)
        case StockWrittenOff():
            return _written_off(state, event)
        case StockShortfallDetected():
            return state
        case _:
            assert_never(event)


def entry_of(state: StockItem, order_id: UUID) -> Entry:
    """The order's entry; an empty one, next in order of arrival, where it has none."""
    return state.entries.get(order_id) or Entry(
        order_id, (), priority=DEFAULT_PRIORITY, promise=None, arrival=state.arrivals + 1
    )


def entry_after(state: StockItem, event: EntryChanged) -> Entry:
    """The order's entry with the event's lines. Nobody who waits for nothing is first."""
    entry = replace(entry_of(state, event.order_id), lines=event.lines)
    return replace(entry, first=False) if entry.first and not entry.waiting else entry


def _answered(state: StockItem, event: WantAnswered) -> StockItem:
    entry = entry_after(state, event)
    version = max(entry.want_version, event.order_version)
    return _put(state, replace(entry, priority=event.priority, promise=event.promise, want_version=version))


def _staged(state: StockItem, event: StockStaged) -> StockItem:
    entry = entry_after(state, event)
    version = max(entry.stage_version, event.order_version)
    return _put(replace(state, on_hand=state.on_hand + event.found), replace(entry, stage_version=version))


def _issued(state: StockItem, event: StockIssued) -> StockItem:
    entry = entry_after(state, event)
    version = max(entry.issue_version, event.order_version)
    gone = entry.issued - entry_of(state, event.order_id).issued
    left = replace(
        state,
        on_hand=state.on_hand + event.found - gone,
        last_issue_at=event.occurred_at if gone else state.last_issue_at,
    )
    return _put(left, replace(entry, issue_version=version))


def _written_off(state: StockItem, event: StockWrittenOff) -> StockItem:
    entry = entry_after(state, event)
    written_off = replace(
        entry,
        first=entry.waiting > 0,
        write_off_version=max(entry.write_off_version, event.order_version),
        written_off=tuple((total.line, total.quantity) for total in event.written_off),
    )
    return _put(replace(state, on_hand=state.on_hand - event.quantity), written_off)


def _put(state: StockItem, entry: Entry) -> StockItem:
    before = entry_of(state, entry.order_id)
    return replace(
        state,
        entries=state.entries.set(entry.order_id, entry),
        arrivals=max(state.arrivals, entry.arrival),
        staged=state.staged + entry.staged - before.staged,
        reserved=state.reserved + entry.reserved - before.reserved,
        waiting=state.waiting + entry.waiting - before.waiting,
        waiting_list=_queued(state, before, entry),
    )


def _queued(state: StockItem, before: Entry, entry: Entry) -> tuple[UUID, ...]:
    """The waiting list once `before` is `entry`. No two turns are equal, so that a place is found by halving."""
    waits, waited = entry.waiting > 0, before.waiting > 0
    queue = state.waiting_list
    if waits == waited and (not waits or _turn(entry) == _turn(before)):
        return queue
    if waited:
        place = _place(state, queue, before)
        queue = (*queue[:place], *queue[place + 1 :])
    if waits:
        place = _place(state, queue, entry)
        queue = (*queue[:place], entry.order_id, *queue[place:])
    return queue


def _place(state: StockItem, queue: tuple[UUID, ...], entry: Entry) -> int:
    return bisect_left(queue, _turn(entry), key=lambda order_id: _turn(state.entries[order_id]))


def _turn(entry: Entry) -> tuple[bool, int, date, int]:
    """What an entry is served by: first ones, then priority, promise (none last), order of arrival."""
    return (not entry.first, entry.priority, entry.promise or date.max, entry.arrival)
