"""The rules between aggregates: whenever this has happened, that is to be done. The order is its own process.

Decides: which commands follow an event. Pure and stateless: the same event always gives the same commands, so that
doing them twice is harmless. Must not know: whether a command's purpose is past; its decision says so by no events.
Only live events are reacted to, never imported history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from domain.decider import Command, Event
from domain.event_values import LineKind, StockTotals
from domain.order import commands as order
from domain.order import events as done
from domain.order.event_terms import StockWant, WantTerms
from domain.order.evolve import evolve
from domain.order.wants import all_wants, terms_of
from domain.recorded import Origin, Recorded
from domain.stock import commands as stock
from domain.stock import events as stocked
from domain.stream_names import name_of, order_stream, sku_and_location, stock_stream

Target = tuple[str, Command]
"""A command and the stream it is for."""
T = TypeVar("T", bound=stock.OrderTotals)
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
    placed = evolve(None, recorded.event) if isinstance(recorded.event, done.OrderPlaced) else None
    if placed is not None and placed.stock_asked:
        yield from _wants(recorded, all_wants(placed), terms_of(placed))


def whenever_placed_without_goods_confirm(recorded: Recorded[Event]) -> Iterator[Target]:
    """An order of services alone has no stock to wait for."""
    placed = recorded.event
    if isinstance(placed, done.OrderPlaced) and all(line.kind is not LineKind.GOODS for line in placed.lines):
        yield recorded.stream, order.ConfirmIfReady()


def whenever_asked_want(recorded: Recorded[Event]) -> Iterator[Target]:
    """What the order asks for later, it asks of the stock items that it names."""
    asked = recorded.event
    if isinstance(asked, done.StockAsked):
        yield from _wants(recorded, asked.wants, asked.terms)


def whenever_cancelled_want_less(recorded: Recorded[Event]) -> Iterator[Target]:
    """Stock hears what the order still wants, and gives the rest to others."""
    cancelled = recorded.event
    if isinstance(cancelled, done.UnitsCancelled):
        yield from _wants(recorded, cancelled.wants, cancelled.terms)


def whenever_over_close(recorded: Recorded[Event]) -> Iterator[Target]:
    """Stock forgets an order that is over."""
    over = recorded.event
    if isinstance(over, done.OrderEnded):
        for sku in over.skus:
            yield (
                stock_stream(sku, over.location),
                stock.Close(order_id=UUID(name_of(recorded.stream)), order_version=recorded.version),
            )


def whenever_stock_answered_take_answer(recorded: Recorded[Event]) -> Iterator[Target]:
    """Every order that a decision of stock concerns is told once, in totals."""
    for answer in stocked.answers_of(recorded.event):
        sku, location = sku_and_location(recorded.stream)
        lines = tuple(
            order.LineAnswer(line=line.line, reserved=line.reserved, waiting=line.waiting) for line in answer.lines
        )
        yield (
            order_stream(answer.order_id),
            order.TakeStockAnswer(
                sku=sku,
                location=location,
                stock_version=recorded.version,
                want_version=answer.want_version,
                lines=lines,
            ),
        )


def whenever_more_allocate(recorded: Recorded[Event]) -> Iterator[Target]:
    """A stock item goes on with what one event could not hold, as of when that was: who waits, waits since then."""
    if isinstance(recorded.event, stocked.StockApportioned) and recorded.event.more:
        yield recorded.stream, stock.Allocate(occurred_at=recorded.event.occurred_at)


def whenever_all_answered_confirm(recorded: Recorded[Event]) -> Iterator[Target]:
    """Once stock has answered for every unit, the order can be confirmed."""
    if isinstance(recorded.event, done.StockAnswer) and recorded.event.still_open == 0:
        yield recorded.stream, order.ConfirmIfReady()


def whenever_all_answered_send(recorded: Recorded[Event]) -> Iterator[Target]:
    """Once stock has answered for every unit, what is reserved can go to the warehouse."""
    if isinstance(recorded.event, done.StockAnswer) and recorded.event.still_open == 0:
        yield recorded.stream, order.SendIfReady()


def whenever_confirmed_send(recorded: Recorded[Event]) -> Iterator[Target]:
    """A confirmed order goes to the warehouse."""
    if isinstance(recorded.event, done.OrderConfirmed):
        yield recorded.stream, order.SendIfReady()


def whenever_confirmed_complete(recorded: Recorded[Event]) -> Iterator[Target]:
    """An order without goods has nothing left to do."""
    if isinstance(recorded.event, done.OrderConfirmed):
        yield recorded.stream, order.CompleteOrder()


def whenever_unstuck_confirm(recorded: Recorded[Event]) -> Iterator[Target]:
    """A lifted hold or fewer units may have been all that stood before confirming."""
    if isinstance(recorded.event, done.Resumed | done.UnitsCancelled):
        yield recorded.stream, order.ConfirmIfReady()


def whenever_unstuck_send(recorded: Recorded[Event]) -> Iterator[Target]:
    """A lifted hold or fewer units may have been all that stood before the warehouse."""
    if isinstance(recorded.event, done.Resumed | done.UnitsCancelled):
        yield recorded.stream, order.SendIfReady()


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
        bins = {part.line: part.bin for part in picked.picked if part.bin is not None}
        for stream, stage in _told(stock.Stage, recorded, picked.staged):
            lay = [bins[total.line] for total in stage.lines if total.line in bins]
            yield stream, stage.model_copy(update={"bin": lay[-1] if lay else None})


def whenever_short_picked_write_off(recorded: Recorded[Event]) -> Iterator[Target]:
    """Stock hears which units are not on the shelf."""
    short = recorded.event
    if isinstance(short, done.ShortPicked):
        yield from _told(stock.WriteOff, recorded, short.missing)


def whenever_excess_take(recorded: Recorded[Event]) -> Iterator[Target]:
    """Stock hears of units that were picked beyond the order; of an article that nobody named it cannot."""
    picked = recorded.event
    if isinstance(picked, done.Picked):
        taken = Counter[str]()
        for excess in picked.excess:
            if excess.sku is not None:
                taken[excess.sku] += excess.quantity
        for sku, quantity in taken.items():
            yield (
                stock_stream(sku, picked.location),
                stock.TakeExcess(
                    order_id=UUID(name_of(recorded.stream)),
                    order_version=recorded.version,
                    quantity=quantity,
                    occurred_at=picked.occurred_at,
                ),
            )


def whenever_left_issue(recorded: Recorded[Event]) -> Iterator[Target]:
    """Stock hears which units have left the house; a receipt tells it where nobody recorded the hand-over."""
    left = recorded.event
    if isinstance(left, done.HandedOver | done.ReceiptConfirmed):
        yield from _told(stock.Issue, recorded, left.issued)


RULES: Final[tuple[Rule, ...]] = (
    whenever_placed_want_stock,
    whenever_placed_without_goods_confirm,
    whenever_asked_want,
    whenever_cancelled_want_less,
    whenever_picked_stage,
    whenever_excess_take,
    whenever_short_picked_write_off,
    whenever_left_issue,
    whenever_over_close,
    whenever_stock_answered_take_answer,
    whenever_more_allocate,
    whenever_all_answered_confirm,
    whenever_unstuck_confirm,
    whenever_all_answered_send,
    whenever_confirmed_send,
    whenever_unstuck_send,
    whenever_confirmed_complete,
    whenever_unstuck_complete,
    whenever_received_or_resolved_complete,
)
"""Every rule, in the order in which its commands are submitted: stock first, then confirm, send, complete.

A rule's name is part of the ids of its commands: renaming one repeats what it did for events not yet done with.
"""


def _wants(recorded: Recorded[Event], wants: Iterable[StockWant], terms: WantTerms) -> Iterator[Target]:
    """Ask stock items for totals. Every want says all its terms, so that none depends on an earlier one."""
    for want in wants:
        yield (
            stock_stream(want.sku, want.location),
            stock.Want(
                order_id=UUID(name_of(recorded.stream)),
                order_version=recorded.version,
                lines=want.lines,
                priority=terms.priority,
                promise=terms.promise,
                shortage=terms.shortage,
                provisional=terms.provisional,
                deferred=want.deferred,
            ),
        )


def _told(command: type[T], recorded: Recorded[Event], totals: Iterable[StockTotals]) -> Iterator[tuple[str, T]]:
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
