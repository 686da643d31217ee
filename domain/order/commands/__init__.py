"""Every command an order takes, one file per department."""

from __future__ import annotations

from domain.order.command_terms import HoldTerms, PickedUnits
from domain.order.commands.logistics import ConfirmReceipt, HandOver, RecordCheckpoint
from domain.order.commands.sales import ConfirmOrder, Hold, PlaceOrder, PromiseDates, RequestCancel, Resume
from domain.order.commands.service import AddNote, AnswerNote, LogContact, ResolveException
from domain.order.commands.taking import GiveBack, PassOn, Take
from domain.order.commands.warehouse import (
    Pack,
    Pick,
    RecallFromWarehouse,
    SendToWarehouse,
    ShortPick,
    StartPick,
    Unpack,
)
from domain.order.commands.workflow import (
    CompleteOrder,
    ConfirmIfReady,
    LineAnswer,
    ReportRefusal,
    SendIfReady,
    TakeStockAnswer,
)

CommandOfPlaced = (
    ConfirmOrder
    | PromiseDates
    | SendToWarehouse
    | RecallFromWarehouse
    | StartPick
    | Pick
    | ShortPick
    | Pack
    | Unpack
    | HandOver
    | RecordCheckpoint
    | ConfirmReceipt
    | Hold
    | Resume
    | RequestCancel
    | AddNote
    | AnswerNote
    | LogContact
    | ResolveException
    | Take
    | PassOn
    | GiveBack
    | TakeStockAnswer
    | ConfirmIfReady
    | SendIfReady
    | CompleteOrder
    | ReportRefusal
)
"""What an order takes once it has been placed."""

OrderCommand = PlaceOrder | CommandOfPlaced

__all__ = [
    "AddNote",
    "AnswerNote",
    "CommandOfPlaced",
    "CompleteOrder",
    "ConfirmIfReady",
    "ConfirmOrder",
    "ConfirmReceipt",
    "GiveBack",
    "HandOver",
    "Hold",
    "HoldTerms",
    "LineAnswer",
    "LogContact",
    "OrderCommand",
    "Pack",
    "PassOn",
    "Pick",
    "PickedUnits",
    "PlaceOrder",
    "PromiseDates",
    "RecallFromWarehouse",
    "RecordCheckpoint",
    "ReportRefusal",
    "RequestCancel",
    "ResolveException",
    "Resume",
    "SendIfReady",
    "SendToWarehouse",
    "ShortPick",
    "StartPick",
    "Take",
    "TakeStockAnswer",
    "Unpack",
]
