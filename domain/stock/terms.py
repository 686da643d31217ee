"""Terms that a stock item's events share: where units of an order are here, how they move, what an order is told."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from domain.event_values import Model


class Place(StrEnum):
    """Where units of an order line are at a stock item."""

    NOT_WANTED = "not-wanted"
    """Nowhere: not asked for, or given up."""
    WAITING = "waiting"
    RESERVED = "reserved"
    """On the shelf, promised to the order."""
    STAGED = "staged"
    """Picked, not gone."""
    GONE = "gone"
    """Left the house."""


class Shift(Model):
    """Units of an order line that moved from one place to another."""

    line: int
    quantity: int
    source: Place
    target: Place


class LineStanding(Model):
    """How an order line stands here, in totals: `reserved` to date (picked and gone units included) and `waiting`."""

    line: int
    reserved: int
    waiting: int


class Answer(Model):
    """What one of several orders that a decision concerns is told, and the units that moved for it.

    `lines` is empty where the order is not told: what it wants is still undecided.
    """

    order_id: UUID
    want_version: int
    """Version of the order's newest want that this answers; 0 before the order said what it wants."""
    moves: tuple[Shift, ...] = ()
    lines: tuple[LineStanding, ...] = ()
