"""The quantity ledger: units of every goods line by bucket, and what the order keeps in step with them.

Decides: how units move (never more than there are) and which totals travel to stock. Must not know: why they move.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.event_values import LineKind, LineTotal, StockTotals, Units
from domain.order.event_terms import Move
from domain.order.state import LineState
from domain.order.terms import Bucket
from domain.replacing import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from domain.event_values import Line
    from domain.order.state import Order

LIVE: Final = tuple(bucket for bucket in Bucket if bucket < Bucket.CANCELLED)
"""Units that were ordered and not cancelled."""

GONE: Final = (Bucket.HANDED_OVER, Bucket.RECEIVED, Bucket.RETURNED, Bucket.LOST)
"""Units that have left the house to date."""

TO_COME: Final = tuple(bucket for bucket in LIVE if bucket not in GONE)
"""Live units that have not left the house."""

PICKED_TO_DATE: Final = (Bucket.PICKED, Bucket.PACKED, *GONE)

RESERVED_TO_DATE: Final = (Bucket.RESERVED, Bucket.SENT, *PICKED_TO_DATE)
"""Units that stock has reserved to date."""

UNRESERVED: Final = (Bucket.OPEN, Bucket.BACKORDERED)
"""Units that stock has not answered for, or that wait."""

ON_THE_SHELF: Final = (Bucket.SENT, Bucket.RESERVED)
"""Where units come from that a picker does not find."""

PICKABLE: Final = (Bucket.SENT, Bucket.RESERVED, Bucket.BACKORDERED, Bucket.OPEN)
"""Where picked units come from: first what the warehouse was to pick, in the end what nobody has reserved yet."""

UNPICKED: Final = (Bucket.OPEN, Bucket.BACKORDERED, Bucket.RESERVED, Bucket.SENT)
"""Units that nobody has touched, in the order in which a cancellation takes them."""

NOT_PACKED: Final = (*UNPICKED, Bucket.PICKED)
"""Live units that are in no parcel yet."""

SETTLED: Final = (Bucket.RECEIVED, Bucket.RETURNED, Bucket.LOST)
"""Live units that nobody waits for any more."""


@dataclass(slots=True)
class LineBeingMoved:
    """A line while its units move."""

    line: Line
    buckets: list[int]
    stock_version: int
    missing: int
    asked: int
    deferred: bool

    @classmethod
    def of(cls, state: LineState) -> LineBeingMoved:
        """A line that may be changed without changing `state`."""
        return cls(state.line, list(state.buckets), state.stock_version, state.missing, state.asked, state.deferred)

    def state(self) -> LineState:
        """The line as it stands now."""
        return LineState(self.line, tuple(self.buckets), self.stock_version, self.missing, self.asked, self.deferred)


class Ledger:
    """An order's units while a decision or an event moves them; `order` is what comes out."""

    __slots__ = ("_before", "_changed", "_deferred_units", "_totals")

    def __init__(self, order: Order) -> None:
        self._before = order
        self._changed: dict[int, LineBeingMoved] = {}
        self._totals = list(order.totals)
        self._deferred_units = order.deferred_units

    def take(self, line: int, quantity: int, *, sources: tuple[Bucket, ...], target: Bucket) -> list[Move]:
        """Move up to `quantity` units out of `sources`, in their order; gives what did move."""
        moves: list[Move] = []
        if quantity <= 0:
            return moves
        for source in sources:
            units = self._shift(line, quantity, source, target)
            if units:
                quantity -= units
                moves.append(Move(line=line, quantity=units, source=source, target=target))
        return moves

    def apply(self, moves: Iterable[Move]) -> None:
        """Move what the moves say, and no more than there is."""
        for move in moves:
            self._shift(move.line, move.quantity, move.source, move.target)

    def add_excess(self, line: int | None, quantity: int) -> None:
        """Count units beyond what was ordered; without a goods line of that number there is nowhere to count them."""
        state = None if line is None else self._before.lines.get(line)
        if line is None or state is None or state.line.kind is not LineKind.GOODS:
            return
        self._of(line, state).buckets[Bucket.EXCESS] += quantity
        self._totals[Bucket.EXCESS] += quantity

    def add_missing(self, line: int, quantity: int) -> None:
        """Remember units that a picker did not find."""
        if (state := self._before.lines.get(line)) is not None:
            self._of(line, state).missing += quantity

    def take_version(self, line: int, stock_version: int) -> None:
        """Remember the newest stock answer that was taken for a line."""
        if (state := self._before.lines.get(line)) is not None and stock_version > state.stock_version:
            self._of(line, state).stock_version = stock_version

    def ask(self, line: int, version: int, *, deferred: bool) -> None:
        """Remember that stock was asked for a line by the order's event of this version."""
        if (state := self._before.lines.get(line)) is None:
            return
        moving = self._of(line, state)
        self._deferred_units += self.count(line, *UNRESERVED) * (deferred - moving.deferred)
        moving.asked, moving.deferred = version, deferred

    def count(self, line: int, *buckets: Bucket) -> int:
        """Units of one line in these buckets; 0 for a line that is not there."""
        state = self._changed.get(line) or self._before.lines.get(line)
        return 0 if state is None else sum(map(state.buckets.__getitem__, buckets))

    def total(self, *buckets: Bucket) -> int:
        """Units of all lines in these buckets."""
        return sum(map(self._totals.__getitem__, buckets))

    def line(self, line: int) -> LineState:
        """A line as it stands now."""
        moving = self._changed.get(line)
        return self._before.lines[line] if moving is None else moving.state()

    @property
    def location(self) -> str:
        """The location whose stock serves the order."""
        return self._before.location

    def order(self) -> Order:
        """The order with its units where they are now. What is no longer reserved, nobody has to send."""
        states = {line: moving.state() for line, moving in self._changed.items()}
        return replace(
            self._before,
            lines=self._before.lines.changed(states),
            totals=tuple(self._totals),
            deferred_units=self._deferred_units,
            to_send=_to_send(self._before.to_send, states),
            sent_by_hand=self._before.sent_by_hand and self._totals[Bucket.RESERVED] > 0,
        )

    def _of(self, line: int, state: LineState) -> LineBeingMoved:
        moving = self._changed.get(line)
        if moving is None:
            moving = self._changed[line] = LineBeingMoved.of(state)
        return moving

    def _shift(self, line: int, quantity: int, source: Bucket, target: Bucket) -> int:
        """Move units if there are any; gives how many. Excess units were never ordered: none becomes of the order's."""
        if Bucket.EXCESS in {source, target}:
            return 0
        state = self._changed.get(line) or self._before.lines.get(line)
        units = 0 if state is None else min(state.buckets[source], quantity)
        if state is None or units <= 0:
            return 0
        moving = state if isinstance(state, LineBeingMoved) else self._of(line, state)
        buckets, totals = moving.buckets, self._totals
        buckets[source] -= units
        buckets[target] += units
        totals[source] -= units
        totals[target] += units
        if moving.deferred:
            self._deferred_units += units * ((target in UNRESERVED) - (source in UNRESERVED))
        return units


def moved(order: Order, moves: Iterable[Move]) -> Order:
    """The order after units moved: whatever an event says of them, happens here."""
    ledger = Ledger(order)
    ledger.apply(moves)
    return ledger.order()


def _to_send(before: tuple[int, ...], changed: dict[int, LineState]) -> tuple[int, ...]:
    """Lines with reserved units; for one changed line at the cost of finding its place."""
    if len(changed) > 1:
        reserved = {line for line, state in changed.items() if state.buckets[Bucket.RESERVED] > 0}
        return tuple(sorted({line for line in before if line not in changed} | reserved))
    for line, state in changed.items():
        place = bisect_left(before, line)
        known, is_reserved = before[place : place + 1] == (line,), state.buckets[Bucket.RESERVED] > 0
        if known is not is_reserved:
            return (*before[:place], *((line,) * is_reserved), *before[place + known :])
    return before


def units_in(state: LineState, *buckets: Bucket) -> int:
    """Units of a line in these buckets."""
    return sum(map(state.buckets.__getitem__, buckets))


def wanted(state: LineState) -> int:
    """Units the order asks stock for: ordered and not cancelled."""
    return units_in(state, *LIVE)


def picked_to_date(state: LineState) -> int:
    """Units picked, wherever they are now."""
    return units_in(state, *PICKED_TO_DATE)


def gone_to_date(state: LineState) -> int:
    """Units that have left the house, wherever they are now."""
    return units_in(state, *GONE)


def to_come(state: LineState) -> int:
    """Live units that have not left the house."""
    return units_in(state, *TO_COME)


def missing_to_date(state: LineState) -> int:
    """Units that pickers did not find."""
    return state.missing


def stock_totals(ledger: Ledger, lines: Iterable[int], count: Callable[[LineState], int]) -> tuple[StockTotals, ...]:
    """`count` of these lines as the ledger has them, per stock item.

    Only of lines that moved: of an article on 1,000 lines, a thousand picks would otherwise tell a million totals.
    """
    by_item: dict[str, list[LineTotal]] = {}
    for line in dict.fromkeys(lines):
        state = ledger.line(line)
        by_item.setdefault(state.line.sku, []).append(LineTotal(line=line, quantity=count(state)))
    return tuple(StockTotals(sku=sku, location=ledger.location, lines=tuple(totals)) for sku, totals in by_item.items())


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
