"""Commands of the warehouse: send, recall, start pick, pick, short pick, pack, unpack."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from domain.decider import Command
from domain.order.command_terms import ParcelNumber, PickedUnits
from domain.values import Quantity, Reason, Units

SomeUnits = Annotated[tuple[Units, ...], Field(min_length=1, max_length=10_000)]


class SendToWarehouse(Command):
    """Somebody makes work for the warehouse of what is reserved; refused as long as that cannot be."""


class RecallFromWarehouse(Command):
    """Units nobody has picked come back from the warehouse; empty `lines` means all of them."""

    lines: Annotated[tuple[Units, ...], Field(max_length=10_000)] = ()
    reason: Reason


class StartPick(Command):
    """Somebody begins to pick the order."""

    fact: ClassVar[bool] = True


class Pick(Command):
    """Units were picked."""

    fact: ClassVar[bool] = True

    units: Annotated[tuple[PickedUnits, ...], Field(min_length=1, max_length=10_000)]


class ShortPick(Command):
    """Units that should be on the shelf are not there."""

    fact: ClassVar[bool] = True

    lines: SomeUnits


class Pack(Command):
    """Picked units go into a new parcel. The answer is the parcel's number in the event."""

    contents: SomeUnits
    weight_g: Quantity | None = None
    """Weight in grams; None where nobody weighed it."""


class Unpack(Command):
    """A parcel that has not left is opened again; its units are picked units once more."""

    parcel: ParcelNumber
    reason: Reason
