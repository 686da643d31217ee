"""What logistics and carriers tell us: hand over, record checkpoint, confirm receipt. It happened: never refused.

A message for a parcel that the order does not have, or bad news about one that it has, opens an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.decider import Rejected, require
from domain.order.decisions.exceptions import Trouble, opened, opened_once
from domain.order.events import CheckpointRecorded, HandedOver, ReceiptConfirmed
from domain.order.ledger import Ledger, gone_to_date, skus_of, stock_totals
from domain.order.parcels import parcel_of, parcel_tracked, same_carrier, stray_checkpoints_of
from domain.order.status import holds_blocking
from domain.order.terms import Bucket, Evidence, ExceptionCode, ParcelStatus, Step
from domain.roles import Role

if TYPE_CHECKING:
    from domain.decider import Context
    from domain.order.commands import ConfirmReceipt, HandOver, RecordCheckpoint
    from domain.order.events import ExceptionOpened, OrderEvent
    from domain.order.state import Checkpoint, Order, Parcel
    from domain.values import StockTotals


class NotTheirParcel(Rejected):
    """No parcel of this order was handed to this carrier under this tracking number."""


BAD_NEWS: Final = {
    ParcelStatus.ATTEMPT_FAILED: ExceptionCode.ATTEMPT_FAILED,
    ParcelStatus.EXCEPTION: ExceptionCode.CARRIER_EXCEPTION,
    ParcelStatus.RETURNING: ExceptionCode.RETURN_TO_SENDER,
    ParcelStatus.RETURNED: ExceptionCode.RETURN_TO_SENDER,
    ParcelStatus.LOST: ExceptionCode.LOST,
}


def hand_over(order: Order, command: HandOver, context: Context) -> tuple[OrderEvent, ...]:
    """A parcel left. Said again, only another tracking number is news."""
    parcel = parcel_of(order, command.parcel)
    if parcel is None or not parcel.contents:
        trouble = _unknown_parcel(order, f"Parcel {command.parcel} was handed over, but is not packed", context)
        return (_handed_over(order, command, None, context), *trouble) if trouble else ()
    if parcel.handed_over_at is not None and command.tracking_number in {None, parcel.tracking_number}:
        return ()
    leaves_now = parcel.handed_over_at is None and parcel.received_at is None
    event = _handed_over(order, command, parcel if leaves_now else None, context)
    held = _held_all_the_same(order, parcel, context) if leaves_now else ()
    return event, *held, *_delivered_before(order, parcel, command)


def _handed_over(order: Order, command: HandOver, leaving: Parcel | None, context: Context) -> HandedOver:
    return HandedOver(
        occurred_at=context.occurred_at,
        reason=command.reason,
        parcel=command.parcel,
        carrier=command.carrier,
        service=command.service,
        tracking_number=command.tracking_number,
        contents=leaving.contents if leaving else (),
        issued=_issued(order, leaving) if leaving else (),
    )


def _issued(order: Order, leaving: Parcel) -> tuple[StockTotals, ...]:
    """What has left the house once `leaving` has, for the articles in it."""
    ledger = Ledger(order)
    for units in leaving.contents:
        ledger.move(units.line, units.quantity, sources=(Bucket.PACKED,), target=Bucket.HANDED_OVER)
    return stock_totals(order, ledger, skus_of(order, (units.line for units in leaving.contents)), gone_to_date)


def _held_all_the_same(order: Order, parcel: Parcel, context: Context) -> tuple[ExceptionOpened, ...]:
    holds = holds_blocking(order, Step.HAND_OVER)
    if not holds:
        return ()
    detail = f"Parcel {parcel.number} left in spite of hold {holds[0].number} ({holds[0].type.value})"
    return (opened(order, Trouble(ExceptionCode.HANDED_OVER_ON_HOLD, detail, parcel.number), context),)


def _delivered_before(order: Order, parcel: Parcel, command: HandOver) -> tuple[ReceiptConfirmed, ...]:
    """The carrier's messages may be quicker than our own: one of them may say already that the parcel is there."""
    if parcel.received_at is not None or command.tracking_number is None:
        return ()
    for checkpoint in stray_checkpoints_of(order, command.carrier, command.tracking_number):
        if checkpoint.status is ParcelStatus.DELIVERED:
            return (
                ReceiptConfirmed(
                    occurred_at=checkpoint.occurred_at,
                    parcel=parcel.number,
                    evidence=Evidence.CARRIER_SCAN,
                    contents=parcel.contents,
                ),
            )
    return ()


def record_checkpoint(order: Order, command: RecordCheckpoint, context: Context) -> tuple[OrderEvent, ...]:
    """One message of a carrier, once; the same carrier, number, time and code make it the same message.

    Whoever speaks as a carrier speaks of its own parcels; what staff passes on is a fact and never refused.
    """
    parcel = parcel_tracked(order, command.carrier, command.tracking_number)
    theirs = parcel is not None and same_carrier(parcel.carrier or "", command.carrier)
    require(theirs or context.role is not Role.CARRIER, NotTheirParcel)
    if _is_known(parcel.checkpoints if parcel else order.stray_checkpoints, command, context):
        return ()
    recorded = CheckpointRecorded(
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
    if parcel is None:
        detail = f"No parcel has tracking number {command.tracking_number}"
        return recorded, *_unknown_parcel(order, detail, context)
    receipt = _receipt_by_scan(order, parcel, command, context)
    return recorded, *receipt, *_bad_news(order, parcel, command, context)


def _is_known(checkpoints: tuple[Checkpoint, ...], command: RecordCheckpoint, context: Context) -> bool:
    return any(
        same_carrier(known.carrier, command.carrier)
        and known.tracking_number == command.tracking_number
        and known.occurred_at == context.occurred_at
        and known.code == command.code
        for known in checkpoints
    )


def _receipt_by_scan(
    order: Order, parcel: Parcel, command: RecordCheckpoint, context: Context
) -> tuple[ReceiptConfirmed, ...]:
    if command.status is not ParcelStatus.DELIVERED or parcel.received_at is not None:
        return ()
    return (_receipt(order, parcel, ReceiptTold(Evidence.CARRIER_SCAN), context),)


def _bad_news(order: Order, parcel: Parcel, command: RecordCheckpoint, context: Context) -> tuple[ExceptionOpened, ...]:
    """Trouble that a newer message has overtaken is no trouble any more."""
    code = BAD_NEWS.get(command.status)
    overtaken = bool(parcel.checkpoints) and parcel.checkpoints[-1].occurred_at > context.occurred_at
    if code is None or overtaken:
        return ()
    detail = f"Parcel {parcel.number}, {command.carrier}: {command.message or command.code}"
    return opened_once(order, Trouble(code, detail, parcel.number), context)


def confirm_receipt(order: Order, command: ConfirmReceipt, context: Context) -> tuple[OrderEvent, ...]:
    """The customer has a parcel, or every parcel that left."""
    told = ReceiptTold(command.evidence, command.received_by, command.reason)
    if command.parcel is None:
        under_way = [p for p in order.parcels if p.handed_over_at is not None and p.received_at is None]
        return tuple(_receipt(order, parcel, told, context) for parcel in under_way)
    parcel = parcel_of(order, command.parcel)
    if parcel is None or not parcel.contents:
        return _unknown_parcel(order, f"Parcel {command.parcel} was received, but is not packed", context)
    return () if parcel.received_at is not None else (_receipt(order, parcel, told, context),)


@dataclass(frozen=True, slots=True)
class ReceiptTold:
    """How we know of a receipt."""

    evidence: Evidence
    received_by: str | None = None
    reason: str | None = None


def _receipt(order: Order, parcel: Parcel, told: ReceiptTold, context: Context) -> ReceiptConfirmed:
    """Goods that left without a hand-over are told to stock now."""
    return ReceiptConfirmed(
        occurred_at=context.occurred_at,
        reason=told.reason,
        parcel=parcel.number,
        evidence=told.evidence,
        received_by=told.received_by,
        contents=parcel.contents,
        issued=_issued(order, parcel) if parcel.handed_over_at is None else (),
    )


def _unknown_parcel(order: Order, detail: str, context: Context) -> tuple[ExceptionOpened, ...]:
    return opened_once(order, Trouble(ExceptionCode.UNKNOWN_PARCEL, detail), context)
