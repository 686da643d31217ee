"""What the workflow asks for: take a stock answer, complete, report a refusal. Too late is nothing, never a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.event_values import LineKind, Shortage
from domain.order.decisions.cancellation import Cancellation, cancelled
from domain.order.decisions.exceptions import about_units, opened, opened_once_per_code, opened_once_per_facts
from domain.order.event_terms import NamedUnits, TroubleFacts, units_of
from domain.order.events import OrderCompleted, StockAsked, StockReconfirmed, UnitsBackordered, UnitsReserved
from domain.order.ledger import (
    LIVE,
    RESERVED_TO_DATE,
    SETTLED,
    UNPICKED,
    UNRESERVED,
    Ledger,
    goods_lines,
    units_in,
    wanted,
)
from domain.order.status import is_closed
from domain.order.terms import Bucket, CancelCause, ExceptionCode
from domain.order.wants import shortage, terms_of, want_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.decider import Context
    from domain.order.commands import CompleteOrder, LineAnswer, ReportRefusal, TakeStockAnswer
    from domain.order.event_terms import Move
    from domain.order.events import OrderEvent
    from domain.order.state import Order


Answered = UnitsReserved | UnitsBackordered | StockReconfirmed


def take_stock_answer(order: Order, command: TakeStockAnswer, context: Context) -> tuple[OrderEvent, ...]:
    """Follow stock's totals as far as units can still move; an older answer than the last says nothing."""
    answers = [answer for answer in command.lines if _is_news(order, command, answer.line)]
    if is_closed(order) or not answers:
        return ()
    ledger = Ledger(order)
    reserved = [move for answer in answers for move in _raised(ledger, answer)]
    waiting = [move for answer in answers for move in _fallen(ledger, answer)]
    refused = {answer.line: units for answer in answers if (units := _refused(ledger, command, answer))}
    after = ledger.order()
    answered = _answered(command, ((UnitsReserved, reserved), (UnitsBackordered, waiting)), after, context)
    if refused and order.stock_asked:
        return *answered, *_upon_refusal(after, refused, command, context)
    return *answered, *_upon_missing(after, waiting, command, context)


def _answered(
    command: TakeStockAnswer, moving: Sequence[tuple[type[Answered], list[Move]]], after: Order, context: Context
) -> tuple[Answered, ...]:
    moving = [(kind, moves) for kind, moves in moving if moves] or [(StockReconfirmed, [])]
    return tuple(
        kind(
            occurred_at=context.occurred_at,
            reason=command.reason,
            sku=command.sku,
            location=command.location,
            stock_version=command.stock_version,
            moves=tuple(moves),
            still_open=after.count(Bucket.OPEN),
        )
        for kind, moves in moving
    )


def _is_news(order: Order, command: TakeStockAnswer, line: int) -> bool:
    state = order.lines.get(line)
    ours = state is not None and state.line.kind is LineKind.GOODS and state.line.sku == command.sku
    return ours and command.location == order.location and command.stock_version > order.lines[line].stock_version


def _raised(ledger: Ledger, answer: LineAnswer) -> list[Move]:
    """More is reserved than the order knew."""
    more = answer.reserved - ledger.count(answer.line, *RESERVED_TO_DATE)
    return ledger.take(answer.line, more, sources=(Bucket.OPEN, Bucket.BACKORDERED), target=Bucket.RESERVED)


def _fallen(ledger: Ledger, answer: LineAnswer) -> list[Move]:
    """Less is reserved than the order knew, or units that were open turn out to wait."""
    less = ledger.count(answer.line, *RESERVED_TO_DATE) - answer.reserved
    taken_back = ledger.take(answer.line, less, sources=(Bucket.RESERVED, Bucket.SENT), target=Bucket.BACKORDERED)
    waiting = answer.waiting - ledger.count(answer.line, Bucket.BACKORDERED)
    return taken_back + ledger.take(answer.line, waiting, sources=(Bucket.OPEN,), target=Bucket.BACKORDERED)


def _refused(ledger: Ledger, command: TakeStockAnswer, answer: LineAnswer) -> int:
    """Units that stock neither reserves nor lets wait, if it has heard the order's newest ask for them.

    Units taken back are BACKORDERED when an ask that was under way then is refused.
    """
    line = ledger.line(answer.line)
    if command.want_version < max(line.asked, 1):
        return 0
    dropped = wanted(line) - answer.reserved - answer.waiting
    return max(0, min(dropped, units_in(line, *UNRESERVED)))


def _upon_refusal(
    order: Order, refused: Mapping[int, int], command: TakeStockAnswer, context: Context
) -> tuple[OrderEvent, ...]:
    """Cancelled by us where the customer does not want to wait: what is refused, or all if parts are of no use."""
    match shortage(order):
        case Shortage.WAIT:
            wants = (want_of(order, command.sku),)
            return (StockAsked(occurred_at=context.occurred_at, wants=wants, terms=terms_of(order)),)
        case Shortage.REFUSE_MISSING:
            wish = Cancellation(CancelCause.NO_STOCK, command.reason, refused)
            return cancelled(order, wish, context)
        case Shortage.REFUSE_WHOLE | Shortage.REFUSE_WHOLE_NOW:
            everything = {line: units_in(order.lines[line], *UNPICKED) for line in goods_lines(order)}
            wish = Cancellation(CancelCause.NO_STOCK, command.reason, everything)
            return *cancelled(order, wish, context), *_picked_in_vain(order, context)


def _picked_in_vain(order: Order, context: Context) -> tuple[OrderEvent, ...]:
    picked = order.count(Bucket.PICKED, Bucket.PACKED)
    if not picked:
        return ()
    return (opened(order, ExceptionCode.PICKED_IN_VAIN, TroubleFacts(units=picked), context),)


def _upon_missing(
    order: Order, waiting: Sequence[Move], command: TakeStockAnswer, context: Context
) -> tuple[OrderEvent, ...]:
    """What becomes of units that wait although their customer does not: nothing is cancelled that was confirmed.

    Of a confirmed order it is news only where units have just begun to wait: the others somebody has looked at.
    """
    if order.backorder or not order.count(Bucket.BACKORDERED):
        return ()
    if order.confirmed_at is not None:
        return _missing(order, waiting, command, context)
    ledger = Ledger(order)
    moves = tuple(
        move
        for line in order.by_sku[command.sku]
        for move in ledger.take(
            line, ledger.count(line, Bucket.BACKORDERED), sources=(Bucket.BACKORDERED,), target=Bucket.OPEN
        )
    )
    wants = (want_of(order, command.sku),)
    return (StockAsked(occurred_at=context.occurred_at, moves=moves, wants=wants, terms=terms_of(order)),)


def _missing(
    order: Order, waiting: Sequence[Move], command: TakeStockAnswer, context: Context
) -> tuple[OrderEvent, ...]:
    if not waiting:
        return ()
    parts = [NamedUnits(line=part.line, sku=command.sku, quantity=part.quantity) for part in units_of(waiting)]
    return opened_once_per_code(order, ExceptionCode.UNITS_MISSING, about_units(parts), context)


def complete(order: Order, command: CompleteOrder, context: Context) -> tuple[OrderEvent, ...]:
    """Close the order once every live unit is settled and nobody holds it or has trouble with it."""
    unsettled = order.count(*LIVE) - order.count(*SETTLED)
    if is_closed(order) or order.confirmed_at is None or order.holds or order.exceptions or unsettled:
        return ()
    return (
        OrderCompleted(
            occurred_at=context.occurred_at,
            reason=command.reason,
            location=order.location,
            skus=tuple(sorted(order.by_sku)),
        ),
    )


def report_refusal(order: Order, command: ReportRefusal, context: Context) -> tuple[OrderEvent, ...]:
    """A person has to look at it, as long as nobody does already."""
    about = TroubleFacts(command=command.command, refusal=command.refusal)
    return opened_once_per_facts(order, ExceptionCode.WORKFLOW_REFUSED, about, context)
