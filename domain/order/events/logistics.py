"""Facts from logistics and carriers."""

from __future__ import annotations

from datetime import date

from domain.event_values import PersonalText, StockTotals
from domain.order.events.moving import UnitsMoved
from domain.order.terms import Evidence, ParcelStatus


class HandedOver(UnitsMoved):
    """A parcel left the house. Nothing moves where the order has no such parcel, or it had left before."""

    parcel: int
    carrier: str
    service: str | None = None
    tracking_number: str | None = None
    issued: tuple[StockTotals, ...]
    """Units of its lines that have left the house to date, in totals, per stock item."""


class CheckpointRecorded(UnitsMoved):
    """A carrier said where a parcel is. `parcel` None: no parcel of this order has that number.

    Of several parcels under one number, each has an event. Units move where it shows that the parcel had turned round
    before the delivery that was taken for a receipt.
    """

    parcel: int | None = None
    carrier: str
    tracking_number: str
    status: ParcelStatus
    code: str
    place: PersonalText | None = None
    message: PersonalText | None = None
    expected_on: date | None = None


class ReceiptConfirmed(UnitsMoved):
    """The customer has the contents of a parcel."""

    parcel: int
    evidence: Evidence
    received_by: PersonalText | None = None
    issued: tuple[StockTotals, ...] = ()
    """Not empty where the hand-over was never recorded: units of its lines that have left the house to date."""
