"""What follows from each command of an order: the table of contents; the rules stand in one file per department.

Decides: events or a refusal, from state, command and context alone. Must not know: clocks, ids' origin, storage, HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from domain.decider import Context, UnknownOrder
from domain.order.commands import (
    AddNote,
    CompleteOrder,
    ConfirmOrder,
    ConfirmReceipt,
    HandOver,
    Hold,
    LogContact,
    OrderCommand,
    Pack,
    Pick,
    PlaceOrder,
    RecallFromWarehouse,
    RecordCheckpoint,
    ReportRefusal,
    RequestCancel,
    ResolveException,
    Resume,
    SendToWarehouse,
    ShortPick,
    StartPick,
    TakeStockAnswer,
    Unpack,
)
from domain.order.decisions import cancellation, customer_service, logistics, sales, warehouse, workflow

if TYPE_CHECKING:
    from domain.order.events import OrderEvent
    from domain.order.state import Order


def decide(state: Order | None, command: OrderCommand, context: Context) -> tuple[OrderEvent, ...]:
    """Events that follow; none where all is so already. Raises a `Rejected` where a rule says no."""
    match command:
        case PlaceOrder():
            return sales.place(state, command, context)
        case ConfirmOrder():
            return sales.confirm(_placed(state), command, context)
        case Hold():
            return sales.hold(_placed(state), command, context)
        case Resume():
            return sales.resume(_placed(state), command, context)
        case RequestCancel():
            return cancellation.request_cancel(_placed(state), command, context)
        case SendToWarehouse():
            return warehouse.send(_placed(state), command, context)
        case RecallFromWarehouse():
            return warehouse.recall(_placed(state), command, context)
        case StartPick():
            return warehouse.start_pick(_placed(state), command, context)
        case Pick():
            return warehouse.pick(_placed(state), command, context)
        case ShortPick():
            return warehouse.short_pick(_placed(state), command, context)
        case Pack():
            return warehouse.pack(_placed(state), command, context)
        case Unpack():
            return warehouse.unpack(_placed(state), command, context)
        case HandOver():
            return logistics.hand_over(_placed(state), command, context)
        case RecordCheckpoint():
            return logistics.record_checkpoint(_placed(state), command, context)
        case ConfirmReceipt():
            return logistics.confirm_receipt(_placed(state), command, context)
        case AddNote():
            return customer_service.add_note(_placed(state), command, context)
        case LogContact():
            return customer_service.log_contact(_placed(state), command, context)
        case ResolveException():
            return customer_service.resolve_exception(_placed(state), command, context)
        case TakeStockAnswer():
            return workflow.take_stock_answer(_placed(state), command, context)
        case CompleteOrder():
            return workflow.complete(_placed(state), command, context)
        case ReportRefusal():
            return workflow.report_refusal(_placed(state), command, context)
        case _:
            assert_never(command)


def _placed(state: Order | None) -> Order:
    if state is None:
        raise UnknownOrder
    return state
