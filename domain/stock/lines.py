"""What can happen to one order line's units at a stock item: asked for, granted, taken back, picked, gone, not found.

Decides: which of a line's units move first. Must not know: other orders, or how much is on the shelf.
Everywhere wanted = reserved + waiting + staged + issued.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from domain.stock.events import LineEntry
from domain.values import LineTotal

Change = Callable[[LineEntry, int], LineEntry]
"""A line and a total to date of it give the line as it is then."""


def _moved(line: LineEntry, *, reserved: int = 0, waiting: int = 0, staged: int = 0, issued: int = 0) -> LineEntry:
    """The line with these differences; what does not cancel out was not wanted before, or is not wanted any more."""
    return LineEntry(
        line=line.line,
        wanted=line.wanted + reserved + waiting + staged + issued,
        reserved=line.reserved + reserved,
        waiting=line.waiting + waiting,
        staged=line.staged + staged,
        issued=line.issued + issued,
    )


def ask(line: LineEntry, total: int) -> LineEntry:
    """So many are wanted. More wait at first; fewer give up waiting units, then reserved ones, never picked ones."""
    more = max(total, line.staged + line.issued) - line.wanted
    if more >= 0:
        return _moved(line, waiting=more)
    from_waiting = min(-more, line.waiting)
    return _moved(line, waiting=-from_waiting, reserved=more + from_waiting)


def stage(line: LineEntry, total: int) -> LineEntry:
    """So many were picked to date, gone ones included. Fewer than before were put back and are reserved again."""
    more = max(total - line.issued, 0) - line.staged
    if more < 0:
        return _moved(line, staged=more, reserved=-more)
    from_reserved = min(more, line.reserved)
    from_waiting = min(more - from_reserved, line.waiting)
    return _moved(line, staged=more, reserved=-from_reserved, waiting=-from_waiting)


def issue(line: LineEntry, total: int) -> LineEntry:
    """So many have left to date. What left without having been picked was picked unseen."""
    seen = stage(line, max(total, line.staged + line.issued))
    more = max(total - line.issued, 0)
    return _moved(seen, issued=more, staged=-more)


def miss(line: LineEntry, units: int) -> LineEntry:
    """So many more were not found: they are reserved no longer and wait."""
    lost = min(units, line.reserved)
    return _moved(line, reserved=-lost, waiting=lost)


def grant(lines: Iterable[LineEntry], units: int) -> tuple[LineEntry, ...]:
    """Units become reserved, in line order."""
    after = []
    for line in lines:
        granted = min(units, line.waiting)
        units -= granted
        after.append(_moved(line, reserved=granted, waiting=-granted) if granted else line)
    return tuple(after)


def take_back(lines: tuple[LineEntry, ...], units: int) -> tuple[LineEntry, ...]:
    """Reserved units wait again, last line first: the reverse of how they were granted."""
    after = []
    for line in reversed(lines):
        taken = min(units, line.reserved)
        units -= taken
        after.append(_moved(line, reserved=-taken, waiting=taken) if taken else line)
    return tuple(reversed(after))


def changed(lines: Iterable[LineEntry], totals: Iterable[LineTotal], change: Change) -> tuple[LineEntry, ...]:
    """The lines in line order, those that totals name changed, unheard-of ones added; the others stay as they are."""
    after = {line.line: line for line in lines}
    for total in totals:
        before = after.get(total.line) or LineEntry(line=total.line, wanted=0)
        after[total.line] = change(before, total.quantity)
    return tuple(after[number] for number in sorted(after))
