"""The quantity ledger: units of every goods line by bucket, and the totals of the order kept in step.

Decides: how units move (never more than there are) and which totals travel to stock. Must not know: why they move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.order.state import LineState
from domain.order.terms import Bucket, Moved
from domain.values import LineKind, LineTotal, StockTotals, Units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from domain.order.state import Buckets, Order
    from domain.order.terms import PickedUnits

LIVE: Final = tuple(bucket for bucket in Bucket if bucket < Bucket.CANCELLED)
"""Units that were ordered and not cancelled."""

GONE: Final = (Bucket.HANDED_OVER, Bucket.RECEIVED, Bucket.RETURNED, Bucket.LOST)
"""Units that have left the house to date."""

PICKED_TO_DATE: Final = (Bucket.PICKED, Bucket.PACKED, *GONE)

HELD: Final = (Bucket.RESERVED, Bucket.SENT, *PICKED_TO_DATE)
"""Units that stock has reserved to date."""

ON_THE_SHELF: Final = (Bucket.SENT, Bucket.RESERVED)
"""Where picked and missing units come from: what was sent to the warehouse goes before what is only reserved."""

UNPICKED: Final = (Bucket.OPEN, Bucket.BACKORDERED, Bucket.RESERVED, Bucket.SENT)
"""Units that nobody has touched, in the order in which a cancellation takes them."""

SETTLED: Final = (Bucket.RECEIVED, Bucket.RETURNED, Bucket.LOST)
"""Live units that nobody waits for any more."""


class Ledger:
    """An order's units while a decision or an event moves them; `lines` and `totals` are what comes out."""

    __slots__ = ("lines", "totals")

    def __init__(self, order: Order) -> None:
        self.lines = order.lines
        self.totals = order.totals

    def move(self, line: int, quantity: int, *, sources: tuple[Bucket, ...], target: Bucket) -> tuple[Moved, ...]:
        """Move up to `quantity` units out of `sources`, in their order; gives what did move, by source."""
        state = self.lines.get(line)
        if state is None:
            return ()
        moved: list[Moved] = []
        buckets, totals, left = list(state.buckets), list(self.totals), quantity
        for source in sources:
            units = min(buckets[source], left)
            if units <= 0:
                continue
            for counts in (buckets, totals):
                counts[source] -= units
                counts[target] += units
            left -= units
            moved.append(Moved(line=line, quantity=units, source=source))
        if moved:
            self._put(line, state, tuple(buckets))
            self.totals = tuple(totals)
        return tuple(moved)

    def add_excess(self, line: int | None, quantity: int) -> None:
        """Count units beyond what was ordered; without a goods line of that number there is nowhere to count them."""
        state = None if line is None else self.lines.get(line)
        if line is None or state is None or state.line.kind is not LineKind.GOODS:
            return
        self._put(line, state, _more(state.buckets, Bucket.EXCESS, quantity))
        self.totals = _more(self.totals, Bucket.EXCESS, quantity)

    def add_missing(self, line: int, quantity: int) -> None:
        """Remember units that a picker did not find."""
        state = self.lines.get(line)
        if state is not None:
            changed = LineState(state.line, state.buckets, state.stock_version, state.missing + quantity)
            self.lines = self.lines.set(line, changed)

    def take_version(self, line: int, stock_version: int) -> None:
        """Remember the newest stock answer that was taken for a line."""
        state = self.lines[line]
        if stock_version > state.stock_version:
            self.lines = self.lines.set(line, LineState(state.line, state.buckets, stock_version, state.missing))

    def count(self, line: int, *buckets: Bucket) -> int:
        """Units of one line in these buckets; 0 for a line that is not there."""
        state = self.lines.get(line)
        return 0 if state is None else units_in(state, *buckets)

    def total(self, *buckets: Bucket) -> int:
        """Units of all lines in these buckets."""
        return sum(self.totals[bucket] for bucket in buckets)

    def _put(self, line: int, state: LineState, buckets: Buckets) -> None:
        self.lines = self.lines.set(line, LineState(state.line, buckets, state.stock_version, state.missing))


def moved(order: Order, moves: Iterable[Moved], target: Bucket) -> Ledger:
    """The order's ledger after units left the buckets that the moves name."""
    ledger = Ledger(order)
    for move in moves:
        ledger.move(move.line, move.quantity, sources=(move.source,), target=target)
    return ledger


def taken(order: Order, units: Iterable[Units | PickedUnits], *, sources: tuple[Bucket, ...], target: Bucket) -> Ledger:
    """The order's ledger after units left `sources`, in their order."""
    ledger = Ledger(order)
    for part in units:
        if part.line is not None:
            ledger.move(part.line, part.quantity, sources=sources, target=target)
    return ledger


def _more(buckets: Buckets, bucket: Bucket, quantity: int) -> Buckets:
    return (*buckets[:bucket], buckets[bucket] + quantity, *buckets[bucket + 1 :])


def units_in(state: LineState, *buckets: Bucket) -> int:
    """Units of a line in these buckets."""
    return sum(state.buckets[bucket] for bucket in buckets)


def wanted(state: LineState) -> int:
    """Units the order asks stock for: ordered and not cancelled."""
    return units_in(state, *LIVE)


def picked_to_date(state: LineState) -> int:
    """Units picked, wherever they are now."""
    return units_in(state, *PICKED_TO_DATE)


def gone_to_date(state: LineState) -> int:
    """Units that have left the house, wherever they are now."""
    return units_in(state, *GONE)


def missing_to_date(state: LineState) -> int:
    """Units that pickers did not find."""
    return state.missing


def stock_totals(
    order: Order, ledger: Ledger, skus: Iterable[str], count: Callable[[LineState], int]
) -> tuple[StockTotals, ...]:
    """`count` of every line that draws on these articles, per stock item, as `ledger` has them."""
    return tuple(
        StockTotals(
            sku=sku,
            location=order.location,
            lines=tuple(LineTotal(line=number, quantity=count(ledger.lines[number])) for number in order.by_sku[sku]),
        )
        for sku in dict.fromkeys(skus)
    )


def skus_of(order: Order, lines: Iterable[int]) -> tuple[str, ...]:
    """Articles of these goods lines, each once, in the order of the lines."""
    return tuple(dict.fromkeys(order.lines[line].line.sku for line in lines))


def goods_lines(order: Order, bucket: Bucket | None = None) -> tuple[int, ...]:
    """Numbers of the goods lines, ascending; only those with units in `bucket` where one is named."""
    return tuple(
        number
        for number, state in sorted(order.lines.items())
        if state.line.kind is LineKind.GOODS and (bucket is None or state.buckets[bucket])
    )


def summed(units: Iterable[Units]) -> dict[int, int]:
    """Units per line where a line may be named twice."""
    sums: dict[int, int] = {}
    for part in units:
        sums[part.line] = sums.get(part.line, 0) + part.quantity
    return sums


def as_units(sums: dict[int, int]) -> tuple[Units, ...]:
    """The other way round, in the order in which lines were named."""
    return tuple(Units(line=line, quantity=quantity) for line, quantity in sums.items())
