"""What was done with the goods themselves: received, counted, picked, not found, gone. Never refused.

Decides: what each fact means for on-hand, and that a fact older than the newest count is part of what was counted.
Must not know: who gets the units.
"""

from __future__ import annotations

from domain.decider import Context
from domain.event_values import LineTotal
from domain.stock import lines
from domain.stock.commands import CountStock, Issue, OrderTotals, ReceiveStock, Stage, TakeExcess, WriteOff
from domain.stock.decisions.settling import Events, Occasion, settled
from domain.stock.entries import entry_of
from domain.stock.events import ExcessTaken, StockCounted, StockIssued, StockReceived, StockStaged, StockWrittenOff
from domain.stock.movements import moved_since
from domain.stock.state import StockItem


def receive(state: StockItem, command: ReceiveStock, context: Context) -> Events:
    """Goods came in; the waiting list is served with them.

    Goods that came before the newest count were counted. Those that did not lie on the shelf yet are found by the next.
    """
    known = state.was_counted_since(context.occurred_at)
    received = StockReceived(
        occurred_at=context.occurred_at,
        reason=command.reason,
        quantity=command.quantity,
        document=command.document,
        counted=command.quantity if known else 0,
        bin=command.bin,
    )
    return settled(state, received, Occasion(context, in_doubt=known))


def count(state: StockItem, command: CountStock, context: Context) -> Events:
    """The shelf is what it is: found units are given out, missing ones taken from whom they were promised to.

    A count may be entered late. It is compared with the book of its own time, and what moved since stays moved. Where
    that is not known, or a picker missed units since, or more left than there can have been, the shelf stays in doubt.
    """
    at = context.occurred_at
    known = state.was_counted_since(at)
    moved = None if known else moved_since(state, at)
    units, missed = moved or (0, 0)
    expected = state.shelf - units + missed
    missing = expected - command.counted
    difference = min(missed, max(missing, 0)) - missing if moved else 0
    counted = StockCounted(
        occurred_at=at,
        reason=command.reason,
        counted=command.counted,
        expected=expected,
        difference=max(difference, -state.shelf),
        too_late=moved is None,
        bin=command.bin,
    )
    in_doubt = not known and (moved is None or missed > 0 or difference < -state.shelf)
    return settled(state, counted, Occasion(context, in_doubt=in_doubt))


def stage(state: StockItem, command: Stage, context: Context) -> Events:
    """Picked is picked: what was not reserved for the order comes from what it waits for, then from the others."""
    before = entry_of(state, command.order_id)
    if command.order_version <= before.stage_version:
        return ()
    after = lines.changed(before.lines, command.lines, lines.stage)
    found = _found(state, sum(line.staged for line in after) - before.staged, context)
    staged = StockStaged(
        occurred_at=context.occurred_at,
        reason=command.reason,
        order_id=command.order_id,
        order_version=command.order_version,
        moves=lines.moves_between(before.lines, after),
        found=found,
        bin=command.bin,
    )
    return settled(state, staged, _taken(state, command, found, context))


def issue(state: StockItem, command: Issue, context: Context) -> Events:
    """Gone is gone, whether or not anybody said that it was picked."""
    before = entry_of(state, command.order_id)
    if command.order_version <= before.issue_version:
        return ()
    after = lines.changed(before.lines, command.lines, lines.issue)
    gone = sum(line.gone for line in after) - before.gone
    found = _found(state, sum(line.staged for line in after) - before.staged + gone, context)
    issued = StockIssued(
        occurred_at=context.occurred_at,
        reason=command.reason,
        order_id=command.order_id,
        order_version=command.order_version,
        moves=lines.moves_between(before.lines, after),
        quantity=gone,
        found=found,
    )
    return settled(state, issued, _taken(state, command, found, context))


def write_off(state: StockItem, command: WriteOff, context: Context) -> Events:
    """What was not found leaves on-hand, and the order waits for it before all others."""
    before = entry_of(state, command.order_id)
    if command.order_version <= before.write_off_version:
        return ()
    missed, totals = _missed(dict(before.written_off), command)
    unheard_of = {line.line for line in command.lines} - {line.line for line in before.lines}
    asked = lines.changed(before.lines, (total for total in missed if total.line in unheard_of), lines.ask)
    written_off = StockWrittenOff(
        occurred_at=context.occurred_at,
        reason=command.reason,
        order_id=command.order_id,
        order_version=command.order_version,
        moves=lines.moves_between(before.lines, lines.changed(asked, missed, lines.miss)),
        quantity=_off_the_shelf(state, sum(total.quantity for total in missed), context),
        written_off=totals,
    )
    return settled(
        state,
        written_off,
        Occasion(
            context,
            command.order_id,
            missed=frozenset(total.line for total in missed if total.quantity),
            in_doubt=not state.was_counted_since(context.occurred_at),
        ),
    )


def take_excess(state: StockItem, command: TakeExcess, context: Context) -> Events:
    """Units left the shelf that no order wants; where they are put back, the next count says so."""
    taken = ExcessTaken(
        occurred_at=context.occurred_at,
        reason=command.reason,
        order_id=command.order_id,
        order_version=command.order_version,
        taken=command.quantity,
        quantity=_off_the_shelf(state, command.quantity, context),
    )
    return settled(state, taken, Occasion(context, in_doubt=not state.was_counted_since(context.occurred_at)))


def _off_the_shelf(state: StockItem, units: int, context: Context) -> int:
    return 0 if state.was_counted_since(context.occurred_at) else min(units, state.shelf)


def _found(state: StockItem, picked: int, context: Context) -> int:
    """Units picked (put back, if negative) that on-hand does not know of: counted without them, or too many."""
    if state.was_counted_since(context.occurred_at):
        return picked
    return max(state.staged + picked - state.on_hand, 0)


def _taken(state: StockItem, command: OrderTotals, found: int, context: Context) -> Occasion:
    """Units left the shelf; it is in doubt where more were there than was known, or others now miss theirs."""
    known = state.was_counted_since(context.occurred_at)
    return Occasion(context, command.order_id, in_doubt=found > 0 and not known, picked=not known)


def _missed(known: dict[int, int], command: OrderTotals) -> tuple[tuple[LineTotal, ...], tuple[LineTotal, ...]]:
    """Units newly missed by line, and those missed to date."""
    missed = tuple(
        LineTotal(line=total.line, quantity=max(total.quantity - known.get(total.line, 0), 0))
        for total in command.lines
    )
    for total in command.lines:
        known[total.line] = max(total.quantity, known.get(total.line, 0))
    return missed, tuple(LineTotal(line=line, quantity=known[line]) for line in sorted(known))
