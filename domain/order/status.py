"""Every status word, as a pure function of ledger, holds and money: the one definition that all readers share.

Words on screen for these codes: the design's vocabulary; sentences live with the pages. Must not know: how a word is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.access import Party

if TYPE_CHECKING:
    from domain.order.state import Order


class Headline(StrEnum):
    """One word per order, decided by its least advanced live goods unit."""

    PENDING = "pending"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class BadgeKind(StrEnum):
    """Partial progress, holds and trouble: beside the headline, never instead of it."""

    PART_SHIPPED = "part-shipped"
    BACKORDERED = "backordered"
    ON_HOLD = "on-hold"
    PROBLEM = "problem"
    RETURN_OPEN = "return-open"
    DATE_MOVED = "date-moved"


@dataclass(frozen=True, slots=True)
class Badge:
    """`Part shipped 6/10`: kind, count, of how many; `detail` is a hold type or an exception code."""

    kind: BadgeKind
    count: int = 0
    of: int = 0
    detail: str = ""


class NextAction(StrEnum):
    """What the party that an order waits on has to do."""

    LIFT_HOLD = "lift-hold"
    RESOLVE_EXCEPTION = "resolve-exception"
    ANSWER_STOCK = "answer-stock"
    CONFIRM = "confirm"
    SEND_TO_WAREHOUSE = "send-to-warehouse"
    PICK = "pick"
    PACK = "pack"
    HAND_OVER = "hand-over"
    RECEIVE_STOCK = "receive-stock"
    DELIVER = "deliver"
    COMPLETE = "complete"
    NOTHING = "nothing"


class Milestone(StrEnum):
    """The customer's words, in order."""

    ORDERED = "ordered"
    CONFIRMED = "confirmed"
    BEING_PREPARED = "being-prepared"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out-for-delivery"
    RECEIVED = "received"


def headline(order: Order) -> Headline:
    """The order's one word."""
    raise NotImplementedError


def badges(order: Order) -> tuple[Badge, ...]:
    """What stands beside the headline, most urgent first."""
    raise NotImplementedError


def waiting(order: Order) -> tuple[Party, NextAction]:
    """Who has to do something next, and what. Never empty: a closed order waits on nobody for nothing."""
    raise NotImplementedError


def milestone(order: Order) -> Milestone | None:
    """How far the order is in the customer's eyes (its most advanced parcel counts); None when it was cancelled."""
    raise NotImplementedError
