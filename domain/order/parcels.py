"""How events change the parcels of an order, and the units inside them. The half of `evolve` that concerns logistics.

Decides: what a parcel is after an event. Must not know: commands, refusals; as in `evolve`, nothing here raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.order.ledger import moved
from domain.order.state import CarrierCheckpoint, Parcel
from domain.order.terms import Bucket, Outcome, ParcelStatus
from domain.replacing import replace

if TYPE_CHECKING:
    from datetime import datetime

    from domain.order.event_terms import Move
    from domain.order.events import (
        CheckpointRecorded,
        ExceptionResolved,
        HandedOver,
        Packed,
        ReceiptConfirmed,
        Unpacked,
    )
    from domain.order.ledger import Ledger
    from domain.order.state import Order


def parcel_of(order: Order, number: int) -> Parcel | None:
    """The parcel of this number; None where the order has none."""
    return next((parcel for parcel in order.parcels if parcel.number == number), None)


WHERE: Final = {
    Outcome.UNDER_WAY: Bucket.HANDED_OVER,
    Outcome.LOST: Bucket.LOST,
    Outcome.RETURNED: Bucket.RETURNED,
}
"""Where the units of a parcel are after each outcome."""


def whereabouts(parcel: Parcel) -> Bucket:
    """Where the units of a parcel are."""
    if parcel.received_at is not None:
        return Bucket.RECEIVED
    if parcel.outcome is not None:
        return WHERE[parcel.outcome]
    return Bucket.PACKED if parcel.handed_over_at is None else Bucket.HANDED_OVER


FOUND_OUT: Final = {Bucket.LOST: ParcelStatus.LOST, Bucket.RETURNED: ParcelStatus.RETURNED}
"""What a person has found out of a parcel, whatever its carrier said last."""


def status_told(parcel: Parcel) -> ParcelStatus | None:
    """What every reader is told of a parcel on its way; None before anything is known."""
    return FOUND_OUT.get(whereabouts(parcel), parcel.status)


def moves_of(ledger: Ledger, parcel: Parcel, target: Bucket) -> tuple[Move, ...]:
    """The contents of a parcel move from where they are."""
    source = whereabouts(parcel)
    if source is target:
        return ()
    return tuple(
        move
        for units in parcel.contents
        for move in ledger.take(units.line, units.quantity, sources=(source,), target=target)
    )


def parcels_tracked(order: Order, carrier: str, tracking_number: str) -> tuple[Parcel, ...]:
    """Parcels that this carrier has under this number. If it has none, the first with the number is meant."""
    found = tuple(parcel for parcel in order.parcels if parcel.tracking_number == tracking_number)
    return tuple(parcel for parcel in found if same_carrier(parcel.carrier or "", carrier)) or found[:1]


def under_way(parcels: tuple[Parcel, ...]) -> tuple[Parcel, ...]:
    """Those that a carrier's message is about: what still is on its way, or all where nothing is any more."""
    return tuple(parcel for parcel in parcels if whereabouts(parcel) is Bucket.HANDED_OVER) or parcels


def same_carrier(one: str, other: str) -> bool:
    """Carriers' names are compared without regard to case."""
    return one.casefold() == other.casefold()


def early_checkpoints(order: Order, parcel: Parcel) -> tuple[CarrierCheckpoint, ...]:
    """Stray messages that find the parcel as it is now: what was entered first, they or the hand-over, is chance."""
    known = replace(order, parcels=_with_parcel(order, parcel))
    return tuple(
        stray
        for stray in order.stray_checkpoints
        if stray.tracking_number == parcel.tracking_number
        and parcel in parcels_tracked(known, stray.carrier, stray.tracking_number)
    )


def packed(order: Order, event: Packed) -> Order:
    """A new parcel with these units."""
    parcel = Parcel(event.parcel, event.contents, event.occurred_at, event.weight_g)
    others = tuple(other for other in order.parcels if other.number != event.parcel)
    return replace(moved(order, event.moves), parcels=(*others, parcel))


def unpacked(order: Order, event: Unpacked) -> Order:
    """The parcel is empty; its number stays taken."""
    parcel = parcel_of(order, event.parcel)
    parcels = order.parcels if parcel is None else _with_parcel(order, replace(parcel, contents=()))
    return replace(moved(order, event.moves), parcels=parcels)


def handed_over(order: Order, event: HandedOver) -> Order:
    """The parcel is with its carrier; a second message corrects carrier and tracking number."""
    there = moved(order, event.moves)
    parcel = parcel_of(order, event.parcel)
    if parcel is None or not parcel.contents:
        return there
    gone = replace(
        parcel,
        carrier=event.carrier,
        service=event.service or parcel.service,
        tracking_number=event.tracking_number or parcel.tracking_number,
        handed_over_at=parcel.handed_over_at or event.occurred_at,
    )
    early = early_checkpoints(order, gone)
    return replace(
        there,
        parcels=_with_parcel(order, with_checkpoints(gone, early)),
        stray_checkpoints=tuple(stray for stray in order.stray_checkpoints if stray not in early),
        shipped_at=_earlier(order.shipped_at, event.occurred_at),
    )


def checkpoint_of(event: CheckpointRecorded) -> CarrierCheckpoint:
    """The carrier's message as the order keeps it."""
    return CarrierCheckpoint(
        carrier=event.carrier,
        tracking_number=event.tracking_number,
        occurred_at=event.occurred_at,
        code=event.code,
        status=event.status,
        place=event.place,
        message=event.message,
        expected_on=event.expected_on,
    )


def checkpoint_recorded(order: Order, event: CheckpointRecorded) -> Order:
    """The message takes its place among the parcel's by when it happened."""
    checkpoint = checkpoint_of(event)
    order = moved(order, event.moves)
    parcel = None if event.parcel is None else parcel_of(order, event.parcel)
    if parcel is None:
        return replace(order, stray_checkpoints=(*order.stray_checkpoints, checkpoint))
    moved_on = with_checkpoints(parcel, (checkpoint,))
    there = replace(order, parcels=_with_parcel(order, moved_on))
    return _not_received(there, moved_on) if event.moves else there


def received(order: Order, event: ReceiptConfirmed) -> Order:
    """The customer has the parcel; one that was never handed over is received all the same."""
    there = moved(order, event.moves)
    parcel = parcel_of(order, event.parcel)
    if parcel is None or parcel.received_at is not None:
        return there
    arrived = replace(parcel, received_at=event.occurred_at, evidence=event.evidence)
    return replace(
        there,
        parcels=_with_parcel(order, arrived),
        shipped_at=_earlier(order.shipped_at, event.occurred_at),
        received_at=max(order.received_at or event.occurred_at, event.occurred_at),
    )


def with_checkpoints(parcel: Parcel, told: tuple[CarrierCheckpoint, ...]) -> Parcel:
    """The parcel with these messages too, each in its place."""
    ranked = sorted((*parcel.checkpoints, *told), key=lambda known: known.occurred_at)
    days = (known.expected_on for known in reversed(ranked) if known.expected_on is not None)
    return replace(parcel, checkpoints=tuple(ranked), expected_on=next(days, None))


def _not_received(order: Order, parcel: Parcel) -> Order:
    """The carrier's delivery was none to the customer."""
    order = replace(order, parcels=_with_parcel(order, without_receipt(parcel)))
    moments = (other.received_at for other in order.parcels if other.received_at is not None)
    return replace(order, received_at=max(moments, default=None))


def without_receipt(parcel: Parcel) -> Parcel:
    """The parcel as if its customer had never had it."""
    return replace(parcel, received_at=None, evidence=None)


def with_outcome(order: Order, number: int | None, event: ExceptionResolved) -> Order:
    """Somebody found out what became of a parcel that was lost or on its way back; where units moved, it is there."""
    parcel = None if number is None else parcel_of(order, number)
    if parcel is None:
        return order
    looked = max((event.occurred_at, *(known.occurred_at for known in parcel.checkpoints)))
    settled = replace(parcel, outcome=event.outcome, outcome_at=looked)
    there = replace(order, parcels=_with_parcel(order, settled))
    return _not_received(there, settled) if event.moves and settled.received_at else there


def _with_parcel(order: Order, changed: Parcel) -> tuple[Parcel, ...]:
    return tuple(changed if parcel.number == changed.number else parcel for parcel in order.parcels)


def _earlier(known: datetime | None, moment: datetime) -> datetime:
    return moment if known is None else min(known, moment)
