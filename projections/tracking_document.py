"""What a tracking page is made of: milestones, parcels, lines, dates, notes, problems.

Decides: the shapes that a customer with a link may see. No e-mail, no street, no names of people, no inner words.
Must not know: how they are made of an order.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

from domain.event_values import DateSource
from domain.order.status import Milestone
from domain.order.terms import ParcelStatus
from projections.view import Part


class UnitState(StrEnum):
    """Where units are, in the customer's eyes."""

    BEING_ARRANGED = "being-arranged"
    WAITING_FOR_STOCK = "waiting-for-stock"
    BEING_PREPARED = "being-prepared"
    ON_THE_WAY = "on-the-way"
    RECEIVED = "received"
    RETURNED = "returned"
    LOST = "lost"
    CANCELLED = "cancelled"


class TrackedProblem(StrEnum):
    """Trouble the customer should know of."""

    ON_HOLD = "on-hold"
    """We look into something before the order goes on."""
    ADDRESS_NEEDED = "address-needed"
    PAYMENT_NEEDED = "payment-needed"
    CUSTOMER_WAITS = "customer-waits"
    """It stands still because the customer asked for it."""
    ATTEMPT_FAILED = "attempt-failed"
    CARRIER_EXCEPTION = "carrier-exception"
    RETURN_TO_SENDER = "return-to-sender"
    LOST = "lost"


HELD: Final = frozenset(
    {
        TrackedProblem.ON_HOLD,
        TrackedProblem.ADDRESS_NEEDED,
        TrackedProblem.PAYMENT_NEEDED,
        TrackedProblem.CUSTOMER_WAITS,
    }
)
"""An order stands still; nothing has gone wrong on its way."""


class TrackedDateKind(StrEnum):
    """Which date it is."""

    REQUESTED = "requested"
    PROMISED = "promised"
    EXPECTED = "expected"


class TrackedMilestone(Part):
    """A step of the way. `reached_at` may be None for a reached step of which nobody recorded the moment."""

    code: Milestone
    reached: bool
    reached_at: datetime | None


class TrackedUnits(Part):
    """Units of one article."""

    line: int
    name: str
    unit: str
    quantity: int


class TrackedCheckpoint(Part):
    """What a carrier said."""

    occurred_at: datetime
    status: ParcelStatus
    place: str | None


class TrackedParcel(Part):
    """A parcel that has left the house; checkpoints newest first."""

    number: int
    carrier: str | None
    service: str | None
    tracking_number: str | None
    status: ParcelStatus | None
    """What the newest checkpoint says, or a person found out; None before the first."""
    where: UnitState
    """Where its units are, whatever its carrier said last."""
    handed_over_at: datetime | None
    received_at: datetime | None
    expected_on: date | None
    """The day the carrier named."""
    contents: tuple[TrackedUnits, ...]
    checkpoints: tuple[TrackedCheckpoint, ...]


class TrackedLine(Part):
    """An article ordered, and where its units are; states without units are left out. No goods, no states."""

    line: int
    name: str
    unit: str
    quantity: int
    states: dict[UnitState, int]


class TrackedDate(Part):
    """A date somebody gave. `line` and `quantity` for a promise of part of an order, `parcel` for a carrier's date."""

    kind: TrackedDateKind
    on: date
    source: DateSource
    line: int | None = None
    quantity: int | None = None
    gone: int = 0
    """Units of the line that had left the house when it was promised."""
    parcel: int | None = None


class TrackedNote(Part):
    """A note written for the customer."""

    written_at: datetime
    text: str


class TrackedTrouble(Part):
    """A problem and since when."""

    code: TrackedProblem
    since: datetime


class TrackingDocument(Part):
    """The whole tracking page."""

    milestones: tuple[TrackedMilestone, ...]
    """All of them, in order."""
    parcels: tuple[TrackedParcel, ...]
    lines: tuple[TrackedLine, ...]
    """Every line, in order, with the state of its units: what is in no parcel is found here."""
    dates: tuple[TrackedDate, ...]
    notes: tuple[TrackedNote, ...]
    problems: tuple[TrackedTrouble, ...]
    units_of: int
    """Live units."""
    units_shipped: int
    """Live units that have left the house."""
    units_received: int
    units_refused: int
    """Units cancelled because there was no stock for them."""
    placed_at: datetime
    country: str
