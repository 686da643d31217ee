"""How each event changes an order. Total: never raises, never judges, never moves more units than there are.

Decides: what an order is after an event, at a cost that follows what the event touches, not how long the order is.
Must not know: commands, refusals, clocks. Whether an event ought to have happened was decided before it was stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from domain.event_values import LineKind
from domain.order import messages, parcels, promises, takes
from domain.order.events import (
    CancelRequested,
    CheckpointRecorded,
    ContactLogged,
    DatesPromised,
    ExceptionOpened,
    ExceptionResolved,
    GivenBack,
    HandedOver,
    Held,
    NoteAdded,
    NoteAnswered,
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderEvent,
    OrderPlaced,
    Packed,
    PassedOn,
    Picked,
    PickStarted,
    RecalledFromWarehouse,
    ReceiptConfirmed,
    Resumed,
    SentToWarehouse,
    ShortPicked,
    StockAsked,
    StockReconfirmed,
    Taken,
    UnitsBackordered,
    UnitsCancelled,
    UnitsReserved,
    Unpacked,
)
from domain.order.ledger import Ledger, moved
from domain.order.state import EMPTY, LineState, OpenException, Order
from domain.order.status import waiting
from domain.order.terms import Bucket, CancelCause, Step
from domain.paged_map import PagedMap
from domain.replacing import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from domain.event_values import Line
    from domain.order.event_terms import StockWant


def evolve(state: Order | None, event: OrderEvent) -> Order | None:
    """The order after `event`; None as long as it was not placed."""
    if state is None:
        return _begun(event) if isinstance(event, OrderPlaced) else None
    after = _after(state, event)
    party, _ = waiting(after)
    since = after.waiting_since if party is after.waiting_on else event.occurred_at
    return replace(
        after,
        version=state.version + 1,
        waiting_on=party,
        waiting_since=since,
        pick_started_at=None if _walk_ends(state, after) else after.pick_started_at,
        takes=takes.still_there(after.takes, party),
    )


def _walk_ends(before: Order, after: Order) -> bool:
    """Whether nothing is left to pick, or units came that are a new walk, which nobody has begun."""
    to_pick, left = before.count(Bucket.SENT), after.count(Bucket.SENT)
    return left > to_pick or (to_pick > 0 and left == 0)


def _after(state: Order, event: OrderEvent) -> Order:
    """One line a case."""
    match event:
        case OrderPlaced() | CancelRequested() | ContactLogged():
            return state
        case OrderConfirmed():
            return promises.confirmed(state, event)
        case DatesPromised():
            return promises.dates_promised(state, event)
        case Held():
            return _held(state, event)
        case Resumed():
            return replace(state, holds=tuple(hold for hold in state.holds if hold.number != event.hold))
        case StockAsked():
            return _asked(state, event)
        case UnitsCancelled():
            return _units_cancelled(state, event)
        case OrderCancelled():
            return replace(state, cancelled_at=event.occurred_at)
        case OrderCompleted():
            return replace(state, completed_at=event.occurred_at)
        case UnitsReserved() | UnitsBackordered() | StockReconfirmed():
            return _answered(state, event)
        case SentToWarehouse():
            return replace(moved(state, event.moves), sent_at=state.sent_at or event.occurred_at, sent_by_hand=False)
        case RecalledFromWarehouse():
            return _recalled(state, event)
        case PickStarted():
            return takes.pick_started(replace(state, pick_started_at=event.occurred_at), event)
        case Picked():
            return _picked(state, event)
        case ShortPicked():
            return _short_picked(state, event)
        case Packed():
            return parcels.packed(state, event)
        case Unpacked():
            return parcels.unpacked(state, event)
        case HandedOver():
            return parcels.handed_over(state, event)
        case CheckpointRecorded():
            return parcels.checkpoint_recorded(state, event)
        case ReceiptConfirmed():
            return parcels.received(state, event)
        case NoteAdded():
            return messages.noted(state, event)
        case NoteAnswered():
            return messages.answered(state, event)
        case ExceptionOpened():
            return _exception_opened(state, event)
        case ExceptionResolved():
            return _exception_resolved(state, event)
        case Taken() | PassedOn():
            return takes.taken(state, event)
        case GivenBack():
            return takes.given_back(state, event)
        case _:
            assert_never(event)


def _by_sku(lines: Iterable[Line]) -> dict[str, tuple[int, ...]]:
    by_sku: dict[str, list[int]] = {}
    for number, line in enumerate(lines, start=1):
        if line.kind is LineKind.GOODS:
            by_sku.setdefault(line.sku, []).append(number)
    return {sku: tuple(numbers) for sku, numbers in by_sku.items()}


def _first_state(line: Line, deferred: Collection[str]) -> LineState:
    if line.kind is not LineKind.GOODS:
        return LineState(line)
    return LineState(line, (line.quantity, *EMPTY[1:]), deferred=line.sku in deferred)


def _begun(event: OrderPlaced) -> Order:
    by_sku = _by_sku(event.lines)
    deferred = () if event.partial_shipment else tuple(sorted(by_sku)[1:])
    later = frozenset(deferred)
    lines = {number: _first_state(line, later) for number, line in enumerate(event.lines, start=1)}
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
        delivery_note=event.delivery_note,
        business_date=event.business_date,
        requested_date=event.requested_date,
        partial_shipment=event.partial_shipment,
        backorder=event.backorder,
        priority=event.priority,
        location=event.location,
        currency=event.currency,
        total_minor=event.total_minor,
        lines=PagedMap(lines),
        totals=(units, *EMPTY[1:]),
        by_sku=PagedMap(by_sku),
        stock_asked=units > 0 and not any(Step.RESERVE in hold.blocks for hold in event.holds),
        provisional=bool(deferred) and not event.backorder,
        deferred=deferred,
        deferred_units=sum(state.buckets[Bucket.OPEN] for state in lines.values() if state.deferred),
        promises=event.promises,
        holds=event.holds,
        holds_placed=max((hold.number for hold in event.holds), default=0),
        waiting_since=event.occurred_at,
    )
    party, _ = waiting(order)
    return order if party is order.waiting_on else replace(order, waiting_on=party)


def _held(order: Order, event: Held) -> Order:
    others = tuple(hold for hold in order.holds if hold.number != event.hold.number)
    return replace(order, holds=(*others, event.hold), holds_placed=max(order.holds_placed, event.hold.number))


def _asked(order: Order, event: StockAsked) -> Order:
    served = {want.sku for want in event.wants if not want.deferred}
    asked = replace(
        _with_asks(moved(order, event.moves), event.wants),
        stock_asked=True,
        provisional=event.terms.provisional,
    )
    if not served.intersection(order.deferred):
        return asked
    return replace(asked, deferred=tuple(sku for sku in order.deferred if sku not in served))


def _with_asks(order: Order, wants: Iterable[StockWant]) -> Order:
    """The order knows what it asked for last, by the version of the event that says so."""
    ledger = Ledger(order)
    for want in wants:
        for line in want.lines:
            ledger.ask(line.line, order.version + 1, deferred=want.deferred)
    return ledger.order()


def _answered(order: Order, event: UnitsReserved | UnitsBackordered | StockReconfirmed) -> Order:
    ledger = Ledger(order)
    ledger.apply(event.moves)
    if event.location == order.location:
        for line in order.by_sku.get(event.sku, ()):
            ledger.take_version(line, event.stock_version)
    return ledger.order()


def _units_cancelled(order: Order, event: UnitsCancelled) -> Order:
    after = _with_asks(moved(order, event.moves), event.wants)
    if event.cause is not CancelCause.NO_STOCK:
        return after
    return replace(after, refused=order.refused + sum(move.quantity for move in event.moves))


def _recalled(order: Order, event: RecalledFromWarehouse) -> Order:
    there = moved(order, event.moves)
    return replace(there, sent_by_hand=there.sent_by_hand or not event.for_cancellation)


def _picked(order: Order, event: Picked) -> Order:
    ledger = Ledger(order)
    ledger.apply(event.moves)
    for excess in event.excess:
        ledger.add_excess(excess.line, excess.quantity)
    return replace(ledger.order(), excess=(*order.excess, *event.excess))


def _short_picked(order: Order, event: ShortPicked) -> Order:
    ledger = Ledger(order)
    ledger.apply(event.moves)
    for move in event.moves:
        ledger.add_missing(move.line, move.quantity)
    return ledger.order()


def _exception_opened(order: Order, event: ExceptionOpened) -> Order:
    trouble = OpenException(
        number=event.number,
        code=event.code,
        owner=event.owner,
        opened_at=event.occurred_at,
        about=event.about,
    )
    others = tuple(known for known in order.exceptions if known.number != event.number)
    return replace(
        order,
        exceptions=(*others, trouble),
        exceptions_opened=max(order.exceptions_opened, event.number),
    )


def _exception_resolved(order: Order, event: ExceptionResolved) -> Order:
    dealt_with = next((known for known in order.exceptions if known.number == event.exception), None)
    others = tuple(known for known in order.exceptions if known.number != event.exception)
    after = replace(moved(order, event.moves), exceptions=others)
    if event.outcome is None or dealt_with is None:
        return after
    return parcels.with_outcome(after, dealt_with.about.parcel, event)
