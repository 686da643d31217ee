"""What can still be cancelled: units that nobody has picked, all or nothing of what was asked for.

Units in the warehouse are recalled first. An order whose goods are all cancelled is cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.decider import Rejected, require
from domain.event_values import LineKind
from domain.order.decisions.shared_refusals import NoSuchLine, OrderClosed, require_line
from domain.order.events import CancelRequested, OrderCancelled, RecalledFromWarehouse, UnitsCancelled
from domain.order.ledger import GONE, LIVE, UNPICKED, Ledger, goods_lines, summed, units_in, wanted
from domain.order.terms import Bucket, CancelCause
from domain.order.wants import terms_of, wants_of_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.decider import Context
    from domain.order.commands import RequestCancel
    from domain.order.event_terms import Move, StockWant
    from domain.order.events import OrderEvent
    from domain.order.state import Order

AT_HAND: Final = tuple(bucket for bucket in UNPICKED if bucket is not Bucket.SENT)
"""Where units are cancelled from, in this order; those that the warehouse was to pick are recalled first."""


class CancelTooLate(Rejected):
    """Some of these units have already been picked; they can no longer be cancelled."""


class MoreThanOrdered(Rejected):
    """You cannot cancel more units than the line has."""


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Units to cancel, per line, no more of each than nobody has picked."""

    cause: CancelCause
    reason: str | None
    quantities: Mapping[int, int]


def request_cancel(order: Order, command: RequestCancel, context: Context) -> tuple[OrderEvent, ...]:
    """Cancel what was asked for, or refuse and say how many units could be."""
    if order.cancelled_at is not None:
        return ()
    require(order.completed_at is None, OrderClosed, f"Order {order.number} is completed.")
    quantities = _asked_for(order, command)
    for line, quantity in quantities.items():
        _require_cancellable(order, line, quantity)
    requested = CancelRequested(
        occurred_at=context.occurred_at, reason=command.reason, lines=command.lines, cause=command.cause
    )
    wish = Cancellation(command.cause, command.reason, quantities)
    return requested, *cancelled(order, wish, context)


def _asked_for(order: Order, command: RequestCancel) -> dict[int, int]:
    if not command.lines:
        return {line: quantity for line in goods_lines(order) if (quantity := wanted(order.lines[line]))}
    for units in command.lines:
        require_line(order, units.line)
        kind = order.lines[units.line].line.kind
        require(kind is LineKind.GOODS, NoSuchLine, f"Line {units.line} is a {kind.value}, not goods.", line=units.line)
    return summed(command.lines)


def _require_cancellable(order: Order, line: int, quantity: int) -> None:
    state = order.lines[line]
    cancellable = units_in(state, *UNPICKED)
    if quantity <= cancellable:
        return
    live = wanted(state)
    require(quantity <= live, MoreThanOrdered, f"Line {line} has {live}.", line=line, cancellable=cancellable)
    picked, packed, gone = (units_in(state, *b) for b in ((Bucket.PICKED,), (Bucket.PACKED,), GONE))
    raise CancelTooLate(
        f"Line {line}: {picked} picked, {packed} packed, {gone} gone; {cancellable} could be cancelled.",
        line=line,
        picked=picked,
        packed=packed,
        gone=gone,
        cancellable=cancellable,
    )


def cancelled(order: Order, wish: Cancellation, context: Context) -> tuple[OrderEvent, ...]:
    """Recall where needed, cancel, and close the order if no live unit is left. The wish must be possible."""
    ledger = Ledger(order)
    recalled = _recall(ledger, wish)
    moves = [
        move
        for line, quantity in wish.quantities.items()
        for move in ledger.take(line, quantity, sources=AT_HAND, target=Bucket.CANCELLED)
    ]
    is_over = ledger.total(*LIVE) == 0
    events: list[OrderEvent] = []
    if recalled:
        events.append(_brought_back(recalled, wish, context))
    if moves:
        wants = wants_of_lines(ledger, {move.line: move for move in moves}) if order.stock_asked and not is_over else ()
        events.append(_units_cancelled(order, moves, wants, wish, context))
    if is_over:
        events.append(_order_cancelled(order, wish, context))
    return tuple(events)


def _brought_back(moves: Sequence[Move], wish: Cancellation, context: Context) -> RecalledFromWarehouse:
    return RecalledFromWarehouse(
        occurred_at=context.occurred_at, reason=wish.reason, moves=tuple(moves), for_cancellation=True
    )


def _units_cancelled(
    order: Order, moves: Sequence[Move], wants: tuple[StockWant, ...], wish: Cancellation, context: Context
) -> UnitsCancelled:
    return UnitsCancelled(
        occurred_at=context.occurred_at,
        reason=wish.reason,
        cause=wish.cause,
        moves=tuple(moves),
        wants=wants,
        terms=terms_of(order),
    )


def _order_cancelled(order: Order, wish: Cancellation, context: Context) -> OrderCancelled:
    return OrderCancelled(
        occurred_at=context.occurred_at,
        reason=wish.reason,
        location=order.location,
        skus=tuple(sorted(order.by_sku)) if order.stock_asked else (),
    )


def _recall(ledger: Ledger, wish: Cancellation) -> tuple[Move, ...]:
    """Bring back what the other buckets cannot give."""
    return tuple(
        move
        for line, quantity in wish.quantities.items()
        for move in ledger.take(
            line, quantity - ledger.count(line, *AT_HAND), sources=(Bucket.SENT,), target=Bucket.RESERVED
        )
    )
