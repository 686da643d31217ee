"""Every event of an order, one file per department. Published: a name or a field once stored stays."""

from __future__ import annotations

from domain.order.events.logistics import (
    CheckpointRecorded,
    HandedOver,
    ReceiptConfirmed,
)
from domain.order.events.sales import (
    CancelRequested,
    Held,
    HoldPlaced,
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderPlaced,
    Resumed,
    UnitsCancelled,
)
from domain.order.events.service import (
    ContactLogged,
    ExceptionOpened,
    ExceptionResolved,
    NoteAdded,
)
from domain.order.events.stock import (
    StockAnswer,
    StockReconfirmed,
    UnitsBackordered,
    UnitsReserved,
)
from domain.order.events.warehouse import (
    Packed,
    Picked,
    PickStarted,
    RecalledFromWarehouse,
    SentToWarehouse,
    ShortPicked,
    Unpacked,
)

OrderEvent = (
    OrderPlaced
    | OrderConfirmed
    | Held
    | Resumed
    | CancelRequested
    | UnitsCancelled
    | OrderCancelled
    | OrderCompleted
    | UnitsReserved
    | UnitsBackordered
    | StockReconfirmed
    | SentToWarehouse
    | RecalledFromWarehouse
    | PickStarted
    | Picked
    | ShortPicked
    | Packed
    | Unpacked
    | HandedOver
    | CheckpointRecorded
    | ReceiptConfirmed
    | NoteAdded
    | ContactLogged
    | ExceptionOpened
    | ExceptionResolved
)

__all__ = [
    "CancelRequested",
    "CheckpointRecorded",
    "ContactLogged",
    "ExceptionOpened",
    "ExceptionResolved",
    "HandedOver",
    "Held",
    "HoldPlaced",
    "NoteAdded",
    "OrderCancelled",
    "OrderCompleted",
    "OrderConfirmed",
    "OrderEvent",
    "OrderPlaced",
    "Packed",
    "PickStarted",
    "Picked",
    "RecalledFromWarehouse",
    "ReceiptConfirmed",
    "Resumed",
    "SentToWarehouse",
    "ShortPicked",
    "StockAnswer",
    "StockReconfirmed",
    "UnitsBackordered",
    "UnitsCancelled",
    "UnitsReserved",
    "Unpacked",
]
