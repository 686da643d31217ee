"""Terms that order commands and order events share: buckets, holds, parcels, checkpoints, exceptions."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Annotated, Final

from pydantic import Field

from domain.roles import Party
from domain.values import LineNumber, Model, Moment, Quantity, Reason, Sku, Text


class Bucket(IntEnum):
    """Where a unit is. Every unit of a goods line is in exactly one; EXCESS units were never ordered."""

    OPEN = 0
    BACKORDERED = 1
    RESERVED = 2
    SENT = 3
    PICKED = 4
    PACKED = 5
    HANDED_OVER = 6
    RECEIVED = 7
    RETURNED = 8
    LOST = 9
    CANCELLED = 10
    EXCESS = 11


ParcelNumber = Annotated[int, Field(strict=True, ge=1, le=10**6)]
"""Number of a parcel within its order, from 1."""

HoldNumber = Annotated[int, Field(strict=True, ge=1, le=10**6)]
"""Number of a hold within its order, from 1."""

ExceptionNumber = Annotated[int, Field(strict=True, ge=1, le=10**6)]
"""Number of an exception within its order, from 1."""


class Step(StrEnum):
    """What a hold can stop."""

    CONFIRM = "confirm"
    RESERVE = "reserve"
    SEND = "send"
    HAND_OVER = "hand-over"


class HoldType(StrEnum):
    """Why an order stands still."""

    CREDIT = "credit"
    PAYMENT = "payment"
    FRAUD = "fraud"
    ADDRESS = "address"
    STOCK = "stock"
    PRICE = "price"
    APPROVAL = "approval"
    CUSTOMER_REQUEST = "customer-request"
    COMPLIANCE = "compliance"
    DATE_UNKNOWN = "date-unknown"
    MANUAL = "manual"


HOLD_OWNERS: Final[dict[HoldType, Party]] = {
    HoldType.CREDIT: Party.FINANCE,
    HoldType.PAYMENT: Party.FINANCE,
    HoldType.FRAUD: Party.FINANCE,
    HoldType.ADDRESS: Party.CUSTOMER_SERVICE,
    HoldType.STOCK: Party.PURCHASING,
    HoldType.PRICE: Party.SALES,
    HoldType.APPROVAL: Party.SALES,
    HoldType.CUSTOMER_REQUEST: Party.CUSTOMER,
    HoldType.COMPLIANCE: Party.WAREHOUSE,
    HoldType.DATE_UNKNOWN: Party.PURCHASING,
    HoldType.MANUAL: Party.SALES,
}
"""The department that a held order waits for."""

DEFAULT_BLOCKS: Final = (Step.CONFIRM, Step.SEND, Step.HAND_OVER)
"""What a hold stops unless it says otherwise: reserving goes on, so that a held order does not lose its place."""


class HoldTerms(Model):
    """A hold as somebody asks for it."""

    type: HoldType
    blocks: Annotated[tuple[Step, ...], Field(min_length=1, max_length=len(Step))] = DEFAULT_BLOCKS
    reason: Reason
    review_at: Moment | None = None
    """When somebody wants to look at it again; None where nobody said."""


class PickedUnits(Model):
    """Units as they were picked. `line` None is an article that the order does not have."""

    line: LineNumber | None = None
    sku: Sku | None = None
    """Needed where `line` is None; otherwise the line's own."""
    quantity: Quantity
    bin: Text | None = None
    lot: Text | None = None
    serial: Text | None = None


class Excess(Model):
    """Units that a fact names and the order has no room for."""

    line: LineNumber | None = None
    sku: Sku | None = None
    quantity: Quantity


class Moved(Model):
    """Units that left one bucket of a line; the event says for which."""

    line: LineNumber
    quantity: Quantity
    source: Bucket


class ParcelStatus(StrEnum):
    """What a carrier says of a parcel, in one vocabulary for all carriers."""

    CREATED = "created"
    PRE_TRANSIT = "pre-transit"
    IN_TRANSIT = "in-transit"
    OUT_FOR_DELIVERY = "out-for-delivery"
    PICKUP_READY = "pickup-ready"
    ATTEMPT_FAILED = "attempt-failed"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    RETURNING = "returning"
    RETURNED = "returned"
    LOST = "lost"


class Evidence(StrEnum):
    """How we know that the customer has the goods."""

    CARRIER_SCAN = "carrier-scan"
    OWN_VAN = "own-van"
    COUNTER = "counter"
    SILENT_CARRIER = "silent-carrier"


class ExceptionCode(StrEnum):
    """Trouble that somebody has to look at, reported by carriers or shown by our own facts."""

    EXCESS = "excess"
    SHORT_PICK = "short-pick"
    UNKNOWN_PARCEL = "unknown-parcel"
    HANDED_OVER_ON_HOLD = "handed-over-on-hold"
    ATTEMPT_FAILED = "attempt-failed"
    CARRIER_EXCEPTION = "carrier-exception"
    RETURN_TO_SENDER = "return-to-sender"
    LOST = "lost"
    WORKFLOW_REFUSED = "workflow-refused"


EXCEPTION_OWNERS: Final[dict[ExceptionCode, Party]] = {
    ExceptionCode.EXCESS: Party.WAREHOUSE,
    ExceptionCode.SHORT_PICK: Party.WAREHOUSE,
    ExceptionCode.UNKNOWN_PARCEL: Party.LOGISTICS,
    ExceptionCode.HANDED_OVER_ON_HOLD: Party.LOGISTICS,
    ExceptionCode.ATTEMPT_FAILED: Party.CUSTOMER_SERVICE,
    ExceptionCode.CARRIER_EXCEPTION: Party.CUSTOMER_SERVICE,
    ExceptionCode.RETURN_TO_SENDER: Party.CUSTOMER_SERVICE,
    ExceptionCode.LOST: Party.CUSTOMER_SERVICE,
    ExceptionCode.WORKFLOW_REFUSED: Party.SALES,
}
"""The department that looks at it."""


class Audience(StrEnum):
    """Who may read a note."""

    INTERNAL = "internal"
    CUSTOMER = "customer"


class Channel(StrEnum):
    """How the customer reached us."""

    PHONE = "phone"
    EMAIL = "email"
    CHAT = "chat"
    IN_PERSON = "in-person"
    OTHER = "other"


class CancelCause(StrEnum):
    """Who wanted units cancelled, or why we did."""

    CUSTOMER = "customer"
    US = "us"
    NO_STOCK = "no-stock"
