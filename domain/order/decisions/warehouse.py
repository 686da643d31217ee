"""What the warehouse decides: send, recall, start pick, pick, short pick, pack, unpack.

Picks are facts: what the order has no room for is kept as excess and somebody looks at it. Packing is ours and may be
refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.decider import Rejected, require
from domain.order.decisions.exceptions import Trouble, opened, opened_once
from domain.order.decisions.shared_refusals import NoSuchParcel, require_line
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
    Ledger,
    as_units,
    goods_lines,
    missing_to_date,
    picked_to_date,
    skus_of,
    stock_totals,
    summed,
)
from domain.order.parcels import parcel_of
from domain.order.status import holds_blocking, is_closed, may_be_sent
from domain.order.terms import Bucket, ExceptionCode, Excess, PickedUnits, Step
from domain.roles import Role
from domain.values import LineKind, Units

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.decider import Context
    from domain.order.commands import (
        Pack,
        Pick,
        RecallFromWarehouse,
        SendToWarehouse,
        ShortPick,
        StartPick,
        Unpack,
    )
    from domain.order.events import OrderEvent
    from domain.order.state import Order


class NothingToRecall(Rejected):
    """Not so many units are at the warehouse without having been picked."""


class NotPicked(Rejected):
    """Only picked units can be packed."""


class AlreadyUnpacked(Rejected):
    """The parcel has been unpacked before."""


class ParcelGone(Rejected):
    """The parcel has left the house; it cannot be unpacked here."""


def send(order: Order, command: SendToWarehouse, context: Context) -> tuple[OrderEvent, ...]:
    """Push what is reserved into the warehouse, as soon as it may go; what a person recalled, a person sends again."""
    if order.recalled and context.role is Role.WORKFLOW:
        return ()
    if is_closed(order) or not may_be_sent(order) or holds_blocking(order, Step.SEND):
        return ()
    units = tuple(
        Units(line=line, quantity=order.lines[line].buckets[Bucket.RESERVED])
        for line in goods_lines(order, Bucket.RESERVED)
    )
    return (
        SentToWarehouse(occurred_at=context.occurred_at, reason=command.reason, location=order.location, units=units),
    )


def recall(order: Order, command: RecallFromWarehouse, context: Context) -> tuple[OrderEvent, ...]:
    """Take back units nobody has picked: those named, all or nothing, or all there are."""
    sent = {line: order.lines[line].buckets[Bucket.SENT] for line in goods_lines(order, Bucket.SENT)}
    wanted = summed(command.lines) or sent
    require(bool(wanted), NothingToRecall)
    for line, quantity in wanted.items():
        require_line(order, line)
        there = sent.get(line, 0)
        require(quantity <= there, NothingToRecall, f"Line {line}: {there} of {quantity}.", line=line, sent=there)
    return (RecalledFromWarehouse(occurred_at=context.occurred_at, reason=command.reason, units=as_units(wanted)),)


def start_pick(order: Order, command: StartPick, context: Context) -> tuple[OrderEvent, ...]:
    """Once, unless everything was recalled in between."""
    if order.pick_started_at is not None:
        return ()
    return (PickStarted(occurred_at=context.occurred_at, reason=command.reason, picker=context.actor),)


def pick(order: Order, command: Pick, context: Context) -> tuple[OrderEvent, ...]:
    """Units are off the shelf, whatever the order says."""
    ledger = Ledger(order)
    units: list[PickedUnits] = []
    excess: list[Excess] = []
    for part in command.units:
        moved = _picked_for_order(order, ledger, part)
        if moved:
            units.append(part.model_copy(update={"quantity": moved}))
        if moved < part.quantity:
            excess.append(_excess(order, part, part.quantity - moved))
    skus = skus_of(order, (part.line for part in units if part.line is not None))
    picked = Picked(
        occurred_at=context.occurred_at,
        reason=command.reason,
        units=tuple(units),
        excess=tuple(excess),
        staged=stock_totals(order, ledger, skus, picked_to_date),
    )
    if not excess:
        return (picked,)
    return picked, opened(order, Trouble(ExceptionCode.EXCESS, _told(excess)), context)


def _is_of_line(order: Order, part: PickedUnits) -> bool:
    state = None if part.line is None else order.lines.get(part.line)
    return state is not None and state.line.kind is LineKind.GOODS and part.sku in {None, state.line.sku}


def _picked_for_order(order: Order, ledger: Ledger, part: PickedUnits) -> int:
    """Units of `part` that the order had room for."""
    if part.line is None or not _is_of_line(order, part):
        return 0
    moves = ledger.move(part.line, part.quantity, sources=ON_THE_SHELF, target=Bucket.PICKED)
    return sum(move.quantity for move in moves)


def _excess(order: Order, part: PickedUnits, quantity: int) -> Excess:
    """Of a line only where the article is the line's; a foreign article belongs to no line."""
    state = None if part.line is None else order.lines.get(part.line)
    if state is None or part.sku in {None, state.line.sku}:
        return Excess(line=part.line, sku=part.sku or (state.line.sku if state else None), quantity=quantity)
    return Excess(line=None, sku=part.sku, quantity=quantity)


def _told(excess: Iterable[Excess]) -> str:
    return "; ".join(
        f"{part.quantity} of {part.sku or 'an unknown article'}"
        + (", which is not in the order" if part.line is None else f" too many for line {part.line}")
        for part in excess
    )


def short_pick(order: Order, command: ShortPick, context: Context) -> tuple[OrderEvent, ...]:
    """Units that are not on the shelf wait for stock; a line that nothing was to be picked for is trouble."""
    ledger = Ledger(order)
    missing: dict[int, int] = {}
    unplanned: list[str] = []
    for line, quantity in summed(command.lines).items():
        moves = ledger.move(line, quantity, sources=ON_THE_SHELF, target=Bucket.BACKORDERED)
        if moves:
            missing[line] = sum(move.quantity for move in moves)
            ledger.add_missing(line, missing[line])
        else:
            unplanned.append(f"{quantity} for line {line}")
    detail = f"Missing without having been planned: {', '.join(unplanned)}"
    trouble = opened_once(order, Trouble(ExceptionCode.SHORT_PICK, detail), context) if unplanned else ()
    if not missing:
        return trouble
    short = ShortPicked(
        occurred_at=context.occurred_at,
        reason=command.reason,
        units=as_units(missing),
        missing=stock_totals(order, ledger, skus_of(order, missing), missing_to_date),
    )
    return short, *trouble


def pack(order: Order, command: Pack, context: Context) -> tuple[OrderEvent, ...]:
    """A new parcel of picked units."""
    contents = summed(command.contents)
    for line, quantity in contents.items():
        require_line(order, line)
        picked = order.lines[line].buckets[Bucket.PICKED]
        require(quantity <= picked, NotPicked, f"Line {line}: {picked} of {quantity}.", line=line, picked=picked)
    return (
        Packed(
            occurred_at=context.occurred_at,
            reason=command.reason,
            parcel=len(order.parcels) + 1,
            contents=as_units(contents),
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
    return (
        Unpacked(
            occurred_at=context.occurred_at, reason=command.reason, parcel=parcel.number, contents=parcel.contents
        ),
    )
