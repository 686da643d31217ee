"""What the boards of all departments share: one row per order that the department has something to do with.

Decides: columns, paging and counts of a board. Which orders are on it, and in which queue, each department's file
decides. Must not know: words on screen.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from domain.access import Party
from domain.order.status import Badge, Headline, NextAction
from projections.view import StateRow


class BoardRow(StateRow):
    """One order on one department's board."""

    order_id: UUID
    number: str
    customer_id: str | None
    customer_name: str | None
    headline: Headline
    badges: tuple[Badge, ...]
    waiting_on: Party
    next_action: NextAction
    waiting_since: datetime
    queue: str
    """One of the board's queues."""
    priority: int
    """0 is served first, 9 last."""
    requested_date: date | None
    placed_at: datetime
    units_done: int
    """Units through with what this department does to them."""
    units_of: int
    """Units it has to do with."""
    line_count: int
    country: str
    total_minor: int
    currency: str
