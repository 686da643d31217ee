"""What a stock item is, folded from its events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from domain.paged_map import PagedMap
from domain.stock.events import LineEntry

DEFAULT_PRIORITY: Final = 5
"""Of an order that was picked here before it said what it wants."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one order has and wants here."""

    order_id: UUID
    lines: tuple[LineEntry, ...]
    priority: int
    promise: date | None
    arrival: int
    """Order of arrival in this stream."""
    first: bool = False
    """Served before all others: units reserved for it were not on the shelf."""
    want_version: int = 0
    stage_version: int = 0
    write_off_version: int = 0
    issue_version: int = 0
    """Version of the order that each kind of total was taken from last; 0 before the first."""
    written_off: tuple[tuple[int, int], ...] = ()
    """Units not found to date, by line."""

    @property
    def waiting(self) -> int:
        """Units that wait."""
        return sum(line.waiting for line in self.lines)

    @property
    def reserved(self) -> int:
        """Units reserved and not picked."""
        return sum(line.reserved for line in self.lines)

    @property
    def staged(self) -> int:
        """Units picked and not gone."""
        return sum(line.staged for line in self.lines)

    @property
    def issued(self) -> int:
        """Units that left the house."""
        return sum(line.issued for line in self.lines)


@dataclass(frozen=True, slots=True)
class StockItem:
    """One SKU at one location. available = on_hand - staged - reserved."""

    sku: str
    location: str
    on_hand: int = 0
    """Units in the house, staged ones included."""
    staged: int = 0
    """Picked, not gone."""
    reserved: int = 0
    """Promised to orders, not picked."""
    waiting: int = 0
    """Units orders wait for."""
    entries: PagedMap[UUID, Entry] = field(default_factory=PagedMap)
    waiting_list: tuple[UUID, ...] = ()
    """Orders with waiting units, in the order in which they will be served."""
    arrivals: int = 0
    last_issue_at: datetime | None = None

    @property
    def available(self) -> int:
        """Units free to be reserved. Never negative after a decision; between two of its events it may be."""
        return self.on_hand - self.staged - self.reserved
