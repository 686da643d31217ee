"""Every command an order takes, one file per department."""

from __future__ import annotations

from domain.order.commands.logistics import ConfirmReceipt, HandOver, RecordCheckpoint
from domain.order.commands.sales import ConfirmOrder, Hold, PlaceOrder, RequestCancel, Resume
from domain.order.commands.service import AddNote, LogContact, ResolveException
from domain.order.commands.warehouse import (
    Pack,
    Pick,
    RecallFromWarehouse,
    SendToWarehouse,
    ShortPick,
    StartPick,
    Unpack,
)
from domain.order.commands.workflow import CompleteOrder, LineAnswer, ReportRefusal, TakeStockAnswer

OrderCommand = (
    PlaceOrder
    | ConfirmOrder
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
    | LogContact
    | ResolveException
    | TakeStockAnswer
    | CompleteOrder
    | ReportRefusal
)

__all__ = [
    "AddNote",
    "CompleteOrder",
    "ConfirmOrder",
    "ConfirmReceipt",
    "HandOver",
    "Hold",
    "LineAnswer",
    "LogContact",
    "OrderCommand",
    "Pack",
    "Pick",
    "PlaceOrder",
    "RecallFromWarehouse",
    "RecordCheckpoint",
    "ReportRefusal",
    "RequestCancel",
    "ResolveException",
    "Resume",
    "SendToWarehouse",
    "ShortPick",
    "StartPick",
    "TakeStockAnswer",
    "Unpack",
]
