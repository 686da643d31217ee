"""Commands of logistics and carriers: hand over, record checkpoint, confirm receipt."""

from __future__ import annotations

from typing import ClassVar

from domain.decider import Command
from domain.order.command_terms import ParcelNumber
from domain.order.terms import Evidence, ParcelStatus
from domain.values import Day, PersonalText, Text


class HandOver(Command):
    """A parcel left the house."""

    fact: ClassVar[bool] = True

    parcel: ParcelNumber
    carrier: Text
    service: Text | None = None
    tracking_number: Text | None = None


class RecordCheckpoint(Command):
    """A carrier says where a parcel is. Out of order and twice is ordinary; `occurred_at` ranks it."""

    fact: ClassVar[bool] = True

    carrier: Text
    tracking_number: Text
    status: ParcelStatus
    code: Text
    """The carrier's own code, as it came."""
    place: PersonalText | None = None
    message: PersonalText | None = None
    """The carrier's own words, as they came."""
    expected_on: Day | None = None
    """The day the carrier names for delivery; None where it names none."""


class ConfirmReceipt(Command):
    """Somebody knows that the customer has the goods; without `parcel`, all that was handed over."""

    fact: ClassVar[bool] = True
    final: ClassVar[bool] = True

    parcel: ParcelNumber | None = None
    evidence: Evidence
    received_by: PersonalText | None = None
