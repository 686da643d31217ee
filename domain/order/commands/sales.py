"""Commands of sales: place, confirm, hold, resume, cancel."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from domain.decider import Command
from domain.order.command_terms import HoldNumber, HoldTerms
from domain.order.terms import CancelCause
from domain.values import (
    MAIN,
    Address,
    Customer,
    CustomerReference,
    Day,
    DeliveryText,
    Flag,
    Location,
    OneCurrency,
    Priority,
    PromisePortion,
    Reason,
    Units,
)


class PlaceOrder(Command, OneCurrency):
    """A customer orders. All lines are in one currency; a hold may come with it."""

    customer: Customer = Customer()
    customer_reference: CustomerReference | None = None
    ship_to: Address
    delivery_note: DeliveryText | None = None
    """What is to stand on the delivery note beside the goods: how to find the door, whose order it is."""
    requested_date: Day | None = None
    """The day the customer asked for; None where none was asked for."""
    partial_shipment: Flag = True
    """Whether what is there may be sent before the rest."""
    backorder: Flag = True
    """Whether missing units wait for stock; otherwise they are cancelled by us."""
    priority: Priority = 5
    location: Location = MAIN
    """The location whose stock serves the order."""
    holds: Annotated[tuple[HoldTerms, ...], Field(max_length=10)] = ()


class ConfirmOrder(Command):
    """Sales commits us to the order; refused as long as that cannot be."""

    promises: Annotated[tuple[PromisePortion, ...], Field(max_length=10_000)] = ()
    """Dates that a person promises; none is ever computed."""


class PromiseDates(Command):
    """Somebody says by when units that are still to come will come, in place of what was promised of their lines."""

    promises: Annotated[tuple[PromisePortion, ...], Field(min_length=1, max_length=10_000)]


class Hold(Command, HoldTerms):
    """Somebody stops the order before some of its steps."""

    reason: Reason


class Resume(Command):
    """Somebody lifts a hold; the order goes on where it stood."""

    hold: HoldNumber
    reason: Reason


class RequestCancel(Command):
    """Somebody wants units cancelled: those of `lines`, or all."""

    final: ClassVar[bool] = True

    lines: Annotated[tuple[Units, ...], Field(max_length=10_000)] = ()
    """Empty means the whole order."""
    cause: CancelCause = CancelCause.CUSTOMER
    reason: Reason
