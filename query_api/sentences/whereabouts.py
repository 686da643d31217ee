"""Which units of an order are told of together, and what is known of them: the arithmetic that all languages share.

Decides: what the tracking document is enough to say. Must not know: words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import Enum, auto
from typing import Final

from domain.company_time import day_in
from domain.order.status import Milestone
from domain.order.terms import ParcelStatus
from projections.tracking_document import (
    HELD,
    TrackedDateKind,
    TrackedLine,
    TrackedParcel,
    TrackedProblem,
    TrackingDocument,
    UnitState,
)


class Whereabouts(Enum):
    """Where units are: as `UnitState`, and how far they are there. In the order in which they are told."""

    RECEIVED = auto()
    OUT_FOR_DELIVERY = auto()
    TO_COLLECT = auto()
    SHIPPED = auto()
    COMING_BACK = auto()
    NOT_FOUND = auto()
    """Its carrier cannot find the parcel; nobody has looked into it yet."""
    SENT_BACK = auto()
    LOST = auto()
    BEING_PREPARED = auto()
    CONFIRMED = auto()
    WAITING = auto()
    ORDERED = auto()
    BEING_ARRANGED = auto()
    CANCELLED = auto()
    REFUSED = auto()
    """Cancelled because there was no stock for them."""


@dataclass(frozen=True, slots=True)
class UnitsTogether:
    """Units that are at the same place; of what nobody knows, nothing is said."""

    where: Whereabouts
    units: int
    day: date | None = None
    """When they came there; of several days the last."""
    several_days: bool = False
    carriers: tuple[str, ...] = ()
    expected: date | None = None
    """When the last of them should come."""


SAID_BY_CARRIER: Final = {
    ParcelStatus.OUT_FOR_DELIVERY: Whereabouts.OUT_FOR_DELIVERY,
    ParcelStatus.PICKUP_READY: Whereabouts.TO_COLLECT,
    ParcelStatus.RETURNING: Whereabouts.COMING_BACK,
    ParcelStatus.RETURNED: Whereabouts.COMING_BACK,
    ParcelStatus.LOST: Whereabouts.NOT_FOUND,
}
"""Where units are that are with a carrier; after any other news they are just shipped."""


def together(document: TrackingDocument, zone: tzinfo) -> tuple[UnitsTogether, ...]:
    """Every unit of the order once; days are of the zone. Empty where the order has no goods."""
    units = _by_state(document)
    refused = document.units_refused
    found = (
        *_with_parcels(document, units, zone),
        UnitsTogether(Whereabouts.SENT_BACK, units[UnitState.RETURNED]),
        UnitsTogether(Whereabouts.LOST, units[UnitState.LOST]),
        *_in_the_house(document, units, zone),
        UnitsTogether(Whereabouts.WAITING, units[UnitState.WAITING_FOR_STOCK], expected=_promised(document)),
        UnitsTogether(Whereabouts.CANCELLED, units[UnitState.CANCELLED] - refused),
        UnitsTogether(Whereabouts.REFUSED, refused),
    )
    return tuple(sorted((part for part in found if part.units), key=lambda part: part.where.value))


def holds_told(document: TrackingDocument) -> tuple[TrackedProblem, ...]:
    """Why the order stands still."""
    return tuple(trouble.code for trouble in document.problems if trouble.code in HELD)


def _by_state(document: TrackingDocument) -> Counter[UnitState]:
    units = Counter[UnitState]()
    for line in document.lines:
        units.update(line.states)
    return units


def _with_parcels(document: TrackingDocument, units: Counter[UnitState], zone: tzinfo) -> Iterator[UnitsTogether]:
    """What has been received, or is with a carrier."""
    received = [parcel for parcel in document.parcels if parcel.where is UnitState.RECEIVED]
    day, several = _last([parcel.received_at for parcel in received], zone)
    yield UnitsTogether(Whereabouts.RECEIVED, units[UnitState.RECEIVED], day, several)
    moving = [parcel for parcel in document.parcels if parcel.where is UnitState.ON_THE_WAY]
    for where in dict.fromkeys(map(_said, moving)):
        yield _carried(where, [parcel for parcel in moving if _said(parcel) is where], zone)


def _said(parcel: TrackedParcel) -> Whereabouts:
    return SAID_BY_CARRIER.get(parcel.status, Whereabouts.SHIPPED) if parcel.status else Whereabouts.SHIPPED


def _carried(where: Whereabouts, parcels: Sequence[TrackedParcel], zone: tzinfo) -> UnitsTogether:
    day, several = _last([parcel.handed_over_at for parcel in parcels], zone)
    carriers = {parcel.carrier.casefold(): parcel.carrier for parcel in parcels if parcel.carrier}
    arrivals = [parcel.expected_on for parcel in parcels if parcel.expected_on is not None]
    return UnitsTogether(
        where,
        sum(units.quantity for parcel in parcels for units in parcel.contents),
        day,
        several,
        tuple(carriers.values()),
        max(arrivals) if len(arrivals) == len(parcels) else None,
    )


def _last(moments: Sequence[datetime | None], zone: tzinfo) -> tuple[date | None, bool]:
    """The last of these days, and whether they are several; None where a moment is not known."""
    days = {day_in(zone, moment) for moment in moments if moment is not None}
    return (None, False) if not days or None in moments else (max(days), len(days) > 1)


def _in_the_house(document: TrackingDocument, units: Counter[UnitState], zone: tzinfo) -> Iterator[UnitsTogether]:
    """What is there or still looked for. Before the order is confirmed both are no more than ordered."""
    reached = {step.code: step.reached_at for step in document.milestones if step.reached}
    there, open_units = units[UnitState.BEING_PREPARED], units[UnitState.BEING_ARRANGED]
    if Milestone.CONFIRMED not in reached:
        yield UnitsTogether(Whereabouts.ORDERED, there + open_units, day_in(zone, document.placed_at))
        return
    yield UnitsTogether(Whereabouts.BEING_ARRANGED, open_units)
    if Milestone.BEING_PREPARED in reached:
        yield UnitsTogether(Whereabouts.BEING_PREPARED, there)
    else:
        yield UnitsTogether(Whereabouts.CONFIRMED, there, _last([reached[Milestone.CONFIRMED]], zone)[0])


def _promised(document: TrackingDocument) -> date | None:
    """The day for which all that waits for stock is promised."""
    days = [_promised_for(document, line) for line in document.lines if line.states.get(UnitState.WAITING_FOR_STOCK)]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def _promised_for(document: TrackingDocument, line: TrackedLine) -> date | None:
    """None where part of the line has no promise: that may be the part that waits."""
    promises = [one for one in document.dates if one.kind is TrackedDateKind.PROMISED and one.line == line.line]
    live = sum(line.states.values()) - line.states.get(UnitState.CANCELLED, 0)
    covered = max((one.gone for one in promises), default=0) + sum(one.quantity or 0 for one in promises)
    return max(one.on for one in promises) if promises and covered >= live else None
