"""Entries put into a stock item: its sums and lists follow, at a cost of the entries put, not of those there are.

Decides: who is in which list. Must not know: events, or why an entry changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from domain.paged_map import PagedMap
from domain.stock.state import Entry, EntryLine, Lists, StockItem
from domain.stock.turns import Turn, Turns

LISTS: Final = ("eligible", "first", "undecided", "deferred", "reserved", "provisional")


def entry_of(state: StockItem, order_id: UUID) -> Entry:
    """The order's entry; an empty one, next in order of arrival, where it has none."""
    return state.entries.get(order_id) or Entry(order_id, arrival=state.arrivals + 1)


def with_lines(entry: Entry, lines: tuple[EntryLine, ...]) -> Entry:
    """The entry with these lines. No more units are first than wait, and what waits for nothing is decided."""
    waiting = sum(line.waiting for line in lines)
    return entry._replace(lines=lines, first=min(entry.first, waiting), undecided=entry.undecided and waiting > 0)


def put(state: StockItem, *entries: Entry) -> StockItem:
    """The item with these entries, each in place of the one its order had."""
    return _changed(state, {entry.order_id: entry for entry in entries})


def without(state: StockItem, order_id: UUID) -> StockItem:
    """The item without the order's entry, if it has one."""
    return _changed(state, {}, (order_id,) if order_id in state.entries else ())


def filled(state: StockItem, entries: Iterable[Entry]) -> StockItem:
    """An item that has no entries yet, with these; its sums and lists are made of them."""
    return _changed(replace(state, entries=PagedMap()), {entry.order_id: entry for entry in entries})


def _changed(state: StockItem, coming: Mapping[UUID, Entry], leaving: Iterable[UUID] = ()) -> StockItem:
    before = [entry for order_id in (*coming, *leaving) if (entry := state.entries.get(order_id)) is not None]
    after = coming.values()
    return replace(
        state,
        entries=state.entries.changed(coming, leaving),
        arrivals=max((state.arrivals, *(entry.arrival for entry in after))),
        reserved=state.reserved + _sum(after, "reserved") - _sum(before, "reserved"),
        waiting=state.waiting + _sum(after, "waiting") - _sum(before, "waiting"),
        staged=state.staged + _sum(after, "staged") - _sum(before, "staged"),
        lists=_relisted(state.lists, before, after),
    )


def _sum(entries: Iterable[Entry], place: str) -> int:
    column = EntryLine._fields.index(place)
    return sum(line[column] for entry in entries for line in entry.lines)


def _relisted(lists: Lists, before: Iterable[Entry], after: Iterable[Entry]) -> Lists:
    """The lists once the entries `before` are those `after`; who keeps its turn in a list stays where it is."""
    leaving, coming = _turns(before), _turns(after)
    changed: dict[str, Turns] = {}
    for name in LISTS:
        gone, new = leaving[name] - coming[name], coming[name] - leaving[name]
        if gone or new:
            changed[name] = getattr(lists, name).changed(gone, new)
    return replace(lists, **changed) if changed else lists


def _turns(entries: Iterable[Entry]) -> dict[str, set[Turn]]:
    """The turns of these entries in each list."""
    turns: dict[str, set[Turn]] = {name: set() for name in LISTS}
    for entry in entries:
        turn = entry.turn
        for name in _lists_of(entry):
            turns[name].add(turn)
    return turns


def _lists_of(entry: Entry) -> list[str]:
    names = []
    if entry.waiting > 0:
        names.append("deferred" if entry.deferred else "eligible")
        if entry.first > 0 and not entry.deferred:
            names.append("first")
        if entry.undecided and not entry.deferred:
            names.append("undecided")
    if entry.reserved > 0:
        names.append("reserved")
        if entry.provisional and not entry.undecided:
            names.append("provisional")
    return names
