"""What the warehouse decides: send, recall, start pick, pick, short pick, pack, unpack.

Picks are facts: what the order has no room for is kept as excess and somebody looks at it. Packing is ours and may be
refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.decider import Rejected, require
from domain.event_values import LineKind
from domain.order.decisions.exceptions import about_units, opened
from domain.order.decisions.shared_refusals import (
    NoSuchParcel,
    require_answered,
    require_line,
    require_not_closed,
    require_not_held,
)
from domain.order.decisions.taking import taken_from, until
from domain.order.event_terms import Move, NamedUnits
from domain.order.events import (
    Packed,
    Picked,
    PickStarted,
    RecalledFromWarehouse,
    SentToWarehouse,
    ShortPicked,
    Unpacked,
)
from domain.order.ledger import (
    ON_THE_SHELF,
    PICKABLE,
    UNRESERVED,
    Ledger,
    goods_lines,
    missing_to_date,
    picked_to_date,
    stock_totals,
    summed,
)
from domain.order.parcels import parcel_of
from domain.order.status import holds_blocking, is_closed, may_be_sent, may_leave_in_part
from domain.order.terms import Bucket, ExceptionCode, Misfit, Step
from domain.roles import Department

if TYPE_CHECKING:
    from domain.decider import Context
    from domain.event_values import Line
    from domain.order.commands import (
        Pack,
        Pick,
        PickedUnits,
        RecallFromWarehouse,
        SendIfReady,
        SendToWarehouse,
        ShortPick,
        StartPick,
        Unpack,
    )
    from domain.order.events import OrderEvent
    from domain.order.state import Order


class NotConfirmed(Rejected):
    """The order is not confirmed yet."""


class NothingToSend(Rejected):
    """No reserved units are left to be sent to the warehouse."""


class Incomplete(Rejected):
    """The customer wants everything in one delivery, and units are still missing."""


class NothingToRecall(Rejected):
    """The warehouse does not have that many unpicked units of this order."""


class NotPicked(Rejected):
    """Only picked units can be packed."""


class AlreadyUnpacked(Rejected):
    """The parcel has already been unpacked."""


class ParcelGone(Rejected):
    """The parcel has left the warehouse; it can no longer be unpacked."""


def send_if_ready(order: Order, command: SendIfReady, context: Context) -> tuple[OrderEvent, ...]:
    """Push what is reserved into the warehouse as soon as it may go, unless a person has taken it back."""
    if is_closed(order) or order.sent_by_hand or not may_be_sent(order) or holds_blocking(order, Step.SEND):
        return ()
    return (_sent(order, command.reason, context),)


def send(order: Order, command: SendToWarehouse, context: Context) -> tuple[OrderEvent, ...]:
    """Push what is reserved into the warehouse, or say why not."""
    require_not_closed(order)
    require(order.confirmed_at is not None, NotConfirmed)
    require_not_held(order, Step.SEND)
    require(order.count(Bucket.RESERVED) > 0, NothingToSend)
    require_answered(order)
    _require_complete(order)
    return (_sent(order, command.reason, context),)


def _sent(order: Order, reason: str | None, context: Context) -> SentToWarehouse:
    moves = tuple(
        Move(
            line=line,
            quantity=order.lines[line].buckets[Bucket.RESERVED],
            source=Bucket.RESERVED,
            target=Bucket.SENT,
        )
        for line in order.to_send
    )
    return SentToWarehouse(occurred_at=context.occurred_at, reason=reason, location=order.location, moves=moves)


def _require_complete(order: Order) -> None:
    missing = order.count(*UNRESERVED)
    require(may_leave_in_part(order), Incomplete, f"Units missing: {missing}.", missing=missing)


def recall(order: Order, command: RecallFromWarehouse, context: Context) -> tuple[OrderEvent, ...]:
    """Take back units nobody has picked: those named, all or nothing, or all there are."""
    sent = {line: order.lines[line].buckets[Bucket.SENT] for line in goods_lines(order, Bucket.SENT)}
    recalled = summed(command.lines) or sent
    require(bool(recalled), NothingToRecall)
    for line, quantity in recalled.items():
        require_line(order, line)
        there = sent.get(line, 0)
        require(quantity <= there, NothingToRecall, f"Line {line}: {there} of {quantity}.", line=line, sent=there)
    moves = tuple(
        Move(line=line, quantity=quantity, source=Bucket.SENT, target=Bucket.RESERVED)
        for line, quantity in recalled.items()
    )
    return (
        RecalledFromWarehouse(
            occurred_at=context.occurred_at, reason=command.reason, moves=moves, for_cancellation=False
        ),
    )


def start_pick(order: Order, command: StartPick, context: Context) -> tuple[OrderEvent, ...]:
    """Once for each walk: it ends when nothing is left to pick, and what is sent later is a new one."""
    if order.pick_started_at is not None:
        return ()
    return (
        PickStarted(
            occurred_at=context.occurred_at,
            reason=command.reason,
            picker=context.actor,
            until=until(context),
            taken_from=taken_from(order, Department.WAREHOUSE, context),
        ),
    )


def pick(order: Order, command: Pick, context: Context) -> tuple[OrderEvent, ...]:
    """Units are off the shelf, whatever the order says."""
    ledger = Ledger(order)
    moves: list[Move] = []
    picked: list[PickedUnits] = []
    excess: list[NamedUnits] = []
    for part in command.units:
        taken = _for_order(order, ledger, part)
        units = sum(move.quantity for move in taken)
        moves += taken
        if units:
            picked.append(part.model_copy(update={"quantity": units}))
        if units < part.quantity:
            excess.append(_named(order, part.line, part.sku, part.quantity - units))
    event = Picked(
        occurred_at=context.occurred_at,
        reason=command.reason,
        moves=tuple(moves),
        picked=tuple(picked),
        excess=tuple(excess),
        location=order.location,
        staged=stock_totals(ledger, (move.line for move in moves), picked_to_date),
    )
    if not excess:
        return (event,)
    return event, opened(order, ExceptionCode.EXCESS, about_units(excess), context)


def _goods_line(order: Order, line: int | None, sku: str | None) -> Line | None:
    """The goods line of this number; None where there is none, or it is another article's."""
    state = None if line is None else order.lines.get(line)
    if state is None or state.line.kind is not LineKind.GOODS or sku not in {None, state.line.sku}:
        return None
    return state.line


def _for_order(order: Order, ledger: Ledger, part: PickedUnits) -> list[Move]:
    """Units of `part` that the order had room for."""
    if part.line is None or _goods_line(order, part.line, part.sku) is None:
        return []
    return ledger.take(part.line, part.quantity, sources=PICKABLE, target=Bucket.PICKED)


def _named(order: Order, line: int | None, sku: str | None, quantity: int) -> NamedUnits:
    """Units beyond what the order has room for: of a goods line that it has, or with what is wrong about the name."""
    found = _goods_line(order, line, sku)
    if found is not None:
        return NamedUnits(line=line, sku=found.sku, quantity=quantity)
    return NamedUnits(sku=sku, quantity=quantity, misfit=_misfit(order, line, sku), named_line=line)


def _misfit(order: Order, line: int | None, sku: str | None) -> Misfit:
    if sku is None:
        return Misfit.LINE_NOT_NAMED if line is None else Misfit.NO_SUCH_LINE
    return Misfit.LINE_NOT_NAMED if sku in order.by_sku else Misfit.NOT_IN_ORDER


def short_pick(order: Order, command: ShortPick, context: Context) -> tuple[OrderEvent, ...]:
    """Units are not on the shelf, and stock has to answer for them again; units that nobody was to pick are trouble."""
    ledger = Ledger(order)
    moves: list[Move] = []
    unplanned: list[NamedUnits] = []
    for line, quantity in summed(command.lines).items():
        taken = ledger.take(line, quantity, sources=ON_THE_SHELF, target=Bucket.OPEN)
        missing = sum(move.quantity for move in taken)
        moves += taken
        if missing:
            ledger.add_missing(line, missing)
        if missing < quantity:
            unplanned.append(_named(order, line, None, quantity - missing))
    trouble = (opened(order, ExceptionCode.SHORT_PICK, about_units(unplanned), context),) if unplanned else ()
    if not moves:
        return trouble
    short = ShortPicked(
        occurred_at=context.occurred_at,
        reason=command.reason,
        moves=tuple(moves),
        missing=stock_totals(ledger, (move.line for move in moves), missing_to_date),
    )
    return short, *trouble


def pack(order: Order, command: Pack, context: Context) -> tuple[OrderEvent, ...]:
    """A new parcel of picked units."""
    contents = summed(command.contents)
    for line, quantity in contents.items():
        require_line(order, line)
        picked = order.lines[line].buckets[Bucket.PICKED]
        require(quantity <= picked, NotPicked, f"Line {line}: {picked} of {quantity}.", line=line, picked=picked)
    _require_complete(order)
    moves = tuple(
        Move(line=line, quantity=quantity, source=Bucket.PICKED, target=Bucket.PACKED)
        for line, quantity in contents.items()
    )
    return (
        Packed(
            occurred_at=context.occurred_at,
            reason=command.reason,
            parcel=len(order.parcels) + 1,
            moves=moves,
            weight_g=command.weight_g,
        ),
    )


def unpack(order: Order, command: Unpack, context: Context) -> tuple[OrderEvent, ...]:
    """Open a parcel that is still here."""
    parcel = parcel_of(order, command.parcel)
    if parcel is None:
        raise NoSuchParcel(f"Parcel {command.parcel} of {len(order.parcels)}.", parcel=command.parcel)
    require(bool(parcel.contents), AlreadyUnpacked, parcel=parcel.number)
    require(parcel.handed_over_at is None and parcel.received_at is None, ParcelGone, parcel=parcel.number)
    moves = tuple(
        Move(line=units.line, quantity=units.quantity, source=Bucket.PACKED, target=Bucket.PICKED)
        for units in parcel.contents
    )
    return (Unpacked(occurred_at=context.occurred_at, reason=command.reason, parcel=parcel.number, moves=moves),)
