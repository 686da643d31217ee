"""What clients want: orders, goods, and whatever an order as they know it offers them.

Decides: which command somebody sends next, by chance. Must not know: processes, faults.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from domain.decider import Context
from domain.offering import OneOf, Rank, UnitsWithin
from domain.offers import order_offers
from domain.order.commands import PlaceOrder
from domain.order.terms import Audience, CancelCause, Channel, Evidence, HoldType, ParcelStatus
from domain.roles import Department, Role
from domain.stock.commands import CountStock, ReceiveStock
from domain.stream_names import stock_stream
from domain.values import MAIN, Address, Line, Price

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from random import Random

    from domain.decider import Command
    from domain.offering import Offer
    from domain.order.state import Order

SKUS: Final = ("A", "B", "C")

VALUES_OF_OPEN_FIELDS: Final[Mapping[str, tuple[Any, ...]]] = {
    "audience": tuple(Audience),
    "answer": ("Tomorrow.",),
    "bin": (None, "A-01"),
    "carrier": ("DHL", "UPS"),
    "cause": tuple(CancelCause),
    "channel": tuple(Channel),
    "code": ("A", "B"),
    "department": (None, *Department),
    "evidence": tuple(Evidence),
    "question": ("When?",),
    "reason": ("because",),
    "status": tuple(ParcelStatus),
    "text": ("call back",),
    "to": ("bob", "eve"),
    "tracking_number": ("T-1", "T-2"),
    "type": tuple(HoldType),
}
"""Values of fields that an offer leaves open."""


def placing(luck: Random) -> PlaceOrder:
    """An order of one to three lines, of any policy."""
    lines = tuple(
        Line(sku=sku, name=sku, quantity=luck.randint(1, 6), unit_price=Price(amount=Decimal("2.50"), currency="EUR"))
        for sku in luck.sample(SKUS, luck.randint(1, len(SKUS)))
    )
    return PlaceOrder(
        ship_to=Address(country="DE"),
        lines=lines,
        partial_shipment=luck.random() < 0.7,
        backorder=luck.random() < 0.7,
        priority=luck.choice((3, 5, 5, 5)),
    )


def of_stock(luck: Random) -> tuple[str, Command]:
    """Goods come in, or somebody counts."""
    stream = stock_stream(luck.choice(SKUS), MAIN)
    if luck.random() < 0.2:
        return stream, CountStock(counted=luck.randint(0, 12))
    return stream, ReceiveStock(quantity=luck.randint(1, 15))


def of_order(luck: Random, stream: str, order: Order, now: datetime) -> Command:
    """One of the things that are offered of an order, mostly what it waits for; a note can be written at any time."""
    context = Context(actor=luck.choice(("ada", "bob")), role=Role.ADMIN, occurred_at=now, stream=stream)
    offers = order_offers(order, {}, context)
    likely = [offer for offer in offers if offer.rank is Rank.NEXT]
    return _filled_in(luck, luck.choice(likely if likely and luck.random() < 0.7 else offers))


def _filled_in(luck: Random, offer: Offer) -> Command:
    known = offer.command.model_fields
    fields = {name: luck.choice(values) for name, values in VALUES_OF_OPEN_FIELDS.items() if name in known}
    fields |= {name: _within(luck, limit) for name, limit in offer.limits.items()}
    return offer.command.model_validate({**fields, **offer.given})


def _within(luck: Random, limit: UnitsWithin | OneOf) -> Any:
    if isinstance(limit, OneOf):
        return luck.choice(limit.values)
    if limit.optional and luck.random() < 0.3:
        return ()
    day: dict[str, date] = {} if limit.from_day is None else {"on": limit.from_day}
    some = luck.sample(limit.lines, luck.randint(min(1, len(limit.lines)), len(limit.lines)))
    return tuple({"line": each.line, "quantity": luck.randint(1, each.most), **day} for each in some)
