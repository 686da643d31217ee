"""What sales decides: place, confirm, promise dates.

An order is confirmed once stock has answered for every unit and nothing holds it.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN
from typing import TYPE_CHECKING, Final

from domain.decider import Rejected, require
from domain.event_values import MINOR_DIGITS, DateSource, LineKind, OrderId, PromisePortion, Units
from domain.order.decisions.holds import hold_placed
from domain.order.decisions.shared_refusals import (
    require_answered,
    require_line,
    require_not_closed,
    require_not_held,
)
from domain.order.events import DatesPromised, OrderConfirmed, OrderPlaced
from domain.order.ledger import summed, to_come, wanted
from domain.order.promises import is_promised_so
from domain.order.status import holds_blocking, is_closed
from domain.order.terms import Bucket, Step
from domain.stream_names import name_of
from domain.values import one_currency

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from domain.decider import Context
    from domain.event_values import Line
    from domain.order.commands import ConfirmIfReady, ConfirmOrder, PlaceOrder, PromiseDates
    from domain.order.events import OrderEvent
    from domain.order.state import LineState, Order

MOST_MINOR: Final = 10**15
"""Largest total of an order in minor units: every reader, of JSON or of a table, reads it exactly."""


class AlreadyPlaced(Rejected):
    """The order has already been placed."""


class OutsideCalendar(Rejected):
    """The time lies outside the supported calendar."""


class TotalTooLarge(Rejected):
    """The order's total is larger than can be recorded."""


class AlreadyConfirmed(Rejected):
    """The order is already confirmed; use "Promise dates" to promise dates."""


class PromiseExceedsOrder(Rejected):
    """More units are promised than are still to come of the line."""


class PromiseInPast(Rejected):
    """A date is promised that is over."""


def place(state: Order | None, command: PlaceOrder, context: Context) -> tuple[OrderEvent, ...]:
    """A new order, with whatever holds it comes with."""
    if state is not None:
        raise AlreadyPlaced(f"It is order {state.number}.")
    total = total_minor(command.lines)
    require(abs(total) <= MOST_MINOR, TotalTooLarge, f"{abs(total)} minor units of {MOST_MINOR}.")
    return (
        OrderPlaced(
            occurred_at=context.occurred_at,
            reason=command.reason,
            order_id=OrderId(name_of(context.stream)),
            serial=context.serial,
            number=context.number,
            tracking_token=context.tracking_token,
            placed_by=context.actor,
            business_date=_business_date(context),
            holds=tuple(hold_placed(number, hold, context) for number, hold in enumerate(command.holds, start=1)),
            lines=command.lines,
            currency=one_currency(command.lines),
            total_minor=total,
            customer=command.customer,
            customer_reference=command.customer_reference,
            ship_to=command.ship_to,
            delivery_note=command.delivery_note,
            requested_date=command.requested_date,
            partial_shipment=command.partial_shipment,
            backorder=command.backorder,
            priority=command.priority,
            location=command.location,
        ),
    )


def total_minor(lines: Iterable[Line]) -> int:
    """What lines cost in minor units: each rounded half-even by itself, discounts negative."""
    total = 0
    for line in lines:
        exact = (line.unit_price.amount * line.quantity).scaleb(MINOR_DIGITS[line.unit_price.currency])
        minor = int(exact.to_integral_value(ROUND_HALF_EVEN))
        total += -minor if line.kind is LineKind.DISCOUNT else minor
    return total


def _business_date(context: Context) -> date:
    try:
        return context.today
    except OverflowError:
        raise OutsideCalendar(f"{context.occurred_at.isoformat()} has no date in {context.zone}.") from None


def confirm_if_ready(order: Order, command: ConfirmIfReady, context: Context) -> tuple[OrderEvent, ...]:
    """Commit to the order as soon as nothing stands before it."""
    if is_closed(order) or order.confirmed_at is not None:
        return ()
    if order.count(Bucket.OPEN) or holds_blocking(order, Step.CONFIRM):
        return ()
    return (OrderConfirmed(occurred_at=context.occurred_at, reason=command.reason),)


def confirm(order: Order, command: ConfirmOrder, context: Context) -> tuple[OrderEvent, ...]:
    """Commit to the order with these promises, or say why not."""
    require_not_closed(order)
    promises = _promised_by_person(order, command.promises, promisable)
    if order.confirmed_at is not None:
        require(set(promises) <= set(order.promises), AlreadyConfirmed)
        return ()
    require_not_held(order, Step.CONFIRM)
    require_answered(order)
    _require_to_come(promises, context)
    return (OrderConfirmed(occurred_at=context.occurred_at, reason=command.reason, promises=promises),)


def promise_dates(order: Order, command: PromiseDates, context: Context) -> tuple[OrderEvent, ...]:
    """Promise units that are still to come for a day: who waits for goods asks when."""
    require_not_closed(order)
    promises = _promised_by_person(order, command.promises, to_come)
    if is_promised_so(order, command):
        return ()
    _require_to_come(promises, context)
    return (DatesPromised(occurred_at=context.occurred_at, reason=command.reason, promises=promises),)


def _promised_by_person(
    order: Order, promises: Sequence[PromisePortion], count: Callable[[LineState], int]
) -> tuple[PromisePortion, ...]:
    """Promises as a person's, whatever source they name; no more units of a line than `count` says."""
    portions = summed(Units(line=portion.line, quantity=portion.quantity) for portion in promises)
    for line, quantity in portions.items():
        require_line(order, line)
        most = count(order.lines[line])
        require(quantity <= most, PromiseExceedsOrder, f"Line {line}: {quantity} promised of {most}.", line=line)
    return tuple(
        PromisePortion(line=portion.line, quantity=portion.quantity, on=portion.on, source=DateSource.PERSON)
        for portion in promises
    )


def _require_to_come(promises: Iterable[PromisePortion], context: Context) -> None:
    """A promise can be kept on the day on which it is made, or later."""
    today = _business_date(context)
    for portion in promises:
        told = f"Line {portion.line}: {portion.on}, and it was {today}."
        require(portion.on >= today, PromiseInPast, told, line=portion.line)


def promisable(state: LineState) -> int:
    """Units of a line that a person may promise: what is still wanted, or all that is no goods."""
    return wanted(state) if any(state.buckets) else state.line.quantity
