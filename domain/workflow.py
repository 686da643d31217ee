"""The rules between aggregates: whenever this has happened, that is to be done. The order is its own process.

Decides: which commands follow an event. Pure and stateless: the same event always gives the same commands, so that
doing them twice is harmless. Must not know: whether a command's purpose is past; its decision says so by no events.
Only live events are reacted to, never imported history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.decider import Command, Event
from domain.order import commands as order
from domain.order import events as done
from domain.order.terms import Step
from domain.recorded import Origin, Recorded
from domain.stock import commands as stock
from domain.stock import events as stocked
from domain.stream_names import name_of, order_stream, sku_and_location, stock_stream
from domain.values import LineKind, LineTotal, StockTotals

Target = tuple[str, Command]
"""A command and the stream it is for."""
Rule = Callable[[Recorded[Event]], Iterator[Target]]


@dataclass(frozen=True, slots=True)
class Reaction:
    """What is to be done. One event, rule and stream give at most one, so that they can name it for ever."""

    rule: str
    stream: str
    command: Command


def reactions(recorded: Recorded[Event]) -> Iterator[Reaction]:
    """What follows from one event, in the order in which it is to be submitted, made one by one."""
    if recorded.metadata.origin is not Origin.IMPORT:
        for rule in RULES:
            for stream, command in rule(recorded):
                yield Reaction(rule.__name__, stream, command)


def react(recorded: Recorded[Event]) -> tuple[Reaction, ...]:
    """Everything that follows from one event."""
    return tuple(reactions(recorded))


def whenever_placed_want_stock(recorded: Recorded[Event]) -> Iterator[Target]:
    """A placed order asks every stock item for its units, unless a hold keeps it from asking."""
    placed = recorded.event
    if isinstance(placed, done.OrderPlaced) and not _blocked(placed, Step.RESERVE):
        for wanted in _wanted(placed):
            yield _want(recorded, wanted, placed)


def whenever_placed_without_goods_confirm(recorded: Recorded[Event]) -> Iterator[Target]:
    """An order of services alone has no stock to wait for."""
    placed = recorded.event
    if isinstance(placed, done.OrderPlaced) and not _wanted(placed):
        yield recorded.stream, order.ConfirmOrder()


def whenever_resumed_want_stock(recorded: Recorded[Event]) -> Iterator[Target]:
    """An order that a hold kept from asking asks now."""
    resumed = recorded.event
    if isinstance(resumed, done.Resumed):
        for wanted in resumed.wants:
            yield _want(recorded, wanted, resumed)


def whenever_cancelled_want_less(recorded: Recorded[Event]) -> Iterator[Target]:
    """Stock hears what the order still wants, and gives the rest to others."""
    cancelled = recorded.event
    if isinstance(cancelled, done.UnitsCancelled):
        for wanted in cancelled.wants:
            yield _want(recorded, wanted)


def whenever_stock_answered_take_answer(recorded: Recorded[Event]) -> Iterator[Target]:
    """Whatever changes what an order has at a stock item is told to the order, in totals."""
    answer = recorded.event
    if isinstance(answer, stocked.WantAnswered | stocked.ReservationTakenBack | stocked.StockWrittenOff):
        sku, location = sku_and_location(recorded.stream)
        lines = tuple(
            order.LineAnswer(line=line.line, reserved=line.reserved + line.staged + line.issued, waiting=line.waiting)
            for line in answer.lines
        )
        yield (
            order_stream(answer.order_id),
            order.TakeStockAnswer(sku=sku, location=location, stock_version=recorded.version, lines=lines),
        )


def whenever_all_answered_confirm(recorded: Recorded[Event]) -> Iterator[Target]:
    """Once stock has answered for every unit, the order can be confirmed."""
    if isinstance(recorded.event, done.StockAnswer) and recorded.event.still_open == 0:
        yield recorded.stream, order.ConfirmOrder()


def whenever_reserved_send(recorded: Recorded[Event]) -> Iterator[Target]:
    """Units that became reserved go to the warehouse, if the order is confirmed by then."""
    if isinstance(recorded.event, done.UnitsReserved) and recorded.event.still_open == 0:
        yield recorded.stream, order.SendToWarehouse()


def whenever_confirmed_send(recorded: Recorded[Event]) -> Iterator[Target]:
    """A confirmed order goes to the warehouse."""
    if isinstance(recorded.event, done.OrderConfirmed):
        yield recorded.stream, order.SendToWarehouse()


def whenever_confirmed_complete(recorded: Recorded[Event]) -> Iterator[Target]:
    """An order without goods has nothing left to do."""
    if isinstance(recorded.event, done.OrderConfirmed):
        yield recorded.stream, order.CompleteOrder()


def whenever_unstuck_confirm(recorded: Recorded[Event]) -> Iterator[Target]:
    """A lifted hold or fewer units may have been all that stood before confirming."""
    if isinstance(recorded.event, done.Resumed | done.UnitsCancelled):
        yield recorded.stream, order.ConfirmOrder()


def whenever_unstuck_send(recorded: Recorded[Event]) -> Iterator[Target]:
    """A lifted hold or fewer units may have been all that stood before the warehouse."""
    if isinstance(recorded.event, done.Resumed | done.UnitsCancelled):
        yield recorded.stream, order.SendToWarehouse()


def whenever_unstuck_complete(recorded: Recorded[Event]) -> Iterator[Target]:
    """A lifted hold or fewer units may have been all that was open."""
    if isinstance(recorded.event, done.Resumed | done.UnitsCancelled):
        yield recorded.stream, order.CompleteOrder()


def whenever_received_or_resolved_complete(recorded: Recorded[Event]) -> Iterator[Target]:
    """The last parcel received, or the last trouble dealt with, completes the order."""
    if isinstance(recorded.event, done.ReceiptConfirmed | done.ExceptionResolved):
        yield recorded.stream, order.CompleteOrder()


def whenever_picked_stage(recorded: Recorded[Event]) -> Iterator[Target]:
    """Stock hears which units have left the shelf."""
    picked = recorded.event
    if isinstance(picked, done.Picked):
        yield from _told(stock.Stage, recorded, picked.staged)


def whenever_short_picked_write_off(recorded: Recorded[Event]) -> Iterator[Target]:
    """Stock hears which units are not on the shelf."""
    short = recorded.event
    if isinstance(short, done.ShortPicked):
        yield from _told(stock.WriteOff, recorded, short.missing)


def whenever_left_issue(recorded: Recorded[Event]) -> Iterator[Target]:
    """Stock hears which units have left the house; a receipt tells it where nobody recorded the hand-over."""
    left = recorded.event
    if isinstance(left, done.HandedOver | done.ReceiptConfirmed):
        yield from _told(stock.Issue, recorded, left.issued)


RULES: Final[tuple[Rule, ...]] = (
    whenever_placed_want_stock,
    whenever_placed_without_goods_confirm,
    whenever_resumed_want_stock,
    whenever_cancelled_want_less,
    whenever_picked_stage,
    whenever_short_picked_write_off,
    whenever_left_issue,
    whenever_stock_answered_take_answer,
    whenever_all_answered_confirm,
    whenever_unstuck_confirm,
    whenever_reserved_send,
    whenever_confirmed_send,
    whenever_unstuck_send,
    whenever_confirmed_complete,
    whenever_unstuck_complete,
    whenever_received_or_resolved_complete,
)
"""Every rule, in the order in which its commands are submitted: stock first, then confirm, send, complete.

A rule's name is part of the ids of its commands: renaming one repeats what it did for events not yet done with.
"""


def _blocked(placed: done.OrderPlaced, step: Step) -> bool:
    return any(step in hold.blocks for hold in placed.holds)


def _wanted(placed: done.OrderPlaced) -> tuple[StockTotals, ...]:
    """The order's goods by stock item: an article on two lines is asked for once, so that neither line is alone."""
    by_sku: dict[str, list[LineTotal]] = {}
    for number, line in enumerate(placed.lines, start=1):
        if line.kind is LineKind.GOODS:
            by_sku.setdefault(line.sku, []).append(LineTotal(line=number, quantity=line.quantity))
    return tuple(StockTotals(sku=sku, location=placed.location, lines=tuple(lines)) for sku, lines in by_sku.items())


def _want(
    recorded: Recorded[Event], wanted: StockTotals, turn: done.OrderPlaced | done.Resumed | None = None
) -> Target:
    """Ask a stock item for totals; without `turn` the order keeps its place in the waiting list."""
    return stock_stream(wanted.sku, wanted.location), stock.Want(
        order_id=UUID(name_of(recorded.stream)),
        order_version=recorded.version,
        lines=wanted.lines,
        priority=turn.priority if turn else None,
        promise=turn.requested_date if turn else None,
    )


def _told(
    command: type[stock.OrderTotals], recorded: Recorded[Event], totals: Iterable[StockTotals]
) -> Iterator[Target]:
    """Tell each stock item what happened to its units, at the time when it happened."""
    for total in totals:
        yield (
            stock_stream(total.sku, total.location),
            command(
                order_id=UUID(name_of(recorded.stream)),
                order_version=recorded.version,
                lines=total.lines,
                occurred_at=recorded.event.occurred_at,
            ),
        )
