"""What a stock item decides: one function per command. Every command here is a fact or a total; none is ever refused.

Decides: how totals of an order become events. Must not know: what an order is beside its lines, who sends the totals.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from domain.decider import Context
from domain.stock import lines
from domain.stock.allocation import Occasion, served, settled
from domain.stock.commands import CountStock, Issue, OrderTotals, ReceiveStock, Stage, StockCommand, Want, WriteOff
from domain.stock.events import (
    LineEntry,
    StockCounted,
    StockEvent,
    StockFreed,
    StockIssued,
    StockKept,
    StockReceived,
    StockReservationRefused,
    StockStaged,
    StockWrittenOff,
)
from domain.stock.evolve import entry_of, evolve
from domain.stock.state import Entry, StockItem
from domain.values import LineTotal

Events = tuple[StockEvent, ...]


def decide(state: StockItem, command: StockCommand, context: Context) -> Events:
    """What happens upon `command`; nothing where the stream knows it already."""
    match command:
        case ReceiveStock():
            return receive(state, command, context)
        case CountStock():
            return count(state, command, context)
        case Want():
            return want(state, command, context)
        case Stage():
            return stage(state, command, context)
        case WriteOff():
            return write_off(state, command, context)
        case Issue():
            return issue(state, command, context)
        case _:
            assert_never(command)


def receive(state: StockItem, command: ReceiveStock, context: Context) -> Events:
    """Goods came in; the waiting list is served with them."""
    received = StockReceived(
        occurred_at=context.occurred_at, reason=command.reason, quantity=command.quantity, document=command.document
    )
    return settled(state, (received,), Occasion(context))


def count(state: StockItem, command: CountStock, context: Context) -> Events:
    """The shelf is what it is: found units are given out, missing ones taken from whom they were promised to."""
    counted = StockCounted(
        occurred_at=context.occurred_at,
        reason=command.reason,
        counted=command.counted,
        expected=state.on_hand - state.staged,
    )
    return settled(state, (counted,), Occasion(context))


def want(state: StockItem, command: Want, context: Context) -> Events:
    """The order's totals replace what it wanted before; one event answers it, then others get what it gave up."""
    before = entry_of(state, command.order_id)
    if command.order_version <= before.want_version:
        return ()
    asked = lines.changed(before.lines, command.lines, lines.ask)
    kept = _kept(replace(before, lines=asked), command, context)
    asking = evolve(state, kept)
    grants = tuple(served(asking, context))
    others = tuple(grant for grant in grants if grant.order_id != command.order_id)
    for grant in grants:
        if grant.order_id == command.order_id:
            return (grant.model_copy(update={"reason": command.reason}), *others)
    if _is_more(before.lines, asked):
        return (_refused(asking, kept), *others)
    return (kept if asked == before.lines else StockFreed(**dict(kept)), *others)


def stage(state: StockItem, command: Stage, context: Context) -> Events:
    """Picked is picked: what was not reserved for the order comes from what it waits for, then from the others."""
    before = entry_of(state, command.order_id)
    if command.order_version <= before.stage_version:
        return ()
    after = lines.changed(before.lines, command.lines, lines.stage)
    staged = state.staged + _staged(after) - before.staged
    event = StockStaged(
        occurred_at=context.occurred_at,
        reason=command.reason,
        order_id=command.order_id,
        order_version=command.order_version,
        lines=after,
        found=max(staged - state.on_hand, 0),
    )
    return settled(state, (event,), Occasion(context, command.order_id))


def issue(state: StockItem, command: Issue, context: Context) -> Events:
    """Gone is gone, whether or not anybody said that it was picked."""
    before = entry_of(state, command.order_id)
    if command.order_version <= before.issue_version:
        return ()
    after = lines.changed(before.lines, command.lines, lines.issue)
    unseen = _staged(after) + sum(line.issued for line in after) - before.staged - before.issued
    event = StockIssued(
        occurred_at=context.occurred_at,
        reason=command.reason,
        order_id=command.order_id,
        order_version=command.order_version,
        lines=after,
        found=max(state.staged + unseen - state.on_hand, 0),
    )
    return settled(state, (event,), Occasion(context, command.order_id))


def write_off(state: StockItem, command: WriteOff, context: Context) -> Events:
    """What was not found leaves on-hand, and the order waits for it before all others."""
    before = entry_of(state, command.order_id)
    if command.order_version <= before.write_off_version:
        return ()
    missed, totals = _missed(dict(before.written_off), command)
    missing = sum(total.quantity for total in missed)
    unheard_of = {line.line for line in command.lines} - {line.line for line in before.lines}
    asked = lines.changed(before.lines, (total for total in missed if total.line in unheard_of), lines.ask)
    event = StockWrittenOff(
        occurred_at=context.occurred_at,
        reason=command.reason,
        order_id=command.order_id,
        order_version=command.order_version,
        lines=lines.changed(asked, missed, lines.miss),
        quantity=min(missing, state.on_hand - state.staged),
        written_off=totals,
    )
    return settled(state, (event,), Occasion(context, command.order_id))


def _kept(asked: Entry, command: Want, context: Context) -> StockKept:
    return StockKept(
        occurred_at=context.occurred_at,
        reason=command.reason,
        order_id=command.order_id,
        order_version=command.order_version,
        lines=asked.lines,
        priority=asked.priority if command.priority is None else command.priority,
        promise=asked.promise if command.priority is None else command.promise,
    )


def _refused(asking: StockItem, kept: StockKept) -> StockReservationRefused:
    entry = entry_of(asking, kept.order_id)
    return StockReservationRefused(
        **dict(kept), wanted=entry.waiting, available=asking.available, arrival=entry.arrival
    )


def _is_more(before: tuple[LineEntry, ...], after: tuple[LineEntry, ...]) -> bool:
    wanted = {line.line: line.wanted for line in before}
    return any(line.wanted > wanted.get(line.line, 0) for line in after)


def _staged(entry_lines: tuple[LineEntry, ...]) -> int:
    return sum(line.staged for line in entry_lines)


def _missed(known: dict[int, int], command: OrderTotals) -> tuple[tuple[LineTotal, ...], tuple[LineTotal, ...]]:
    """Units newly missed by line, and those missed to date."""
    missed = tuple(
        LineTotal(line=total.line, quantity=max(total.quantity - known.get(total.line, 0), 0))
        for total in command.lines
    )
    for total in command.lines:
        known[total.line] = max(total.quantity, known.get(total.line, 0))
    return missed, tuple(LineTotal(line=line, quantity=known[line]) for line in sorted(known))
