"""What the order asks of stock, and what stock answered as the order took it."""

from __future__ import annotations

from domain.order.event_terms import StockWant, WantTerms
from domain.order.events.moving import UnitsMoved


class StockAsked(UnitsMoved):
    """The order asks stock: for the first time after a hold, for its next article, or again for units taken back."""

    wants: tuple[StockWant, ...]
    """What the order wants of the stock items concerned, in totals."""
    terms: WantTerms


class StockAnswer(UnitsMoved):
    """Base: an answer of one stock item. `stock_version` is that stream's version; older answers no longer count."""

    sku: str
    location: str
    stock_version: int
    still_open: int
    """Units of the whole order that no stock has answered for yet; at 0 it can be confirmed."""


class UnitsReserved(StockAnswer):
    """Stock is reserved for these units."""


class UnitsBackordered(StockAnswer):
    """These units wait for stock; a reservation may have been taken back."""


class StockReconfirmed(StockAnswer):
    """A newer answer moves nothing: it says what the order knew already, or refuses units that are cancelled next."""
