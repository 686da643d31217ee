"""The tracking view: what the customer with a link may see of an order, and nothing else.

Decides: which facts reach the customer, in plain codes. No e-mail, no street, no names of people, no inner words.
Must not know: sentences and languages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from domain.event_values import DateSource
from domain.order.ledger import GONE, LIVE
from domain.order.parcels import status_told, whereabouts
from domain.order.state import LineState, Order, Parcel
from domain.order.status import Milestone, milestone, stands_still
from domain.order.terms import HAVE_OUTCOME, Bucket, ExceptionCode, HoldType, ParcelStatus
from projections.tracking_document import (
    TrackedCheckpoint,
    TrackedDate,
    TrackedDateKind,
    TrackedLine,
    TrackedMilestone,
    TrackedNote,
    TrackedParcel,
    TrackedProblem,
    TrackedTrouble,
    TrackedUnits,
    TrackingDocument,
    UnitState,
)
from projections.view import Connection, Folded, StateRow, StateView, fetch_one


class TrackingRow(StateRow):
    """One order under its unguessable token. `milestone` None: it was cancelled."""

    tracking_token: str
    order_id: UUID
    number: str
    milestone: Milestone | None
    cancelled: bool
    document: TrackingDocument


TABLE: Final[LiteralString] = """
CREATE TABLE {table} ({columns}, UNIQUE (tracking_token), UNIQUE (order_id));
"""

STATES: Final = {
    Bucket.OPEN: UnitState.BEING_ARRANGED,
    Bucket.BACKORDERED: UnitState.WAITING_FOR_STOCK,
    Bucket.RESERVED: UnitState.BEING_PREPARED,
    Bucket.SENT: UnitState.BEING_PREPARED,
    Bucket.PICKED: UnitState.BEING_PREPARED,
    Bucket.PACKED: UnitState.BEING_PREPARED,
    Bucket.HANDED_OVER: UnitState.ON_THE_WAY,
    Bucket.RECEIVED: UnitState.RECEIVED,
    Bucket.RETURNED: UnitState.RETURNED,
    Bucket.LOST: UnitState.LOST,
    Bucket.CANCELLED: UnitState.CANCELLED,
}
"""Excess units are ours to sort out; the customer did not order them."""

NEEDS_CUSTOMER: Final = {
    HoldType.ADDRESS: TrackedProblem.ADDRESS_NEEDED,
    HoldType.PAYMENT: TrackedProblem.PAYMENT_NEEDED,
    HoldType.CUSTOMER_REQUEST: TrackedProblem.CUSTOMER_WAITS,
}
"""The other holds are ours to lift, and why we hold is not for everybody with the link."""

TOLD_PROBLEMS: Final = {
    ExceptionCode.ATTEMPT_FAILED: TrackedProblem.ATTEMPT_FAILED,
    ExceptionCode.CARRIER_EXCEPTION: TrackedProblem.CARRIER_EXCEPTION,
    ExceptionCode.RETURN_TO_SENDER: TrackedProblem.RETURN_TO_SENDER,
    ExceptionCode.LOST: TrackedProblem.LOST,
}
"""The other exceptions are ours to sort out."""


def tracking_row(folded: Folded[Order | None]) -> TrackingRow | None:
    """The order as its customer may see it; None as long as nothing was placed in the stream."""
    order = folded.state
    if order is None:
        return None
    reached = milestone(order)
    return TrackingRow(
        **folded.stamp(),
        tracking_token=order.tracking_token,
        order_id=UUID(order.order_id),
        number=order.number,
        milestone=reached,
        cancelled=reached is None,
        document=_document(order, reached),
    )


def _document(order: Order, reached: Milestone | None) -> TrackingDocument:
    lines = sorted(order.lines.items(), key=lambda item: item[0])
    return TrackingDocument(
        milestones=tuple(_milestones(order, reached)),
        parcels=tuple(_parcel(order, parcel) for parcel in order.parcels if parcel.contents and _left(parcel)),
        lines=tuple(_line(number, line) for number, line in lines),
        dates=tuple(_dates(order)),
        notes=tuple(TrackedNote(written_at=note.written_at, text=note.text) for note in order.customer_notes),
        problems=tuple(_problems(order)),
        units_of=order.count(*LIVE),
        units_shipped=order.count(*GONE),
        units_received=order.count(Bucket.RECEIVED),
        units_refused=min(order.refused, order.count(Bucket.CANCELLED)),
        placed_at=order.placed_at,
        country=order.ship_to.country,
    )


def _left(parcel: Parcel) -> bool:
    return bool(parcel.handed_over_at or parcel.received_at or parcel.checkpoints)


def _milestones(order: Order, reached: Milestone | None) -> Iterator[TrackedMilestone]:
    codes = tuple(Milestone)
    last = -1 if reached is None else codes.index(reached)
    moments = {
        Milestone.ORDERED: order.placed_at,
        Milestone.CONFIRMED: order.confirmed_at,
        Milestone.BEING_PREPARED: order.sent_at,
        Milestone.SHIPPED: order.shipped_at,
        Milestone.OUT_FOR_DELIVERY: _out_for_delivery_at(order),
        Milestone.RECEIVED: order.received_at,
    }
    for place, code in enumerate(codes):
        is_reached = place <= last or code is Milestone.ORDERED
        yield TrackedMilestone(code=code, reached=is_reached, reached_at=moments[code] if is_reached else None)


def _out_for_delivery_at(order: Order) -> datetime | None:
    """Of what the carrier brings now; once all is there, of what it brought."""
    brought = [parcel for parcel in order.parcels if whereabouts(parcel) is Bucket.HANDED_OVER] or order.parcels
    moments = (
        checkpoint.occurred_at
        for parcel in brought
        for checkpoint in parcel.checkpoints
        if checkpoint.status is ParcelStatus.OUT_FOR_DELIVERY
    )
    return min(moments, default=None)


def _parcel(order: Order, parcel: Parcel) -> TrackedParcel:
    return TrackedParcel(
        number=parcel.number,
        carrier=parcel.carrier,
        service=parcel.service,
        tracking_number=parcel.tracking_number,
        status=status_told(parcel),
        where=STATES[whereabouts(parcel)],
        handed_over_at=parcel.handed_over_at,
        received_at=parcel.received_at,
        expected_on=None if _is_in_doubt(order, parcel) else parcel.expected_on,
        contents=tuple(
            TrackedUnits(
                line=units.line,
                name=order.lines[units.line].line.name,
                unit=order.lines[units.line].line.unit,
                quantity=units.quantity,
            )
            for units in parcel.contents
        ),
        checkpoints=tuple(
            TrackedCheckpoint(occurred_at=one.occurred_at, status=one.status, place=one.place)
            for one in reversed(parcel.checkpoints)
        ),
    )


def _line(number: int, line: LineState) -> TrackedLine:
    states = Counter[UnitState]()
    for bucket, state in STATES.items():
        states[state] += line.buckets[bucket]
    return TrackedLine(
        line=number,
        name=line.line.name,
        unit=line.line.unit,
        quantity=line.line.quantity,
        states={state: count for state, count in states.items() if count},
    )


def _dates(order: Order) -> Iterator[TrackedDate]:
    if order.requested_date is not None:
        yield TrackedDate(kind=TrackedDateKind.REQUESTED, on=order.requested_date, source=DateSource.ORDER)
    for promise in order.promises:
        yield TrackedDate(
            kind=TrackedDateKind.PROMISED,
            on=promise.on,
            source=promise.source,
            line=promise.line,
            quantity=promise.quantity,
            gone=order.gone_before_promise.get(promise.line, 0),
        )
    for parcel in order.parcels:
        on_its_way = whereabouts(parcel) is Bucket.HANDED_OVER and not _is_in_doubt(order, parcel)
        if parcel.expected_on is not None and on_its_way:
            yield TrackedDate(
                kind=TrackedDateKind.EXPECTED, on=parcel.expected_on, source=DateSource.CARRIER, parcel=parcel.number
            )


def _is_in_doubt(order: Order, parcel: Parcel) -> bool:
    """Whether nobody knows yet if the carrier still brings the parcel: until then its date means nothing."""
    return any(trouble.code in HAVE_OUTCOME and trouble.about.parcel == parcel.number for trouble in order.exceptions)


def _problems(order: Order) -> Iterator[TrackedTrouble]:
    held: dict[TrackedProblem, datetime] = {}
    for hold in order.holds if stands_still(order) else ():
        code, since = NEEDS_CUSTOMER.get(hold.type, TrackedProblem.ON_HOLD), hold.placed_at or order.placed_at
        held[code] = min(since, held.get(code, since))
    for code, since in held.items():
        yield TrackedTrouble(code=code, since=since)
    for trouble in order.exceptions:
        if trouble.code in TOLD_PROBLEMS:
            yield TrackedTrouble(code=TOLD_PROBLEMS[trouble.code], since=trouble.opened_at)


VIEW: Final = StateView(name="tracking", version=7, kind="order", row=TrackingRow, table=TABLE, rows=tracking_row)


async def by_token(connection: Connection, token: str) -> TrackingRow | None:
    """The order that a tracking link belongs to, or None."""
    return await fetch_one(connection, VIEW, TrackingRow, ("tracking_token = %s", (token,)))
