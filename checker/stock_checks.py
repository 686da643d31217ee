"""Units of every stock item, counted once more from its events: nothing is reserved that is not there.

    available = on hand - staged - reserved

`on hand` moves by receipts, counts, write-offs, issues and what turned up; units of an order line move between places
(not-wanted, waiting, reserved, staged, gone). A count may leave less than is promised; only granting more is wrong.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from checker.findings import Finding, Violation
from checker.log_file import LogFile, LogRecord

NOWHERE: Final = "not-wanted"
GRANTS: Final = frozenset({"stock.StockReserved", "stock.StockAllocated"})

LineUnits = Counter[tuple[int, str]]
"""Of one order, by the number of its line and by place."""


@dataclass(slots=True)
class Shelf:
    """One stock item."""

    on_hand: int = 0
    orders: defaultdict[str, LineUnits] = field(default_factory=lambda: defaultdict(Counter))
    totals: Counter[str] = field(default_factory=Counter)
    """Units of all orders, by place."""

    @property
    def available(self) -> int:
        """Units that are free."""
        return self.on_hand - self.totals["staged"] - self.totals["reserved"]

    def move(self, order: str, move: dict[str, Any]) -> bool:
        """Move units of an order line; whether they were where they came from."""
        units, line, source = self.orders[order], int(move["line"]), move["source"]
        for place, change in ((source, -move["quantity"]), (move["target"], move["quantity"])):
            units[line, place] += change
            self.totals[place] += change
        return source == NOWHERE or units[line, source] >= 0

    def forget(self, order: str) -> None:
        """An order is over: what it has here counts no more."""
        for (_, place), units in self.orders.pop(order, Counter()).items():
            self.totals[place] -= units


def check_stock(log: LogFile) -> Iterator[Finding]:
    """Every grant of units that were not there, and every unit that left a place where it was not."""
    for stream, events in log.streams.items():
        if stream.startswith("stock-"):
            yield from _item(events)


def _item(events: list[LogRecord]) -> Iterator[Finding]:
    shelf = Shelf()
    for event in events:
        shelf.on_hand += change_on_hand(event.kind.removeprefix("stock."), event.data)
        for order, move in _moves(event):
            if not shelf.move(order, move):
                yield Finding(Violation.MISPLACED_UNITS, f"{event.name}, of line {move['line']} of order {order}")
        if event.kind == "stock.EntryClosed":
            shelf.forget(event.data["order_id"])
        if event.kind in GRANTS and shelf.available < 0:
            yield Finding(Violation.OVERSOLD, f"{event.name}: {-shelf.available} units too many")


def change_on_hand(kind: str, data: dict[str, Any]) -> int:
    """By how many units an event changes what is in the house."""
    match kind:
        case "StockReceived":
            return int(data["quantity"]) - int(data.get("counted", 0))
        case "StockCounted":
            return 0 if data.get("too_late") else int(data["difference"])
        case "StockStaged":
            return int(data.get("found", 0))
        case "StockIssued":
            return int(data.get("found", 0)) - int(data["quantity"])
        case "StockWrittenOff" | "ExcessTaken":
            return -int(data["quantity"])
        case _:
            return 0


def _moves(event: LogRecord) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in (event.data, *event.data.get("answers", ())):
        yield from ((part["order_id"], move) for move in part.get("moves", ()))
