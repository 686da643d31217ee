"""What a stock item is, folded from its events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from domain.event_values import Shortage
from domain.paged_map import PagedMap
from domain.stock.turns import Turn, Turns

DEFAULT_PRIORITY: Final = 5
"""Of an order that was picked here before it said what it wants."""
NO_PROMISE: Final = date.max.toordinal()
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class EntryLine(NamedTuple):
    """What one order line has here. A tuple, because a busy item has tens of thousands."""

    line: int
    reserved: int = 0
    """Promised and not picked."""
    waiting: int = 0
    staged: int = 0
    """Picked, not gone."""
    gone: int = 0
    """Left the house."""

    @property
    def held(self) -> int:
        """Units that the order has had here to date: reserved, picked or gone."""
        return self.reserved + self.staged + self.gone

    @property
    def wanted(self) -> int:
        """Units that the order wants."""
        return self.held + self.waiting


class Entry(NamedTuple):
    """What one order has and wants here."""

    order_id: UUID
    lines: tuple[EntryLine, ...] = ()
    priority: int = DEFAULT_PRIORITY
    promise: date | None = None
    arrival: int = 0
    """Order of arrival in this stream."""
    shortage: Shortage = Shortage.WAIT
    provisional: bool = False
    """What is reserved may yet come back."""
    deferred: bool = False
    """Waits without being served."""
    undecided: bool = False
    """Its newest want is neither granted nor refused, and the order has not been told."""
    first: int = 0
    """Waiting units that are served before all others': they were reserved and not on the shelf."""
    missing: int = 0
    """Waiting units that were promised: reserved, and taken back or not on the shelf."""
    want_version: int = 0
    stage_version: int = 0
    write_off_version: int = 0
    issue_version: int = 0
    """Version of the order that each kind of total was taken from last; 0 before the first."""
    written_off: tuple[tuple[int, int], ...] = ()
    """Units not found to date, by line."""
    waiting_since: int = 0
    """Microseconds since 1970; 0 while nothing waits."""

    @property
    def waiting(self) -> int:
        """Units that wait."""
        return sum([line.waiting for line in self.lines])

    @property
    def reserved(self) -> int:
        """Units reserved and not picked."""
        return sum([line.reserved for line in self.lines])

    @property
    def staged(self) -> int:
        """Units picked and not gone."""
        return sum([line.staged for line in self.lines])

    @property
    def gone(self) -> int:
        """Units that left the house."""
        return sum([line.gone for line in self.lines])

    @property
    def turn(self) -> Turn:
        """What an entry is served by: priority, promise (none last), order of arrival. No two are equal."""
        return (self.priority, self.promise.toordinal() if self.promise else NO_PROMISE, self.arrival, self.order_id)

    @property
    def turn_of_waiting(self) -> Turn:
        """The same for a list in which whoever has waited longest comes first."""
        return (self.waiting_since, 0, self.arrival, self.order_id)


class Movement(NamedTuple):
    """What moved on the shelf at one moment. Short, because an item has many and is stored often."""

    at: int
    """Microseconds since 1970."""
    units: int
    """Units that came; negative where they left."""
    missed: int = 0
    """Units written off because a picker did not find them. When they left nobody knows."""


@dataclass(frozen=True, slots=True)
class TaughtCode:
    """A code on the article or its pack."""

    code: str
    factor: int
    """Units that one scan of it counts."""
    taught_at: datetime


@dataclass(frozen=True, slots=True)
class Lists:
    """Entries in the order in which they are served; made of the entries alone."""

    eligible: Turns = field(default_factory=Turns)
    """With units that wait to be served."""
    first: Turns = field(default_factory=Turns)
    """Of these, the ones with units that go before all others'."""
    undecided: Turns = field(default_factory=Turns)
    """Of the eligible ones, those that are neither granted nor refused."""
    at_once: Turns = field(default_factory=Turns)
    """Of the undecided ones, those that nobody's reservation keeps undecided."""
    deferred: Turns = field(default_factory=Turns)
    """With units that wait and are not to be served yet."""
    reserved: Turns = field(default_factory=Turns)
    """With reserved units."""
    provisional: Turns = field(default_factory=Turns)
    """Of these, the decided ones that may yet give them back."""
    waiting: Turns = field(default_factory=Turns)
    """With units that wait, served or not, the longest wait first."""


@dataclass(frozen=True, slots=True)
class StockItem:
    """One SKU at one location. available = on_hand - staged - reserved."""

    sku: str
    location: str
    on_hand: int = 0
    """Units in the house, staged ones included."""
    entries: PagedMap[UUID, Entry] = field(default_factory=PagedMap)
    """Of orders that are not over."""
    arrivals: int = 0
    allocating: bool = False
    """The item is not through with its waiting list; newcomers join it."""
    count_asked_at: datetime | None = None
    """Since when the warehouse is to count; None where nothing is in doubt."""
    counted_at: datetime | None = None
    """When the newest known count was made."""
    movements: tuple[Movement, ...] = ()
    """What moved on the shelf since that count, in order of time; the newest where there were many."""
    last_issue_at: datetime | None = None
    version: int = 0
    """Events of its stream to date."""
    received_version: int = 0
    """Version of its newest receipt; 0 before the first."""
    bins: tuple[str, ...] = ()
    """Where it lies, the bin that was named last first."""
    codes: tuple[TaughtCode, ...] = ()
    """On the article and its packs, the one that was taught last at the end."""

    staged: int = 0
    """Picked, not gone. This and what follows is made of the entries."""
    reserved: int = 0
    """Promised to orders, not picked."""
    waiting: int = 0
    """Units orders wait for."""
    missing: int = 0
    """Of these, units that were promised to them before."""
    order_lines: int = 0
    """Lines of all entries."""
    lists: Lists = field(default_factory=Lists)

    @property
    def shelf(self) -> int:
        """Units that lie on the shelf as far as the book knows."""
        return self.on_hand - self.staged

    def was_counted_since(self, at: datetime) -> bool:
        """Whether a count newer than this moment is known: it saw the shelf as any fact of that moment left it."""
        return self.counted_at is not None and at < self.counted_at

    @property
    def available(self) -> int:
        """Units free to be reserved; negative only until all that was promised too much is taken back."""
        return self.on_hand - self.staged - self.reserved

    @property
    def shortfall(self) -> int:
        """Units that were promised and are missing; purchasing's until these orders have them or want them no more."""
        return self.missing + max(-self.available, 0)

    @property
    def waiting_orders(self) -> int:
        """Orders that wait for units."""
        return len(self.lists.waiting)

    @property
    def waiting_since(self) -> datetime | None:
        """Since when the order waits that has waited longest; None where none does."""
        oldest = next(iter(self.lists.waiting), None)
        return None if oldest is None else EPOCH + timedelta(microseconds=oldest[0])
