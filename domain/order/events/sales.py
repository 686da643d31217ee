"""Facts about the order as a promise: placed, confirmed, held, resumed, cancelled, completed."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field

from domain.decider import Event
from domain.order.terms import CancelCause, HoldNumber, HoldType, Moved, Step
from domain.values import (
    Actor,
    Address,
    Customer,
    CustomerReference,
    Location,
    Model,
    OneCurrency,
    OrderId,
    Priority,
    PromisePortion,
    Reason,
    StockTotals,
    Text,
    Units,
)


class HoldPlaced(Model):
    """A hold as it stands in an event: numbered, and with whoever placed it."""

    number: HoldNumber
    type: HoldType
    blocks: tuple[Step, ...]
    reason: Reason
    review_at: AwareDatetime | None = None
    placed_by: Actor


class OrderPlaced(Event, OneCurrency):
    """A customer ordered. Everything the order is about as it was at that moment."""

    order_id: OrderId
    serial: Annotated[int, Field(ge=1)]
    """Serial number, unique in the company, never used again."""
    number: Text
    """The serial with prefix, year and check digits around it, as people read it."""
    tracking_token: Annotated[str, Field(min_length=22, max_length=64)]
    """Unguessable part of the customer's tracking link."""
    placed_by: Actor
    customer: Customer
    customer_reference: CustomerReference | None = None
    ship_to: Address
    business_date: date
    """The day the order counts for in the company's books."""
    requested_date: date | None = None
    partial_shipment: bool
    backorder: bool
    priority: Priority
    location: Location
    holds: tuple[HoldPlaced, ...] = ()
    promises: tuple[PromisePortion, ...] = ()
    """Dates already promised when it was placed."""
    policy_version: Annotated[int, Field(ge=1)] = 1
    """Version of the company's rules that the order lives under."""


class OrderConfirmed(Event):
    """We committed ourselves to the order."""

    promises: tuple[PromisePortion, ...] = ()


class Held(Event):
    """Somebody stopped the order before some of its steps."""

    hold: HoldPlaced


class Resumed(Event):
    """A hold was lifted."""

    hold: HoldNumber
    resumed_by: Actor
    wants: tuple[StockTotals, ...] = ()
    """What the order now asks of stock, where the hold had kept it from asking."""
    priority: Priority = 5
    requested_date: date | None = None
    """The order's own: with `wants`, they are its turn to be served."""


class CancelRequested(Event):
    """Somebody wanted units cancelled; empty `lines` means the whole order."""

    lines: tuple[Units, ...] = ()
    cause: CancelCause


class UnitsCancelled(Event):
    """Units will not be delivered."""

    cause: CancelCause
    units: tuple[Moved, ...]
    wants: tuple[StockTotals, ...]
    """What the order still asks of the stock items concerned, in totals."""


class OrderCancelled(Event):
    """No live unit is left."""


class OrderCompleted(Event):
    """Nothing about the order is open for the customer."""
