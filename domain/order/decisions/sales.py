"""What sales decides: place, confirm, hold, resume.

An order is confirmed once stock has answered for every unit and nothing holds it; the customer's wish about partial
shipment and backorder says what becomes of missing units.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from domain.decider import Rejected, require
from domain.order.decisions.cancellation import Cancellation, cancelled
from domain.order.decisions.shared_refusals import require_line, require_not_closed
from domain.order.events import Held, HoldPlaced, OrderCancelled, OrderConfirmed, OrderPlaced, Resumed
from domain.order.evolve import total_minor
from domain.order.ledger import UNPICKED, Ledger, goods_lines, skus_of, stock_totals, summed, units_in, wanted
from domain.order.status import holds_blocking, is_closed
from domain.order.terms import Bucket, CancelCause, HoldType, Step
from domain.roles import Role
from domain.stream_names import name_of
from domain.values import DateSource, OrderId, PromisePortion, StockTotals, Units

if TYPE_CHECKING:
    from datetime import date, datetime

    from domain.decider import Context
    from domain.order.commands import ConfirmOrder, Hold, PlaceOrder, Resume
    from domain.order.events import OrderEvent
    from domain.order.state import Order
    from domain.order.terms import HoldTerms

MOST_MINOR: Final = 10**15
"""Largest total of an order in minor units: whoever reads it, as JSON or in a table, reads it exactly."""

NEEDS_SECOND_PERSON: Final = frozenset({HoldType.FRAUD, HoldType.CREDIT})

_SALES: Final = frozenset({Role.SALES, Role.SALES_LEAD})
_ANY_PARTY: Final = frozenset(Role)

LIFTED_BY: Final[dict[HoldType, frozenset[Role]]] = {
    HoldType.CREDIT: frozenset({Role.FINANCE}),
    HoldType.PAYMENT: frozenset({Role.FINANCE}),
    HoldType.FRAUD: frozenset({Role.FINANCE}),
    HoldType.ADDRESS: _SALES | {Role.CUSTOMER_SERVICE, Role.LOGISTICS},
    HoldType.STOCK: frozenset({Role.PURCHASING}),
    HoldType.PRICE: _SALES,
    HoldType.APPROVAL: frozenset({Role.SALES_LEAD}),
    HoldType.CUSTOMER_REQUEST: _SALES | {Role.CUSTOMER_SERVICE},
    HoldType.COMPLIANCE: frozenset({Role.WAREHOUSE_LEAD}),
    HoldType.DATE_UNKNOWN: _SALES | {Role.PURCHASING},
    HoldType.MANUAL: _ANY_PARTY,
}
"""Whose hold it is; an administrator may lift any. Anybody may place one."""


class AlreadyPlaced(Rejected):
    """The order has been placed before."""


class OutsideCalendar(Rejected):
    """The moment lies outside the calendar."""


class TotalTooLarge(Rejected):
    """The order costs more than a company's books can hold."""


class AlreadyConfirmed(Rejected):
    """The order is confirmed; its promises cannot be made again."""


class OnHold(Rejected):
    """A hold stops the order before this step."""


class StockNotAnswered(Rejected):
    """Stock has not answered for every unit yet."""


class PromiseExceedsOrder(Rejected):
    """More units are promised than the line wants."""


class NoSuchHold(Rejected):
    """The order has never had such a hold."""


class HoldOfAnotherDepartment(Rejected):
    """This hold is lifted by the department whose hold it is."""


class FourEyes(Rejected):
    """Somebody else has to lift this hold: not who placed the order, and not who placed the hold."""


def place(state: Order | None, command: PlaceOrder, context: Context) -> tuple[OrderEvent, ...]:
    """A new order, with whatever holds it comes with."""
    if state is not None:
        raise AlreadyPlaced(f"It is order {state.number}.")
    total = abs(total_minor(command.lines))
    require(total <= MOST_MINOR, TotalTooLarge, f"{total} minor units of {MOST_MINOR}.")
    return (
        OrderPlaced(
            occurred_at=context.occurred_at,
            reason=command.reason,
            order_id=OrderId(name_of(context.stream)),
            serial=context.serial,
            number=context.number,
            tracking_token=context.tracking_token,
            placed_by=context.actor,
            business_date=_utc_date(context.occurred_at),
            holds=tuple(_hold_placed(number, hold, context) for number, hold in enumerate(command.holds, start=1)),
            lines=command.lines,
            customer=command.customer,
            customer_reference=command.customer_reference,
            ship_to=command.ship_to,
            requested_date=command.requested_date,
            partial_shipment=command.partial_shipment,
            backorder=command.backorder,
            priority=command.priority,
            location=command.location,
        ),
    )


def _utc_date(moment: datetime) -> date:
    try:
        return moment.astimezone(UTC).date()
    except OverflowError:
        raise OutsideCalendar(f"{moment.isoformat()} has no date in UTC.") from None


def _hold_placed(number: int, terms: HoldTerms, context: Context) -> HoldPlaced:
    return HoldPlaced(
        number=number,
        type=terms.type,
        blocks=terms.blocks,
        reason=terms.reason,
        review_at=terms.review_at,
        placed_by=context.actor,
    )


def confirm(order: Order, command: ConfirmOrder, context: Context) -> tuple[OrderEvent, ...]:
    """Commit to the order. The workflow asks in vain without harm; a person is told why not.

    Confirmed already, it is asked again whether units went missing since that the customer does not want to wait for.
    """
    try:
        promises = _confirmable(order, command)
    except Rejected:
        if context.role is Role.WORKFLOW:
            return ()
        raise
    withdrawn = _without_missing_units(order, command, context)
    if order.confirmed_at is not None:
        return withdrawn
    confirmed = OrderConfirmed(occurred_at=context.occurred_at, reason=command.reason, promises=promises)
    nothing_left = any(isinstance(event, OrderCancelled) for event in withdrawn)
    return withdrawn if nothing_left else (confirmed, *withdrawn)


def _confirmable(order: Order, command: ConfirmOrder) -> tuple[PromisePortion, ...]:
    """The promises that go with it; refuses where the order cannot be confirmed, or these cannot be made."""
    require_not_closed(order)
    promises = _promised_by_person(order, command)
    if order.confirmed_at is not None:
        require(set(promises) <= set(order.promises), AlreadyConfirmed)
        return promises
    blocking = holds_blocking(order, Step.CONFIRM)
    require(not blocking, OnHold, "; ".join(f"hold {hold.number} ({hold.type.value})" for hold in blocking))
    unanswered = order.count(Bucket.OPEN)
    require(unanswered == 0, StockNotAnswered, f"{unanswered} units are unanswered.", units=unanswered)
    return promises


def _promised_by_person(order: Order, command: ConfirmOrder) -> tuple[PromisePortion, ...]:
    """Promises of the command as a person's, whatever source it names; no more units than a line still wants."""
    portions = summed(Units(line=portion.line, quantity=portion.quantity) for portion in command.promises)
    for line, quantity in portions.items():
        require_line(order, line)
        state = order.lines[line]
        most = wanted(state) if any(state.buckets) else state.line.quantity
        require(quantity <= most, PromiseExceedsOrder, f"Line {line}: {quantity} promised of {most}.", line=line)
    return tuple(
        PromisePortion(line=portion.line, quantity=portion.quantity, on=portion.on, source=DateSource.PERSON)
        for portion in command.promises
    )


def _without_missing_units(order: Order, command: ConfirmOrder, context: Context) -> tuple[OrderEvent, ...]:
    """Cancelled by us where the customer does not want to wait: the missing units, or all if parts are of no use."""
    if order.backorder or order.count(Bucket.BACKORDERED) == 0:
        return ()
    buckets = (Bucket.BACKORDERED,) if order.partial_shipment else UNPICKED
    quantities = {line: units_in(order.lines[line], *buckets) for line in goods_lines(order)}
    wish = Cancellation(CancelCause.NO_STOCK, command.reason, quantities, buckets)
    return cancelled(order, wish, context)


def hold(order: Order, command: Hold, context: Context) -> tuple[OrderEvent, ...]:
    """One more hold."""
    require_not_closed(order)
    placed = _hold_placed(order.holds_placed + 1, command, context)
    return (Held(occurred_at=context.occurred_at, reason=command.reason, hold=placed),)


def resume(order: Order, command: Resume, context: Context) -> tuple[OrderEvent, ...]:
    """One hold less. If it was the last that kept the order from asking stock, the order asks now."""
    require(command.hold <= order.holds_placed, NoSuchHold, f"Hold {command.hold} of {order.holds_placed}.")
    lifted = next((hold for hold in order.holds if hold.number == command.hold), None)
    if lifted is None:
        return ()
    owners = LIFTED_BY[lifted.type] | {Role.ADMIN}
    require(
        context.role in owners,
        HoldOfAnotherDepartment,
        f"A {lifted.type.value} hold: {', '.join(sorted(role.value for role in owners))}.",
    )
    first_eyes = {order.placed_by, lifted.placed_by}
    require(lifted.type not in NEEDS_SECOND_PERSON or context.actor not in first_eyes, FourEyes)
    return (
        Resumed(
            occurred_at=context.occurred_at,
            reason=command.reason,
            hold=command.hold,
            resumed_by=context.actor,
            wants=_first_wants(order, lifted),
            priority=order.priority,
            requested_date=order.requested_date,
        ),
    )


def _first_wants(order: Order, lifted: HoldPlaced) -> tuple[StockTotals, ...]:
    others = [hold for hold in holds_blocking(order, Step.RESERVE) if hold != lifted]
    if others or order.stock_asked or is_closed(order):
        return ()
    live = [line for line in goods_lines(order) if wanted(order.lines[line])]
    return stock_totals(order, Ledger(order), skus_of(order, live), wanted)
