"""What has to be true of a world once it rests: of every reaction, and between orders and stock.

Each check gives sentences, one for each thing that is wrong. Must not know: processes, answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from domain.decider import Context, Rejected
from domain.order.ledger import gone_to_date, units_in
from domain.order.status import is_closed, waiting
from domain.order.terms import Bucket
from domain.roles import Party, Role
from domain.stock.state import StockItem
from domain.stream_names import order_stream
from simulation.core import decision, state_after

if TYPE_CHECKING:
    from datetime import datetime

    from domain.order.state import Order
    from domain.stock.state import Entry
    from simulation.history import History


def not_at_rest(history: History, now: datetime) -> Iterator[str]:
    """Everything that is wrong."""
    states = {stream: state_after(stream, events) for stream, events in history.streams.items()}
    yield from every_reaction_done(history, states, now)
    yield from at_rest(states)


def every_reaction_done(history: History, states: Mapping[str, Any], now: datetime) -> Iterator[str]:
    """What the rules ask for was executed, or there is nothing to be done for it any more."""
    for ident, (stream, command, _) in history.reactions.items():
        if ident in history.commands:
            continue
        state = states[stream] if stream in states else state_after(stream, ())
        left = decision(state, command, Context("workflow", Role.WORKFLOW, now, stream))
        if left and not isinstance(left, Rejected):
            yield f"{type(command).__name__} to {stream} was never executed; it would still do {left}"


def at_rest(states: Mapping[str, Any]) -> Iterator[str]:
    """Nobody waits for the system, and nothing is kept for an order that is over or lies beside one that wants it."""
    for stream, state in states.items():
        if isinstance(state, StockItem):
            yield from _stock_at_rest(stream, state, states)
        elif state is not None and waiting(state)[0] is Party.SYSTEM:
            yield f"{stream} waits for the system"


def _stock_at_rest(stream: str, item: StockItem, states: Mapping[str, Any]) -> Iterator[str]:
    if item.allocating or item.available < 0:
        yield f"{stream} is not through: {item.available} available, allocating {item.allocating}"
    for entry in item.entries.values():
        order: Order = states[order_stream(entry.order_id)]
        if is_closed(order):
            yield f"{stream} keeps an entry of {entry.order_id}, which is over"
            continue
        yield from _entry_agrees(stream, item, order, entry)
        if entry.waiting and not entry.deferred and order.partial_shipment and item.available > 0:
            yield f"{stream} has {item.available} free beside {entry.order_id}, which waits for {entry.waiting}"


def _entry_agrees(stream: str, item: StockItem, order: Order, entry: Entry) -> Iterator[str]:
    """Every unit that an order has is with its stock item what it is with the order."""
    there = {line.line: (line.waiting, line.reserved, line.staged, line.gone) for line in entry.lines}
    for number in order.by_sku.get(item.sku, ()):
        state = order.lines[number]
        here = (
            units_in(state, Bucket.OPEN, Bucket.BACKORDERED),
            units_in(state, Bucket.RESERVED, Bucket.SENT),
            units_in(state, Bucket.PICKED, Bucket.PACKED),
            gone_to_date(state),
        )
        if there.get(number, (0, 0, 0, 0)) != here:
            yield f"{stream} has {there.get(number)} for line {number} of {entry.order_id}, which has {here}"
