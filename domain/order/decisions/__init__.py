"""What follows from each command of an order: the table of contents; the rules stand in one file per department.

Decides: events or a refusal, from state, command and context alone. Must not know: clocks, ids' origin, storage, HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from domain.decider import Context, UnknownOrder
from domain.order.commands import (
    AddNote,
    AnswerNote,
    CompleteOrder,
    ConfirmIfReady,
    ConfirmOrder,
    ConfirmReceipt,
    GiveBack,
    HandOver,
    Hold,
    LogContact,
    OrderCommand,
    Pack,
    PassOn,
    Pick,
    PlaceOrder,
    PromiseDates,
    RecallFromWarehouse,
    RecordCheckpoint,
    ReportRefusal,
    RequestCancel,
    ResolveException,
    Resume,
    SendIfReady,
    SendToWarehouse,
    ShortPick,
    StartPick,
    Take,
    TakeStockAnswer,
    Unpack,
)
from domain.order.decisions import (
    cancellation,
    customer_service,
    holds,
    logistics,
    receipts,
    sales,
    taking,
    warehouse,
    workflow,
)
from domain.order.decisions.consequences import consequences

if TYPE_CHECKING:
    from domain.order.commands import CommandOfPlaced, OrderCommand
    from domain.order.events import OrderEvent
    from domain.order.state import Order


def decide(state: Order | None, command: OrderCommand, context: Context) -> tuple[OrderEvent, ...]:
    """Events that follow; none where all is so already. Raises a `Rejected` where a rule says no."""
    if isinstance(command, PlaceOrder):
        return sales.place(state, command, context)
    order = _placed(state)
    events = _decided(order, command, context)
    return (*events, *consequences(order, events, context)) if events else ()


def _decided(order: Order, command: CommandOfPlaced, context: Context) -> tuple[OrderEvent, ...]:
    """One case for each command."""
    match command:
        case ConfirmOrder():
            return sales.confirm(order, command, context)
        case PromiseDates():
            return sales.promise_dates(order, command, context)
        case Hold():
            return holds.hold(order, command, context)
        case Resume():
            return holds.resume(order, command, context)
        case RequestCancel():
            return cancellation.request_cancel(order, command, context)
        case SendToWarehouse():
            return warehouse.send(order, command, context)
        case RecallFromWarehouse():
            return warehouse.recall(order, command, context)
        case StartPick():
            return warehouse.start_pick(order, command, context)
        case Pick():
            return warehouse.pick(order, command, context)
        case ShortPick():
            return warehouse.short_pick(order, command, context)
        case Pack():
            return warehouse.pack(order, command, context)
        case Unpack():
            return warehouse.unpack(order, command, context)
        case HandOver():
            return logistics.hand_over(order, command, context)
        case RecordCheckpoint():
            return logistics.record_checkpoint(order, command, context)
        case ConfirmReceipt():
            return receipts.confirm_receipt(order, command, context)
        case AddNote():
            return customer_service.add_note(order, command, context)
        case AnswerNote():
            return customer_service.answer_note(order, command, context)
        case LogContact():
            return customer_service.log_contact(command, context)
        case ResolveException():
            return customer_service.resolve_exception(order, command, context)
        case Take():
            return taking.take(order, command, context)
        case PassOn():
            return taking.pass_on(order, command, context)
        case GiveBack():
            return taking.give_back(order, command, context)
        case ConfirmIfReady():
            return sales.confirm_if_ready(order, command, context)
        case SendIfReady():
            return warehouse.send_if_ready(order, command, context)
        case TakeStockAnswer():
            return workflow.take_stock_answer(order, command, context)
        case CompleteOrder():
            return workflow.complete(order, command, context)
        case ReportRefusal():
            return workflow.report_refusal(order, command, context)
        case _:
            assert_never(command)


def _placed(state: Order | None) -> Order:
    if state is None:
        raise UnknownOrder
    return state
