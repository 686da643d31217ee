"""Every view there is. A new one is its file and one word here."""

from __future__ import annotations

from typing import Final

from projections import logistics, order, sales, stock, timeline, tracking, warehouse
from projections.view import View

VIEWS: Final[tuple[View, ...]] = (
    order.VIEW,
    timeline.VIEW,
    sales.VIEW,
    warehouse.VIEW,
    logistics.VIEW,
    stock.VIEW,
    tracking.VIEW,
)
