"""What the workflow asks for: take a stock answer, complete, report a refusal. Too late is nothing, never a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.order.decisions.exceptions import Trouble, opened_once
from domain.order.events import OrderCompleted, StockReconfirmed, UnitsBackordered, UnitsReserved
from domain.order.ledger import HELD, LIVE, SETTLED, Ledger
from domain.order.status import is_closed
from domain.order.terms import Bucket, ExceptionCode, Moved
from domain.values import LineKind

if TYPE_CHECKING:
    from domain.decider import Context
    from domain.order.commands import CompleteOrder, LineAnswer, ReportRefusal, TakeStockAnswer
    from domain.order.events import OrderEvent
    from domain.order.state import Order


Answered = UnitsReserved | UnitsBackordered | StockReconfirmed


def take_stock_answer(order: Order, command: TakeStockAnswer, context: Context) -> tuple[OrderEvent, ...]:
    """Follow stock's totals as far as units can still move; an older answer than the last says nothing."""
    answers = _newer_answers(order, command)
    if is_closed(order) or not answers:
        return ()
    ledger = Ledger(order)
    reserved: list[Moved] = []
    missing: list[Moved] = []
    for answer in answers:
        reserved += _raised(ledger, answer)
        missing += _fallen(ledger, answer)
    still_open = ledger.total(Bucket.OPEN)
    moving: list[tuple[type[Answered], list[Moved]]] = [(UnitsReserved, reserved), (UnitsBackordered, missing)]
    moving = [(kind, moves) for kind, moves in moving if moves] or [(StockReconfirmed, [])]
    return tuple(
        kind(
            occurred_at=context.occurred_at,
            reason=command.reason,
            sku=command.sku,
            location=command.location,
            stock_version=command.stock_version,
            units=tuple(moves),
            still_open=still_open,
        )
        for kind, moves in moving
    )


def _newer_answers(order: Order, command: TakeStockAnswer) -> tuple[LineAnswer, ...]:
    return tuple(answer for answer in command.lines if _is_news(order, command, answer.line))


def _is_news(order: Order, command: TakeStockAnswer, line: int) -> bool:
    state = order.lines.get(line)
    ours = state is not None and state.line.kind is LineKind.GOODS and state.line.sku == command.sku
    return ours and command.location == order.location and command.stock_version > order.lines[line].stock_version


def _raised(ledger: Ledger, answer: LineAnswer) -> tuple[Moved, ...]:
    """More is reserved than the order knew."""
    more = answer.reserved - ledger.count(answer.line, *HELD)
    return ledger.move(answer.line, more, sources=(Bucket.OPEN, Bucket.BACKORDERED), target=Bucket.RESERVED)


def _fallen(ledger: Ledger, answer: LineAnswer) -> tuple[Moved, ...]:
    """Less is reserved than the order knew, or units that were open turn out to wait."""
    less = ledger.count(answer.line, *HELD) - answer.reserved
    taken_back = ledger.move(answer.line, less, sources=(Bucket.RESERVED, Bucket.SENT), target=Bucket.BACKORDERED)
    waiting = answer.waiting - ledger.count(answer.line, Bucket.BACKORDERED)
    return (*taken_back, *ledger.move(answer.line, waiting, sources=(Bucket.OPEN,), target=Bucket.BACKORDERED))


def complete(order: Order, command: CompleteOrder, context: Context) -> tuple[OrderEvent, ...]:
    """Close the order once every live unit is settled and nobody holds it or has trouble with it."""
    unsettled = order.count(*LIVE) - order.count(*SETTLED)
    if is_closed(order) or order.confirmed_at is None or order.holds or order.exceptions or unsettled:
        return ()
    return (OrderCompleted(occurred_at=context.occurred_at, reason=command.reason),)


def report_refusal(order: Order, command: ReportRefusal, context: Context) -> tuple[OrderEvent, ...]:
    """A person has to look at it, as long as nobody does already."""
    trouble = Trouble(ExceptionCode.WORKFLOW_REFUSED, f"{command.command}: {command.refusal}")
    return opened_once(order, trouble, context)
