"""Every event of an order, one file per department. Published: from 1.0 on, a name or a field once stored stays."""

from __future__ import annotations

from domain.order.event_terms import HoldPlaced
from domain.order.events.logistics import (
    CheckpointRecorded,
    HandedOver,
    ReceiptConfirmed,
)
from domain.order.events.moving import UnitsMoved
from domain.order.events.sales import (
    CancelRequested,
    DatesPromised,
    Held,
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderEnded,
    OrderPlaced,
    Resumed,
    UnitsCancelled,
)
from domain.order.events.service import (
    ContactLogged,
    ExceptionOpened,
    ExceptionResolved,
    NoteAdded,
    NoteAnswered,
)
from domain.order.events.stock import (
    StockAnswer,
    StockAsked,
    StockReconfirmed,
    UnitsBackordered,
    UnitsReserved,
)
from domain.order.events.taking import GivenBack, PassedOn, Taken
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
    | DatesPromised
    | Held
    | Resumed
    | CancelRequested
    | UnitsCancelled
    | OrderCancelled
    | OrderCompleted
    | StockAsked
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
    | NoteAnswered
    | ContactLogged
    | ExceptionOpened
    | ExceptionResolved
    | Taken
    | PassedOn
    | GivenBack
)

__all__ = [
    "CancelRequested",
    "CheckpointRecorded",
    "ContactLogged",
    "DatesPromised",
    "ExceptionOpened",
    "ExceptionResolved",
    "GivenBack",
    "HandedOver",
    "Held",
    "HoldPlaced",
    "NoteAdded",
    "NoteAnswered",
    "OrderCancelled",
    "OrderCompleted",
    "OrderConfirmed",
    "OrderEnded",
    "OrderEvent",
    "OrderPlaced",
    "Packed",
    "PassedOn",
    "PickStarted",
    "Picked",
    "RecalledFromWarehouse",
    "ReceiptConfirmed",
    "Resumed",
    "SentToWarehouse",
    "ShortPicked",
    "StockAnswer",
    "StockAsked",
    "StockReconfirmed",
    "Taken",
    "UnitsBackordered",
    "UnitsCancelled",
    "UnitsMoved",
    "UnitsReserved",
    "Unpacked",
]
