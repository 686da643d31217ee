"""What stock answered, as the order took it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.decider import Event
from domain.order.terms import Moved
from domain.values import Location, Sku, Version


class StockAnswer(Event):
    """Base: an answer of one stock item. `stock_version` is that stream's version; older answers no longer count."""

    sku: Sku
    location: Location
    stock_version: Version
    units: tuple[Moved, ...]
    still_open: Annotated[int, Field(ge=0)]
    """Units of the whole order that no stock has answered for yet; at 0 it can be confirmed."""


class UnitsReserved(StockAnswer):
    """Stock is reserved for these units."""


class UnitsBackordered(StockAnswer):
    """These units wait for stock; a reservation may have been taken back."""


class StockReconfirmed(StockAnswer):
    """A newer answer says what the order knew already; `units` is empty."""
