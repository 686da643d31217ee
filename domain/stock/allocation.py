"""Who gets free units, who is refused, and who gives units back when too many were promised.

Decides: nothing about orders; it keeps three laws after every decision, in portions where one event cannot hold it all:
no reservation makes availability negative, no unit is free while an order could take it, nobody is undecided
without a cause. Must not know: commands, events.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final
from uuid import UUID

from domain.event_values import Shortage
from domain.stock import lines
from domain.stock.entries import with_lines
from domain.stock.state import Entry, EntryLine, StockItem

ALL_OR_NOTHING: Final = frozenset({Shortage.REFUSE_WHOLE, Shortage.REFUSE_WHOLE_NOW})

PORTION: Final = 100
"""Order lines that one event tells of; an order that has more has an event of its own. Deciding on 1,000 keeps
everybody else waiting for 0.2 s, and ten such events take no longer altogether."""


@dataclass(slots=True)
class Portion:
    """What becomes of entries in one go: those that change, as they are then."""

    state: StockItem
    changed: dict[UUID, Entry] = field(default_factory=dict)
    lines: int = 0
    taken_back: bool = False
    more: bool = False
    """There is more than fits."""
    provisional: bool = field(init=False)
    """Reserved units may yet come back, of those there were or of these."""

    def __post_init__(self) -> None:
        self.provisional = len(self.state.lists.provisional) > 0

    def entry(self, order_id: UUID) -> Entry:
        """The order's entry as it is by now."""
        return self.changed.get(order_id) or self.state.entries[order_id]

    def fits(self, entry: Entry) -> bool:
        """Whether there is room for this entry; where there is none, more is to be done."""
        new = entry.order_id not in self.changed
        self.more = new and self.lines > 0 and self.lines + len(entry.lines) > PORTION
        return not self.more

    def put(self, entry: Entry, after: tuple[EntryLine, ...]) -> None:
        """The entry's lines have changed."""
        if entry.order_id not in self.changed:
            self.lines += len(entry.lines)
        now = self.changed[entry.order_id] = with_lines(entry, after)
        self.provisional |= now.provisional and not now.undecided and now.reserved > 0


def next_portion(state: StockItem, taker: UUID | None = None) -> Portion:
    """What keeps the laws in this state, as far as it fits. Where too much was promised, `taker` gives back first."""
    portion = Portion(state)
    if state.available < 0:
        _take_back(portion, taker)
    else:
        _serve(portion)
        if not portion.more:
            _refuse(portion)
    return portion


def _serve(portion: Portion) -> None:
    """Give out free units: first those not found on the shelf, then by priority, promise and arrival.

    An undecided all-or-nothing order keeps its turn as long as units may come back: what is free may be the rest of
    what it wants, and it asked before those after it.
    """
    lists = portion.state.lists
    turns = chain(((turn, True) for turn in lists.first), ((turn, False) for turn in lists.eligible))
    free = portion.state.available
    for (*_, order_id), first in turns:
        if free <= 0:
            return
        entry = portion.entry(order_id)
        units = min(free, entry.first if first else entry.waiting)
        too_few = entry.shortage in ALL_OR_NOTHING and units < entry.waiting
        if too_few and entry.undecided and not first and _may_pend(portion, entry):
            return
        if units <= 0 or too_few:
            continue
        if not portion.fits(entry):
            return
        portion.put(entry, lines.grant(entry.lines, units))
        free -= units


def _may_pend(portion: Portion, entry: Entry) -> bool:
    """Whether something may come free for an undecided order, and it is one that may wait for that."""
    return portion.provisional and entry.shortage is not Shortage.REFUSE_WHOLE_NOW


def _refuse(portion: Portion) -> None:
    """Say no to undecided orders once nothing can come free for them: no reservation here is provisional."""
    lists = portion.state.lists
    for *_, order_id in chain(lists.at_once, lists.undecided):
        entry = portion.entry(order_id)
        if _may_pend(portion, entry) or not portion.fits(entry):
            return
        if entry.undecided:
            portion.put(entry, lines.refuse(entry.lines))


def _take_back(portion: Portion, taker: UUID | None) -> None:
    """Take reservations back until no more is promised than there is."""
    missing = -portion.state.available
    for entry in _givers(portion.state, taker):
        if missing <= 0:
            break
        if not portion.fits(entry):
            return
        portion.taken_back = True
        portion.put(entry, lines.take_back(entry.lines, missing))
        missing -= entry.reserved
    portion.more = bool(portion.state.lists.undecided)


def _givers(state: StockItem, taker: UUID | None) -> Iterator[Entry]:
    """Who gives first: who took more than its own, then lowest priority, latest promise, last arrival."""
    own = state.entries.get(taker) if taker else None
    if own is not None and own.reserved > 0:
        yield own
    for *_, order_id in reversed(state.lists.reserved):
        if order_id != taker:
            yield state.entries[order_id]
