"""How each event changes an order. Total: never raises, never judges, never moves more units than there are.

Decides: what an order is after an event, at a cost that follows what the event touches, not how long the order is.
Must not know: commands, refusals, clocks. Whether an event ought to have happened was decided before it was stored.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_EVEN
from typing import TYPE_CHECKING, assert_never

from domain.order import parcels
from domain.order.events import (
    CancelRequested,
    CheckpointRecorded,
    ContactLogged,
    ExceptionOpened,
    ExceptionResolved,
    HandedOver,
    Held,
    NoteAdded,
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderEvent,
    OrderPlaced,
    Packed,
    Picked,
    PickStarted,
    RecalledFromWarehouse,
    ReceiptConfirmed,
    Resumed,
    SentToWarehouse,
    ShortPicked,
    StockReconfirmed,
    UnitsBackordered,
    UnitsCancelled,
    UnitsReserved,
    Unpacked,
)
from domain.order.ledger import ON_THE_SHELF, moved, taken
from domain.order.state import EMPTY, CustomerNote, LineState, OpenException, Order
from domain.order.status import waiting
from domain.order.terms import Audience, Bucket, Step
from domain.paged_map import PagedMap
from domain.values import CURRENCIES, LineKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.values import Line


def evolve(state: Order | None, event: OrderEvent) -> Order | None:
    """The order after `event`; None as long as it was not placed."""
    if state is None:
        return _begun(event) if isinstance(event, OrderPlaced) else None
    match event:
        case OrderPlaced() | CancelRequested() | ContactLogged():
            after = state
        case OrderConfirmed():
            after = _confirmed(state, event)
        case Held():
            after = _held(state, event)
        case Resumed():
            after = _resumed(state, event)
        case UnitsCancelled():
            after = _cancelled_units(state, event)
        case OrderCancelled():
            after = replace(state, cancelled_at=event.occurred_at)
        case OrderCompleted():
            after = replace(state, completed_at=event.occurred_at)
        case UnitsReserved():
            after = _answered(state, event, Bucket.RESERVED)
        case UnitsBackordered() | StockReconfirmed():
            after = _answered(state, event, Bucket.BACKORDERED)
        case SentToWarehouse():
            after = _sent(state, event)
        case RecalledFromWarehouse():
            after = _recalled(state, event)
        case PickStarted():
            after = replace(state, pick_started_at=event.occurred_at)
        case Picked():
            after = _picked(state, event)
        case ShortPicked():
            after = _short_picked(state, event)
        case Packed():
            after = parcels.packed(state, event)
        case Unpacked():
            after = parcels.unpacked(state, event)
        case HandedOver():
            after = parcels.handed_over(state, event)
        case CheckpointRecorded():
            after = parcels.checkpoint_recorded(state, event)
        case ReceiptConfirmed():
            after = parcels.received(state, event)
        case NoteAdded():
            after = _noted(state, event)
        case ExceptionOpened():
            after = _exception_opened(state, event)
        case ExceptionResolved():
            after = replace(state, exceptions=tuple(e for e in state.exceptions if e.number != event.exception))
        case _:
            assert_never(event)
    return _waiting_since(after, event)


def _waiting_since(order: Order, event: OrderEvent) -> Order:
    party, _ = waiting(order)
    if party is order.waiting_on:
        return order
    return replace(order, waiting_on=party, waiting_since=event.occurred_at)


def total_minor(lines: Iterable[Line]) -> int:
    """What lines cost in minor units: each rounded half-even by itself, discounts negative."""
    total = 0
    for line in lines:
        exact = (line.unit_price.amount * line.quantity).scaleb(CURRENCIES[line.unit_price.currency])
        minor = int(exact.to_integral_value(ROUND_HALF_EVEN))
        total += -minor if line.kind is LineKind.DISCOUNT else minor
    return total


def _begun(event: OrderPlaced) -> Order:
    lines: dict[int, LineState] = {}
    by_sku: dict[str, list[int]] = {}
    for number, line in enumerate(event.lines, start=1):
        lines[number] = LineState(line)
        if line.kind is LineKind.GOODS:
            lines[number] = LineState(line, (line.quantity, *EMPTY[1:]))
            by_sku.setdefault(line.sku, []).append(number)
    units = sum(state.buckets[Bucket.OPEN] for state in lines.values())
    order = Order(
        order_id=event.order_id,
        serial=event.serial,
        number=event.number,
        tracking_token=event.tracking_token,
        placed_by=event.placed_by,
        placed_at=event.occurred_at,
        customer=event.customer,
        customer_reference=event.customer_reference,
        ship_to=event.ship_to,
        business_date=event.business_date,
        requested_date=event.requested_date,
        partial_shipment=event.partial_shipment,
        backorder=event.backorder,
        priority=event.priority,
        location=event.location,
        currency=event.lines[0].unit_price.currency,
        total_minor=total_minor(event.lines),
        lines=PagedMap(lines),
        totals=(units, *EMPTY[1:]),
        by_sku=PagedMap({sku: tuple(numbers) for sku, numbers in by_sku.items()}),
        stock_asked=units > 0 and not any(Step.RESERVE in hold.blocks for hold in event.holds),
        promises=event.promises,
        holds=event.holds,
        holds_placed=max((hold.number for hold in event.holds), default=0),
        waiting_since=event.occurred_at,
    )
    party, _ = waiting(order)
    return order if party is order.waiting_on else replace(order, waiting_on=party)


def _confirmed(order: Order, event: OrderConfirmed) -> Order:
    return replace(
        order,
        confirmed_at=order.confirmed_at or event.occurred_at,
        promises=(*order.promises, *event.promises),
    )


def _held(order: Order, event: Held) -> Order:
    others = tuple(hold for hold in order.holds if hold.number != event.hold.number)
    return replace(order, holds=(*others, event.hold), holds_placed=max(order.holds_placed, event.hold.number))


def _resumed(order: Order, event: Resumed) -> Order:
    holds = tuple(hold for hold in order.holds if hold.number != event.hold)
    return replace(order, holds=holds, stock_asked=order.stock_asked or bool(event.wants))


def _cancelled_units(order: Order, event: UnitsCancelled) -> Order:
    ledger = moved(order, event.units, Bucket.CANCELLED)
    recalled = order.recalled and ledger.total(Bucket.RESERVED) > 0
    return replace(order, lines=ledger.lines, totals=ledger.totals, recalled=recalled)


def _answered(order: Order, event: UnitsReserved | UnitsBackordered | StockReconfirmed, target: Bucket) -> Order:
    ledger = moved(order, event.units, target)
    if event.location == order.location:
        for line in order.by_sku.get(event.sku, ()):
            ledger.take_version(line, event.stock_version)
    return replace(order, lines=ledger.lines, totals=ledger.totals)


def _sent(order: Order, event: SentToWarehouse) -> Order:
    ledger = taken(order, event.units, sources=(Bucket.RESERVED,), target=Bucket.SENT)
    sent_at = order.sent_at or event.occurred_at
    return replace(order, lines=ledger.lines, totals=ledger.totals, sent_at=sent_at, recalled=False)


def _recalled(order: Order, event: RecalledFromWarehouse) -> Order:
    ledger = taken(order, event.units, sources=(Bucket.SENT,), target=Bucket.RESERVED)
    started = order.pick_started_at if ledger.total(Bucket.SENT) else None
    return replace(order, lines=ledger.lines, totals=ledger.totals, pick_started_at=started, recalled=True)


def _picked(order: Order, event: Picked) -> Order:
    ledger = taken(order, event.units, sources=ON_THE_SHELF, target=Bucket.PICKED)
    for excess in event.excess:
        ledger.add_excess(excess.line, excess.quantity)
    return replace(order, lines=ledger.lines, totals=ledger.totals, excess=(*order.excess, *event.excess))


def _short_picked(order: Order, event: ShortPicked) -> Order:
    ledger = taken(order, event.units, sources=ON_THE_SHELF, target=Bucket.BACKORDERED)
    for units in event.units:
        ledger.add_missing(units.line, units.quantity)
    return replace(order, lines=ledger.lines, totals=ledger.totals)


def _noted(order: Order, event: NoteAdded) -> Order:
    if event.audience is not Audience.CUSTOMER:
        return order
    note = CustomerNote(event.occurred_at, event.text)
    return replace(order, customer_notes=(*order.customer_notes, note))


def _exception_opened(order: Order, event: ExceptionOpened) -> Order:
    trouble = OpenException(event.number, event.code, event.owner, event.detail, event.occurred_at, event.parcel)
    others = tuple(known for known in order.exceptions if known.number != event.number)
    return replace(
        order,
        exceptions=(*others, trouble),
        exceptions_opened=max(order.exceptions_opened, event.number),
    )
