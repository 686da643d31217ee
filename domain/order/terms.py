"""The vocabulary of orders: buckets, steps, holds, parcels, evidence, exceptions, causes.

Decides: which codes there are and which department looks at what. Must not know: words on screen. Codes are stored in
events: one may be added, none may go.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final

from domain.roles import Party


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


BUCKET_OF_NAME: Final = {bucket.name.lower().replace("_", "-"): bucket for bucket in Bucket}
"""By the names that documents use."""


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


COMING_BACK: Final = frozenset({ParcelStatus.RETURNING, ParcelStatus.RETURNED})

NOT_COMING: Final = COMING_BACK | {ParcelStatus.LOST}
"""What a carrier says of a parcel that its customer is not to wait for."""


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
    HANDED_OVER_INCOMPLETE = "handed-over-incomplete"
    ATTEMPT_FAILED = "attempt-failed"
    CARRIER_EXCEPTION = "carrier-exception"
    RETURN_TO_SENDER = "return-to-sender"
    LOST = "lost"
    WORKFLOW_REFUSED = "workflow-refused"
    UNITS_MISSING = "units-missing"
    PICKED_IN_VAIN = "picked-in-vain"


EXCEPTION_OWNERS: Final[dict[ExceptionCode, Party]] = {
    ExceptionCode.EXCESS: Party.WAREHOUSE,
    ExceptionCode.SHORT_PICK: Party.WAREHOUSE,
    ExceptionCode.UNKNOWN_PARCEL: Party.LOGISTICS,
    ExceptionCode.HANDED_OVER_ON_HOLD: Party.LOGISTICS,
    ExceptionCode.HANDED_OVER_INCOMPLETE: Party.LOGISTICS,
    ExceptionCode.ATTEMPT_FAILED: Party.CUSTOMER_SERVICE,
    ExceptionCode.CARRIER_EXCEPTION: Party.CUSTOMER_SERVICE,
    ExceptionCode.RETURN_TO_SENDER: Party.CUSTOMER_SERVICE,
    ExceptionCode.LOST: Party.CUSTOMER_SERVICE,
    ExceptionCode.WORKFLOW_REFUSED: Party.SALES,
    ExceptionCode.UNITS_MISSING: Party.SALES,
    ExceptionCode.PICKED_IN_VAIN: Party.WAREHOUSE,
}
"""The department that looks at it."""


HAVE_OUTCOME: Final = frozenset({ExceptionCode.LOST, ExceptionCode.RETURN_TO_SENDER})
"""Trouble after which nobody is to wait for the carrier unless somebody says that the parcel is still coming."""


class Misfit(StrEnum):
    """Why an order has no line for units that a fact names."""

    LINE_NOT_NAMED = "line-not-named"
    """The article is in the order; its line was not named, or another one was."""
    NO_SUCH_LINE = "no-such-line"
    """No goods line has the number that was named, and no article was."""
    NOT_IN_ORDER = "not-in-order"
    """No goods line has the article."""


class Outcome(StrEnum):
    """What became of a parcel that a carrier reported lost or on its way back."""

    UNDER_WAY = "under-way"
    LOST = "lost"
    RETURNED = "returned"


NOT_TO_COME: Final = frozenset({Outcome.LOST, Outcome.RETURNED})


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
