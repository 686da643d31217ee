"""Facts about the order as a promise: placed, confirmed, held, resumed, cancelled, completed."""

from __future__ import annotations

from datetime import date

from domain.decider import Event
from domain.event_values import (
    Actor,
    Address,
    Customer,
    CustomerReference,
    Line,
    OrderId,
    PersonalText,
    PromisePortion,
    Units,
)
from domain.order.event_terms import HoldPlaced, StockWant, WantTerms
from domain.order.events.moving import UnitsMoved
from domain.order.terms import CancelCause


class OrderPlaced(Event):
    """A customer ordered. Everything the order is about as it was at that moment; all lines are in one currency."""

    order_id: OrderId
    serial: int
    """Serial number, unique in the company, never used again."""
    number: str
    """The serial with prefix, year and check digits around it, as people read it."""
    tracking_token: str
    """Unguessable part of the customer's tracking link."""
    placed_by: Actor
    customer: Customer
    customer_reference: CustomerReference | None = None
    ship_to: Address
    delivery_note: PersonalText | None = None
    """What is to stand on the delivery note beside the goods."""
    business_date: date
    """The day the order counts for in the company's books."""
    requested_date: date | None = None
    partial_shipment: bool
    backorder: bool
    priority: int
    location: str
    lines: tuple[Line, ...]
    currency: str
    total_minor: int
    """What all lines cost in minor units (cents for EUR, yen for JPY), as it was computed that day."""
    holds: tuple[HoldPlaced, ...] = ()
    promises: tuple[PromisePortion, ...] = ()
    """Dates already promised when it was placed."""


class OrderConfirmed(Event):
    """We committed ourselves to the order."""

    promises: tuple[PromisePortion, ...] = ()


class DatesPromised(Event):
    """Somebody said by when units that were still to come will come; of these lines nothing else is promised now."""

    promises: tuple[PromisePortion, ...]


class Held(Event):
    """Somebody stopped the order before some of its steps."""

    hold: HoldPlaced


class Resumed(Event):
    """A hold was lifted."""

    hold: int
    resumed_by: Actor


class CancelRequested(Event):
    """Somebody wanted units cancelled; empty `lines` means the whole order."""

    lines: tuple[Units, ...] = ()
    cause: CancelCause


class UnitsCancelled(UnitsMoved):
    """Units will not be delivered."""

    cause: CancelCause
    wants: tuple[StockWant, ...]
    """What the order still wants of the lines concerned, in totals; empty where the order ends with this."""
    terms: WantTerms


class OrderEnded(Event):
    """Base: the order is over, and these stock items may forget it."""

    location: str
    skus: tuple[str, ...]


class OrderCancelled(OrderEnded):
    """No live unit is left."""


class OrderCompleted(OrderEnded):
    """Nothing about the order is open for the customer."""
