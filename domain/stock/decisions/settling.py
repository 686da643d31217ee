"""What follows from a fact within its own decision: shortfall, count task, and one event that tells orders.

Decides: which orders are told by it. Must not know: which fact it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from domain.decider import Context
from domain.roles import Party
from domain.stock import lines
from domain.stock.allocation import Portion, next_portion
from domain.stock.entries import entry_of
from domain.stock.events import (
    CountAsked,
    ReservationsTakenBack,
    StockAllocated,
    StockEvent,
    StockShortfallDetected,
)
from domain.stock.evolve import evolve
from domain.stock.lines import Lines
from domain.stock.state import Entry, StockItem
from domain.stock.terms import Answer

Events = tuple[StockEvent, ...]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a decision is taken upon: when, whose units moved, and what that says of the shelf."""

    context: Context
    order_id: UUID | None = None
    """The order whose units a fact moved."""
    missed: frozenset[int] = frozenset()
    """Lines of it that have to be told whatever becomes of them."""
    in_doubt: bool = False
    """The shelf is not as it was thought to be."""
    picked: bool = False
    """Units were taken off the shelf; that others miss them puts it in doubt."""


def settled(state: StockItem, fact: StockEvent, occasion: Occasion) -> Events:
    """The fact, and after it what keeps the laws. While the item is allocating, `Allocate` does that."""
    after = evolve(state, fact)
    events: list[StockEvent] = [fact]
    short = max(-after.available, 0) - max(-state.available, 0)
    at = occasion.context.occurred_at
    if short > 0:
        events.append(StockShortfallDetected(occurred_at=at, shortfall=short, owner=Party.PURCHASING))
    doubtful = occasion.in_doubt or (occasion.picked and short > 0)
    if doubtful and after.count_asked_at is None:
        events.append(CountAsked(occurred_at=at, owner=Party.WAREHOUSE))
    portion = Portion(after, more=True) if after.allocating else next_portion(after, occasion.order_id)
    answers = [*_own_answer(state, portion, occasion), *answers_to(portion, occasion.order_id)]
    if answers or (portion.more and not after.allocating):
        events.append(apportioned(portion, answers, occasion.context))
    return tuple(events)


def go_on(state: StockItem, context: Context) -> Events:
    """The next portion; once there is none, the item is through with its waiting list."""
    portion = next_portion(state)
    answers = answers_to(portion)
    if not answers and portion.more == state.allocating:
        return ()
    return (apportioned(portion, answers, context),)


def apportioned(
    portion: Portion, answers: Iterable[Answer], context: Context
) -> StockAllocated | ReservationsTakenBack:
    """The one event that tells of a portion."""
    kind = ReservationsTakenBack if portion.taken_back else StockAllocated
    return kind(occurred_at=context.occurred_at, answers=tuple(answers), more=portion.more)


def answers_to(portion: Portion, but: UUID | None = None) -> list[Answer]:
    """What the orders of a portion are told, all but one of them."""
    changed = portion.changed.items()
    return [_answer(portion.state.entries[order_id], entry) for order_id, entry in changed if order_id != but]


def _answer(before: Entry, after: Entry) -> Answer:
    """Lines that changed; all of them where the order was not told of its want before."""
    changed = {now.line for was, now in zip(before.lines, after.lines, strict=True) if was != now}
    return _told(before, after, changed)


def _own_answer(before: StockItem, portion: Portion, occasion: Occasion) -> list[Answer]:
    """What the order whose units a fact moved is told, once and as it stands in the end."""
    moved = portion.state.entries.get(occasion.order_id) if occasion.order_id else None
    if moved is None:
        return []
    known = {line.line: (line.held, line.waiting) for line in entry_of(before, moved.order_id).lines}
    after = portion.changed.get(moved.order_id, moved)
    changed = {line.line for line in after.lines if known.get(line.line, (0, 0)) != (line.held, line.waiting)}
    answer = _told(moved, after, changed | occasion.missed)
    return [answer] if answer.moves or answer.lines else []


def _told(before: Entry, after: Entry, changed: Collection[int]) -> Answer:
    if after.undecided:
        told: Lines = ()
    elif before.undecided:
        told = after.lines
    else:
        told = tuple(line for line in after.lines if line.line in changed)
    return Answer(
        order_id=after.order_id,
        want_version=after.want_version,
        moves=lines.moves_between(before.lines, after.lines),
        lines=tuple(map(lines.standing, told)),
    )
