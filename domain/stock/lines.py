"""What can happen to one order line's units at a stock item: asked for, granted, taken back, picked, gone, not found.

Decides: which of a line's units move first. Must not know: other orders, or how much is on the shelf.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from domain.event_values import LineTotal
from domain.stock.state import EntryLine
from domain.stock.terms import LineStanding, Place, Shift

Lines = tuple[EntryLine, ...]
Change = Callable[[EntryLine, int], EntryLine]
"""A line and a total to date of it give the line as it is then."""

COLUMNS: Final = ((1, Place.RESERVED), (2, Place.WAITING), (3, Place.STAGED), (4, Place.GONE))
"""Where an entry line counts the units of each place; units that are not wanted are counted nowhere."""
COLUMN_OF: Final = {place: column for column, place in COLUMNS}


def moved(lines: Lines, moves: Iterable[Shift]) -> Lines:
    """The lines in line order after these moves, unheard-of ones added."""
    after = {line.line: line for line in lines}
    for move in moves:
        counts = list(after.get(move.line) or EntryLine(move.line))
        if move.source in COLUMN_OF:
            counts[COLUMN_OF[move.source]] -= move.quantity
        if move.target in COLUMN_OF:
            counts[COLUMN_OF[move.target]] += move.quantity
        after[move.line] = EntryLine(*counts)
    return tuple(after[number] for number in sorted(after)) if len(after) > 1 else tuple(after.values())


def moves_between(before: Lines, after: Lines) -> tuple[Shift, ...]:
    """The fewest moves that make the one of the other, where no line goes."""
    known = {line.line: line for line in before}
    return tuple(
        shift
        for line in after
        if known.get(line.line) != line
        for shift in _shifts(known.get(line.line) or EntryLine(line.line), line)
    )


def _shifts(before: EntryLine, after: EntryLine) -> Iterator[Shift]:
    """What left one place went to another; what is left over was not wanted before, or is not wanted any more."""
    gains: list[tuple[Place, int]] = []
    losses: dict[Place, int] = {}
    for place, difference in _differences(before, after):
        if difference > 0:
            gains.append((place, difference))
        elif difference:
            losses[place] = -difference
    for target, units in gains:
        missing = units
        for source, left in losses.items():
            step = min(missing, left)
            if step:
                yield Shift(line=after.line, quantity=step, source=source, target=target)
            losses[source] = left - step
            missing -= step


def _differences(before: EntryLine, after: EntryLine) -> Iterator[tuple[Place, int]]:
    rest = 0
    for column, place in COLUMNS:
        difference = after[column] - before[column]
        rest -= difference
        yield place, difference
    yield Place.NOT_WANTED, rest


def standing(line: EntryLine) -> LineStanding:
    """How a line stands, as its order is told."""
    return LineStanding(line=line.line, reserved=line.held, waiting=line.waiting)


def ask(line: EntryLine, total: int) -> EntryLine:
    """Set the units wanted. More wait at first; fewer give up waiting units, then reserved ones, never picked ones."""
    more = max(total, line.staged + line.gone) - line.wanted
    if more >= 0:
        return line._replace(waiting=line.waiting + more)
    from_waiting = min(-more, line.waiting)
    return line._replace(waiting=line.waiting - from_waiting, reserved=line.reserved + more + from_waiting)


def stage(line: EntryLine, total: int) -> EntryLine:
    """Set how many were picked to date, gone ones included. Fewer than before were put back and are reserved again."""
    more = max(total - line.gone, 0) - line.staged
    if more < 0:
        return line._replace(staged=line.staged + more, reserved=line.reserved - more)
    from_reserved = min(more, line.reserved)
    from_waiting = min(more - from_reserved, line.waiting)
    return line._replace(
        staged=line.staged + more, reserved=line.reserved - from_reserved, waiting=line.waiting - from_waiting
    )


def issue(line: EntryLine, total: int) -> EntryLine:
    """Set how many have left to date. What left without having been picked was picked unseen."""
    seen = stage(line, max(total, line.staged + line.gone))
    more = max(total - line.gone, 0)
    return seen._replace(gone=seen.gone + more, staged=seen.staged - more)


def miss(line: EntryLine, units: int) -> EntryLine:
    """Add units that were not found: they are reserved no longer and wait."""
    lost = min(units, line.reserved)
    return line._replace(reserved=line.reserved - lost, waiting=line.waiting + lost)


def grant(lines: Lines, units: int) -> Lines:
    """Units become reserved, in line order."""
    after = []
    for line in lines:
        granted = min(units, line.waiting)
        units -= granted
        after.append(
            line._replace(reserved=line.reserved + granted, waiting=line.waiting - granted) if granted else line
        )
    return tuple(after)


def take_back(lines: Lines, units: int) -> Lines:
    """Reserved units wait again, last line first: the reverse of how they were granted."""
    after = []
    for line in reversed(lines):
        taken = min(units, line.reserved)
        units -= taken
        after.append(line._replace(reserved=line.reserved - taken, waiting=line.waiting + taken) if taken else line)
    return tuple(reversed(after))


def refuse(lines: Lines) -> Lines:
    """Nothing waits any more."""
    return tuple(line._replace(waiting=0) if line.waiting else line for line in lines)


def close(lines: Lines) -> Lines:
    """Nothing is wanted any more but what has gone."""
    return tuple(EntryLine(line.line, gone=line.gone) for line in lines)


def changed(lines: Iterable[EntryLine], totals: Iterable[LineTotal], change: Change) -> Lines:
    """The lines in line order, those that totals name changed, unheard-of ones added; the others stay as they are."""
    after = {line.line: line for line in lines}
    for total in totals:
        after[total.line] = change(after.get(total.line) or EntryLine(total.line), total.quantity)
    return tuple(after[number] for number in sorted(after))
