"""What logistics and carriers tell us: hand over, record checkpoint. It happened: never refused.

A message for a parcel that the order does not have, or bad news about one that it has, opens an exception.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.decider import Rejected, require
from domain.order.decisions.consequences import folded
from domain.order.decisions.exceptions import is_open, opened_once_per_facts, opened_once_per_parcel
from domain.order.decisions.receipts import Proof, left_all_the_same, receipt_of
from domain.order.event_terms import TroubleFacts
from domain.order.events import CheckpointRecorded, HandedOver
from domain.order.ledger import Ledger, gone_to_date, stock_totals
from domain.order.parcels import (
    checkpoint_of,
    early_checkpoints,
    moves_of,
    parcel_of,
    parcels_tracked,
    same_carrier,
    under_way,
    whereabouts,
    with_checkpoints,
    without_receipt,
)
from domain.order.terms import (
    COMING_BACK,
    Bucket,
    Evidence,
    ExceptionCode,
    Outcome,
    ParcelStatus,
)
from domain.roles import Role

if TYPE_CHECKING:
    from datetime import datetime

    from domain.decider import Context
    from domain.order.commands import HandOver, RecordCheckpoint
    from domain.order.event_terms import Move
    from domain.order.events import ExceptionOpened, OrderEvent
    from domain.order.state import CarrierCheckpoint, Order, Parcel


class NotTheirParcel(Rejected):
    """No parcel of this order was handed to this carrier under this tracking number."""


BAD_NEWS: Final = {
    ParcelStatus.ATTEMPT_FAILED: ExceptionCode.ATTEMPT_FAILED,
    ParcelStatus.EXCEPTION: ExceptionCode.CARRIER_EXCEPTION,
    ParcelStatus.RETURNING: ExceptionCode.RETURN_TO_SENDER,
    ParcelStatus.RETURNED: ExceptionCode.RETURN_TO_SENDER,
    ParcelStatus.LOST: ExceptionCode.LOST,
    ParcelStatus.DELIVERED: ExceptionCode.RETURN_TO_SENDER,
}
"""Also of a parcel that was delivered, where it was delivered to us."""

LASTING: Final = {ExceptionCode.RETURN_TO_SENDER: Outcome.RETURNED, ExceptionCode.LOST: Outcome.LOST}
"""Bad news that a newer scan does not overtake, with the outcome that makes a repetition no news."""


def hand_over(order: Order, command: HandOver, context: Context) -> tuple[OrderEvent, ...]:
    """A parcel left. When repeated, only another carrier, service or tracking number is news."""
    parcel = parcel_of(order, command.parcel)
    if parcel is None or not parcel.contents:
        about = TroubleFacts(
            parcel=command.parcel,
            carrier=command.carrier,
            service=command.service,
            tracking_number=command.tracking_number,
        )
        unknown = opened_once_per_facts(order, ExceptionCode.UNKNOWN_PARCEL, about, context)
        return (_handed_over(order, command, None, context), *unknown) if unknown else ()
    if is_known_hand_over(parcel, command):
        return ()
    leaves_now = parcel.handed_over_at is None and parcel.received_at is None
    event = _handed_over(order, command, parcel if leaves_now else None, context)
    looked_at = left_all_the_same(order, parcel, context) if leaves_now else ()
    return event, *looked_at, *_upon_early_messages(order, event, looked_at, context)


def is_known_hand_over(parcel: Parcel, command: HandOver) -> bool:
    """Whether the parcel has left already, and by this carrier, service and number."""
    return (
        parcel.handed_over_at is not None
        and same_carrier(parcel.carrier or "", command.carrier)
        and command.tracking_number in {None, parcel.tracking_number}
        and command.service in {None, parcel.service}
    )


def _handed_over(order: Order, command: HandOver, leaving: Parcel | None, context: Context) -> HandedOver:
    ledger = Ledger(order)
    moves = moves_of(ledger, leaving, Bucket.HANDED_OVER) if leaving else ()
    return HandedOver(
        occurred_at=context.occurred_at,
        reason=command.reason,
        parcel=command.parcel,
        carrier=command.carrier,
        service=command.service,
        tracking_number=command.tracking_number,
        moves=moves,
        issued=stock_totals(ledger, (move.line for move in moves), gone_to_date),
    )


def _upon_early_messages(
    order: Order, left: HandedOver, looked_at: tuple[ExceptionOpened, ...], context: Context
) -> tuple[OrderEvent, ...]:
    """The carrier's messages may be quicker than our own: they may say already that the parcel is there, or lost."""
    gone = parcel_of(folded(order, (left,)), left.parcel)
    early = () if gone is None else early_checkpoints(order, gone)
    events: tuple[OrderEvent, ...] = ()
    for checkpoint in sorted(early, key=lambda known: known.occurred_at):
        after = folded(order, (left, *looked_at, *events))
        parcel = parcel_of(after, left.parcel)
        if parcel is not None:
            events += _upon_message(after, parcel, checkpoint, context)
    return events


def record_checkpoint(order: Order, command: RecordCheckpoint, context: Context) -> tuple[OrderEvent, ...]:
    """One message of a carrier, once.

    It concerns every parcel that is under way under the number, and each has its own event.
    Whoever speaks as a carrier speaks of its own parcels; what staff passes on is a fact and never refused.
    """
    parcels = parcels_tracked(order, command.carrier, command.tracking_number)
    theirs = any(same_carrier(parcel.carrier or "", command.carrier) for parcel in parcels)
    require(theirs or context.role is not Role.CARRIER, NotTheirParcel)
    if is_known_message(order, command, context.occurred_at):
        return ()
    if not parcels:
        about = TroubleFacts(carrier=command.carrier, tracking_number=command.tracking_number)
        unknown = opened_once_per_facts(order, ExceptionCode.UNKNOWN_PARCEL, about, context)
        return _recorded(command, None, context), *unknown
    events: tuple[OrderEvent, ...] = ()
    for parcel in under_way(parcels):
        events += _told_of(folded(order, events), parcel, command, context)
    return events


def _told_of(order: Order, parcel: Parcel, command: RecordCheckpoint, context: Context) -> tuple[OrderEvent, ...]:
    """What a message says of one parcel, and what follows from it."""
    recorded = _recorded(command, parcel, context)
    checkpoint = checkpoint_of(recorded)
    recorded = recorded.model_copy(update={"moves": _not_received(order, parcel, checkpoint)})
    after = folded(order, (recorded,))
    told = parcel_of(after, parcel.number) or parcel
    return recorded, *_upon_message(after, told, checkpoint, context)


def _recorded(command: RecordCheckpoint, parcel: Parcel | None, context: Context) -> CheckpointRecorded:
    return CheckpointRecorded(
        occurred_at=context.occurred_at,
        reason=command.reason,
        parcel=parcel.number if parcel else None,
        carrier=command.carrier,
        tracking_number=command.tracking_number,
        status=command.status,
        code=command.code,
        place=command.place,
        message=command.message,
        expected_on=command.expected_on,
    )


def is_known_message(order: Order, command: RecordCheckpoint, occurred_at: datetime) -> bool:
    """Whether the order has the message already: the same carrier, number, time and code make it the same."""
    parcels = parcels_tracked(order, command.carrier, command.tracking_number)
    told = [parcel.checkpoints for parcel in parcels] or [order.stray_checkpoints]
    return any(
        same_carrier(known.carrier, command.carrier)
        and known.tracking_number == command.tracking_number
        and known.occurred_at == occurred_at
        and known.code == command.code
        for checkpoints in told
        for known in checkpoints
    )


def _not_received(order: Order, parcel: Parcel, checkpoint: CarrierCheckpoint) -> tuple[Move, ...]:
    """Units that a scan had brought to the customer, although the parcel had turned round before, as we hear now."""
    if parcel.evidence is not Evidence.CARRIER_SCAN or checkpoint.status not in COMING_BACK:
        return ()
    told = with_checkpoints(without_receipt(parcel), (checkpoint,))
    if any(_is_receipt(order, told, known) for known in told.checkpoints):
        return ()
    return moves_of(Ledger(order), parcel, whereabouts(told))


def _is_receipt(order: Order, parcel: Parcel, checkpoint: CarrierCheckpoint) -> bool:
    """Whether the customer has what was delivered: a carrier that delivers what has turned round delivers it to us."""
    if checkpoint.status is not ParcelStatus.DELIVERED or parcel.outcome is Outcome.RETURNED:
        return False
    if parcel.outcome is Outcome.UNDER_WAY:
        return not is_open(order, ExceptionCode.RETURN_TO_SENDER, parcel.number)
    return parcel.turned_round_at is None or checkpoint.occurred_at < parcel.turned_round_at


def _upon_message(
    order: Order, parcel: Parcel, checkpoint: CarrierCheckpoint, context: Context
) -> tuple[OrderEvent, ...]:
    """What a message means among all that its parcel has: in whichever order they came, they mean the same."""
    if not _is_receipt(order, parcel, checkpoint):
        return _bad_news(order, parcel, checkpoint, context)
    if parcel.received_at is not None:
        return ()
    return (receipt_of(order, parcel, Proof(Evidence.CARRIER_SCAN, checkpoint.occurred_at)),)


def _bad_news(
    order: Order, parcel: Parcel, checkpoint: CarrierCheckpoint, context: Context
) -> tuple[ExceptionOpened, ...]:
    """Trouble that a newer message has overtaken is no trouble any more; lost is lost until the customer has it."""
    code = BAD_NEWS.get(checkpoint.status)
    if code is None or parcel.outcome is LASTING.get(code, Outcome.UNDER_WAY):
        return ()
    newer = [] if code in LASTING else [known.occurred_at for known in parcel.checkpoints[-1:]]
    may_be_ours = code is ExceptionCode.RETURN_TO_SENDER and parcel.outcome is not Outcome.UNDER_WAY
    if parcel.received_at is not None and not (may_be_ours and parcel.evidence is Evidence.CARRIER_SCAN):
        newer.append(parcel.received_at)
    if any(moment > checkpoint.occurred_at for moment in newer):
        return ()
    about = TroubleFacts(
        parcel=parcel.number,
        tracking_number=checkpoint.tracking_number,
        carrier=checkpoint.carrier,
        code=checkpoint.code,
        message=checkpoint.message,
    )
    return opened_once_per_parcel(order, code, about, context)
