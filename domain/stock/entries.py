"""Entries put into a stock item: its sums and lists follow, at a cost of the entries put, not of those there are.

Decides: who is in which list. Must not know: events, or why an entry changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from domain.event_values import Shortage
from domain.paged_map import PagedMap
from domain.replacing import replace
from domain.stock.state import Entry, EntryLine, Lists, StockItem
from domain.stock.turns import Turn, Turns

LISTS: Final = ("eligible", "first", "undecided", "at_once", "deferred", "reserved", "provisional", "waiting")

Pair = tuple[Entry | None, Entry | None]
"""An order's entry before and after a change."""


def entry_of(state: StockItem, order_id: UUID) -> Entry:
    """The order's entry; an empty one, next in order of arrival, where it has none."""
    return state.entries.get(order_id) or Entry(order_id, arrival=state.arrivals + 1)


def with_lines(entry: Entry, lines: tuple[EntryLine, ...], served: int = 0, taken_back: int = 0) -> Entry:
    """The entry with these lines, once units that waited were served and reserved ones wait again.

    Those served were the first ones and the missing ones. No more units are first or missing than wait, and what waits
    for nothing is decided.
    """
    after = entry._replace(lines=lines)
    if not (entry.first or entry.missing or entry.undecided or taken_back):
        return after
    first = min(max(entry.first - served, 0), after.waiting)
    missing = min(max(entry.missing - served, 0) + taken_back, after.waiting)
    return after._replace(first=first, missing=missing, undecided=entry.undecided and after.waiting > 0)


def put(state: StockItem, *entries: Entry) -> StockItem:
    """The item with these entries, each in place of the one its order had."""
    return _changed(state, {entry.order_id: entry for entry in entries})


def without(state: StockItem, order_id: UUID) -> StockItem:
    """The item without the order's entry, if it has one."""
    return _changed(state, {}, (order_id,) if order_id in state.entries else ())


def filled(state: StockItem, entries: Iterable[Entry]) -> StockItem:
    """The item with these entries instead of all it has; its sums and lists are made of them."""
    empty = replace(state, entries=PagedMap(), reserved=0, waiting=0, missing=0, staged=0, order_lines=0, lists=Lists())
    return _changed(empty, {entry.order_id: entry for entry in entries})


def _changed(state: StockItem, coming: Mapping[UUID, Entry], leaving: Iterable[UUID] = ()) -> StockItem:
    known = state.entries
    pairs: list[Pair] = [(known.get(order_id), entry) for order_id, entry in coming.items()]
    pairs += [(known[order_id], None) for order_id in leaving]
    before = [entry for entry, _ in pairs if entry is not None]
    after = coming.values()
    return replace(
        state,
        entries=known.changed(coming, leaving),
        arrivals=max((state.arrivals, *(entry.arrival for entry in after))),
        reserved=state.reserved + _sum(after, "reserved") - _sum(before, "reserved"),
        waiting=state.waiting + _sum(after, "waiting") - _sum(before, "waiting"),
        missing=state.missing + sum([entry.missing for entry in after]) - sum([entry.missing for entry in before]),
        staged=state.staged + _sum(after, "staged") - _sum(before, "staged"),
        order_lines=state.order_lines + _count_lines(after) - _count_lines(before),
        lists=_relisted(state.lists, pairs),
    )


def _sum(entries: Iterable[Entry], place: str) -> int:
    column = EntryLine._fields.index(place)
    return sum([line[column] for entry in entries for line in entry.lines])


def _count_lines(entries: Iterable[Entry]) -> int:
    return sum([len(entry.lines) for entry in entries])


def _relisted(lists: Lists, pairs: Iterable[Pair]) -> Lists:
    """The lists once each entry is the one beside it; who keeps its turn in a list stays where it is."""
    leaving: dict[str, list[Turn]] = {name: [] for name in LISTS}
    coming: dict[str, list[Turn]] = {name: [] for name in LISTS}
    for before, after in pairs:
        old, new = _places_of(before), _places_of(after)
        for name, turn in old:
            if (name, turn) not in new:
                leaving[name].append(turn)
        for name, turn in new:
            if (name, turn) not in old:
                coming[name].append(turn)
    changed: dict[str, Turns] = {
        name: getattr(lists, name).changed(leaving[name], coming[name])
        for name in LISTS
        if leaving[name] or coming[name]
    }
    return replace(lists, **changed) if changed else lists


def _places_of(entry: Entry | None) -> list[tuple[str, Turn]]:
    """Its lists, and its turn in each."""
    if entry is None:
        return []
    turn = entry.turn
    places = [(name, turn) for name in _lists_of(entry)]
    if entry.waiting > 0:
        places.append(("waiting", entry.turn_of_waiting))
    return places


def _lists_of(entry: Entry) -> list[str]:
    """Those in which it has the turn by which it is served."""
    names: list[str] = []
    if entry.waiting > 0:
        names.append("deferred" if entry.deferred else "eligible")
        if entry.first > 0 and not entry.deferred:
            names.append("first")
        if entry.undecided and not entry.deferred:
            names.append("undecided")
            if entry.shortage is Shortage.REFUSE_WHOLE_NOW:
                names.append("at_once")
    if entry.reserved > 0:
        names.append("reserved")
        if entry.provisional and not entry.undecided:
            names.append("provisional")
    return names
