"""What we know of goods that their customer has: by a scan, or because somebody says so. It happened: never refused.

Decides: what is received, and what somebody has to look at because it ought not to have left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.order.decisions.consequences import folded
from domain.order.decisions.exceptions import opened, opened_once_per_facts
from domain.order.event_terms import HoldInTheWay, TroubleFacts
from domain.order.events import ReceiptConfirmed
from domain.order.ledger import NOT_PACKED, Ledger, gone_to_date, stock_totals
from domain.order.parcels import moves_of, parcel_of
from domain.order.status import holds_blocking, leaves_complete
from domain.order.terms import NOT_TO_COME, Bucket, Evidence, ExceptionCode, Step

if TYPE_CHECKING:
    from datetime import datetime

    from domain.decider import Context
    from domain.order.commands import ConfirmReceipt
    from domain.order.events import ExceptionOpened, OrderEvent
    from domain.order.state import Order, Parcel


@dataclass(frozen=True, slots=True)
class Proof:
    """How we know of a receipt, and when it was."""

    evidence: Evidence
    occurred_at: datetime
    received_by: str | None = None
    reason: str | None = None


def confirm_receipt(order: Order, command: ConfirmReceipt, context: Context) -> tuple[OrderEvent, ...]:
    """The customer has a parcel, or every parcel that left."""
    proof = Proof(command.evidence, context.occurred_at, command.received_by, command.reason)
    if command.parcel is None:
        return _all_received(order, proof, context)
    parcel = parcel_of(order, command.parcel)
    if parcel is None or not parcel.contents:
        return _unknown_receipt(order, command.parcel, proof, context)
    if parcel.received_at is not None:
        return ()
    looked_at = () if parcel.handed_over_at is not None else left_all_the_same(order, parcel, context)
    return receipt_of(order, parcel, proof), *looked_at


def _all_received(order: Order, proof: Proof, context: Context) -> tuple[OrderEvent, ...]:
    """Who says that a parcel is there which somebody has found to be lost or back with us has to name it."""
    left = [parcel for parcel in order.parcels if parcel.handed_over_at is not None or parcel.received_at is not None]
    if not left:
        return _unknown_receipt(order, None, proof, context)
    missing = (parcel for parcel in left if parcel.received_at is None and parcel.outcome not in NOT_TO_COME)
    return tuple(receipt_of(order, parcel, proof) for parcel in missing)


def _unknown_receipt(order: Order, parcel: int | None, proof: Proof, context: Context) -> tuple[ExceptionOpened, ...]:
    """Who has it and why we think so stays known until somebody has entered the rest."""
    about = TroubleFacts(parcel=parcel, evidence=proof.evidence, received_by=proof.received_by)
    return opened_once_per_facts(order, ExceptionCode.UNKNOWN_PARCEL, about, context, proof.reason)


def receipt_of(order: Order, parcel: Parcel, proof: Proof) -> ReceiptConfirmed:
    """Goods that left without a hand-over are reported to stock now."""
    ledger = Ledger(order)
    moves = moves_of(ledger, parcel, Bucket.RECEIVED)
    unseen = (move.line for move in moves if parcel.handed_over_at is None)
    return ReceiptConfirmed(
        occurred_at=proof.occurred_at,
        reason=proof.reason,
        parcel=parcel.number,
        evidence=proof.evidence,
        received_by=proof.received_by,
        moves=moves,
        issued=stock_totals(ledger, unseen, gone_to_date),
    )


def left_all_the_same(order: Order, parcel: Parcel, context: Context) -> tuple[ExceptionOpened, ...]:
    """A parcel that was to stay here has left: it was on hold, or its customer wants everything in one delivery."""
    events: tuple[ExceptionOpened, ...] = ()
    if holds := holds_blocking(order, Step.HAND_OVER):
        in_the_way = tuple(HoldInTheWay(number=hold.number, type=hold.type) for hold in holds)
        about = TroubleFacts(parcel=parcel.number, holds=in_the_way)
        events += (opened(order, ExceptionCode.HANDED_OVER_ON_HOLD, about, context),)
    if not leaves_complete(order):
        about = TroubleFacts(parcel=parcel.number, units=order.count(*NOT_PACKED))
        events += (opened(folded(order, events), ExceptionCode.HANDED_OVER_INCOMPLETE, about, context),)
    return events
