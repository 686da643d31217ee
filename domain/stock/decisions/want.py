"""What an order asks of a stock item: units in total, fewer units, and at its end none.

Decides: how one event answers the order and one more tells the others. Must not know: what was picked or counted.
"""

from __future__ import annotations

from typing import Any

from domain.decider import Context
from domain.event_values import Shortage
from domain.stock import lines
from domain.stock.allocation import Portion, next_portion
from domain.stock.commands import Close, Want
from domain.stock.decisions.settling import Events, Occasion, answers_to, apportioned, settled
from domain.stock.entries import entry_of, put, with_lines
from domain.stock.events import (
    EntryClosed,
    StockBackordered,
    StockFreed,
    StockKept,
    StockPended,
    StockRefused,
    StockReserved,
    WantWeighed,
)
from domain.stock.state import Entry, StockItem

Own = StockReserved | StockBackordered | StockRefused | StockPended | StockFreed | StockKept


def want(state: StockItem, command: Want, context: Context) -> Events:
    """The order's totals replace what it wanted before; one event answers it, then others get what it gave up."""
    before = entry_of(state, command.order_id)
    if command.order_version <= before.want_version:
        return ()
    asked = _asked(before, command)
    asking = put(state, asked)
    portion = Portion(asking, more=True) if state.allocating else next_portion(asking)
    answered = _answered(before, asked, portion, command, context)
    answers = answers_to(portion, but=command.order_id)
    if answers or (portion.more and not state.allocating):
        return (answered, apportioned(portion, answers, context))
    return (answered,)


def close(state: StockItem, command: Close, context: Context) -> Events:
    """The order is over. Units still picked for it are on the shelf again, where somebody has to look for them."""
    entry = state.entries.get(command.order_id)
    if entry is None:
        return ()
    closed = EntryClosed(
        occurred_at=context.occurred_at,
        reason=command.reason,
        order_id=command.order_id,
        order_version=command.order_version,
        moves=lines.moves_between(entry.lines, lines.close(entry.lines)),
    )
    return settled(state, closed, Occasion(context, in_doubt=entry.staged > 0))


def _asked(before: Entry, command: Want) -> Entry:
    """The entry as the order wants it, before anything is granted or refused."""
    asked = before._replace(
        priority=command.priority,
        promise=command.promise,
        shortage=command.shortage,
        provisional=command.provisional,
        deferred=command.deferred,
        undecided=command.shortage is not Shortage.WAIT,
    )
    return with_lines(asked, lines.changed(before.lines, command.lines, lines.ask))


def _answered(before: Entry, asked: Entry, portion: Portion, command: Want, context: Context) -> Own:
    after = portion.changed.get(asked.order_id, asked)
    named = {total.line for total in command.lines}
    known = {line.line: line for line in before.lines}
    told = (line for line in after.lines if before.undecided or line.line in named or line != known.get(line.line))
    common: dict[str, Any] = {
        "occurred_at": context.occurred_at,
        "reason": command.reason,
        "order_id": command.order_id,
        "order_version": command.order_version,
        "moves": lines.moves_between(before.lines, after.lines),
        "lines": tuple(map(lines.standing, told)),
        "priority": after.priority,
        "promise": after.promise,
        "shortage": after.shortage,
        "provisional": after.provisional,
        "deferred": after.deferred,
    }
    kind = _kind(before, asked, after)
    if issubclass(kind, WantWeighed):
        return kind(**common, wanted=asked.waiting, available=portion.state.available)
    return kind(**common)


def _kind(before: Entry, asked: Entry, after: Entry) -> type[Own]:
    """Which event says what became of the want."""
    granted = after.reserved - asked.reserved
    if after.undecided:
        return StockPended
    if asked.waiting - granted > after.waiting:
        return StockRefused
    if granted:
        return StockReserved
    if _is_more(before, after):
        return StockBackordered
    return StockKept if before.lines == after.lines else StockFreed


def _is_more(before: Entry, after: Entry) -> bool:
    wanted = {line.line: line.wanted for line in before.lines}
    return any(line.wanted > wanted.get(line.line, 0) for line in after.lines)
