"""Facts from logistics and carriers."""

from __future__ import annotations

from datetime import date

from domain.decider import Event
from domain.order.terms import Evidence, ParcelNumber, ParcelStatus
from domain.values import PersonalText, StockTotals, Text, Units


class HandedOver(Event):
    """A parcel left the house. `contents` is empty where the ledger had nothing to move."""

    parcel: ParcelNumber
    carrier: Text
    service: Text | None = None
    tracking_number: Text | None = None
    contents: tuple[Units, ...]
    issued: tuple[StockTotals, ...]
    """Units that have left the house to date, in totals, per stock item concerned."""


class CheckpointRecorded(Event):
    """A carrier said where a parcel is. `parcel` None: no parcel of this order has that number."""

    parcel: ParcelNumber | None = None
    carrier: Text
    tracking_number: Text
    status: ParcelStatus
    code: Text
    place: Text | None = None
    message: Text | None = None
    expected_on: date | None = None


class ReceiptConfirmed(Event):
    """The customer has the contents of a parcel."""

    parcel: ParcelNumber
    evidence: Evidence
    received_by: PersonalText | None = None
    contents: tuple[Units, ...]
    issued: tuple[StockTotals, ...] = ()
    """Not empty where the hand-over was never recorded: units that have left the house to date."""
