"""The stock view: what lies where, what of it is spoken for, and who waits.

Decides: the columns and their order. Must not know: words on screen, prices.
"""

from __future__ import annotations

from datetime import datetime

from projections.view import StateRow


class StockRow(StateRow):
    """One SKU at one location, in base units. available = on_hand - staged - reserved; negative only after a count."""

    sku: str
    location: str
    on_hand: int
    """Units in the house, staged ones included."""
    staged: int
    """Picked, not gone."""
    reserved: int
    """Promised to orders, not picked."""
    available: int
    waiting: int
    """Units orders wait for."""
    waiting_orders: int
    last_issue_at: datetime | None
    """When units last left the house; None when none ever did."""

    def days_since_last_issue(self, now: datetime) -> int | None:
        """Whole days; None when nothing was ever issued."""
        return None if self.last_issue_at is None else max(0, (now - self.last_issue_at).days)
