"""What order events consist of besides plain values: moves, picked units, holds, wants. Without bounds.

Must not know: what a command may say today (`terms.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pydantic import AwareDatetime

from domain.event_values import Actor, Model, PersonalText, Shortage, StockTotals, Units
from domain.order.terms import Bucket, Evidence, HoldType, Misfit, Step


class Move(Model):
    """Units of a line that went from one bucket to another. An order's units move by these and by nothing else."""

    line: int
    quantity: int
    source: Bucket
    target: Bucket


def units_of(moves: Iterable[Move]) -> tuple[Units, ...]:
    """What moved, line by line, wherever it came from."""
    sums: dict[int, int] = {}
    for move in moves:
        sums[move.line] = sums.get(move.line, 0) + move.quantity
    return tuple(Units(line=line, quantity=quantity) for line, quantity in sums.items())


class PickedUnits(Model):
    """Units as they were picked. `line` None: it was not named."""

    line: int | None = None
    sku: str | None = None
    """None where it is the line's own."""
    quantity: int
    bin: str | None = None
    lot: str | None = None
    serial: str | None = None


class NamedUnits(Model):
    """Units that a fact or trouble names: of a goods line of the order, or of none."""

    line: int | None = None
    """A goods line that the order has; None where `misfit` says why it has none."""
    sku: str | None = None
    quantity: int
    misfit: Misfit | None = None
    named_line: int | None = None
    """The number that was named where `line` cannot be it."""


class HoldInTheWay(Model):
    """A hold that something was done in spite of."""

    number: int
    type: HoldType


class TroubleFacts(Model):
    """What trouble is about, as far as it is known. Whoever shows it puts it into words."""

    parcel: int | None = None
    """By the number that was named; None where it is about no parcel."""
    tracking_number: str | None = None
    carrier: str | None = None
    service: str | None = None
    code: str | None = None
    """The carrier's own code for what it says."""
    message: PersonalText | None = None
    """The carrier's own words; None where it used none."""
    evidence: Evidence | None = None
    """How it is known that goods arrived."""
    received_by: PersonalText | None = None
    """Who took them in."""
    holds: tuple[HoldInTheWay, ...] = ()
    """All holds that were in the way."""
    parts: tuple[NamedUnits, ...] = ()
    """Units that are too many, not wanted or missing, or the first of them."""
    units: int | None = None
    """How many units, all of `parts` included."""
    command: str | None = None
    """The workflow's command that was refused."""
    refusal: str | None = None
    """The code of the rule that refused it."""


class HoldPlaced(Model):
    """A hold as it stands in an event: numbered, and with the name of the person who placed it."""

    number: int
    type: HoldType
    blocks: tuple[Step, ...]
    reason: str
    review_at: AwareDatetime | None = None
    placed_by: Actor
    placed_at: AwareDatetime | None = None
    """None in events from before holds said it."""


class StockWant(StockTotals):
    """What the order wants of one stock item."""

    deferred: bool = False
    """It is to keep its place in the waiting list and not to be served before the order asks again."""


class WantTerms(Model):
    """What holds for everything that an order wants of stock at one moment."""

    priority: int
    promise: date | None = None
    """The day the customer asked for; None is served after all dates."""
    shortage: Shortage = Shortage.WAIT
    provisional: bool = False
    """What is reserved may yet come back, because another article of the order is undecided."""
