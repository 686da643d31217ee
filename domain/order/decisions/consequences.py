"""What else follows from events of an order, whatever brought them about.

Decides: that stock is asked for the next article once its turn has come, that an all-or-nothing order takes for good
what it has been given, and that trouble ends which other events have overtaken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.order.decisions.exceptions import overtaken
from domain.order.events import StockAsked
from domain.order.evolve import evolve
from domain.order.status import is_closed
from domain.order.wants import all_wants, has_become_firm, next_in_turn, terms_of, want_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.decider import Context
    from domain.order.events import OrderEvent
    from domain.order.state import Order


def consequences(before: Order, events: Iterable[OrderEvent], context: Context) -> tuple[OrderEvent, ...]:
    """Events that follow upon these; most orders have nothing that could follow, and cost nothing here."""
    if not (before.exceptions or before.deferred or before.provisional):
        return ()
    after = folded(before, events)
    return *_asks(after, context), *overtaken(before, after, context)


def folded(order: Order, events: Iterable[OrderEvent]) -> Order:
    """The order after these events."""
    for event in events:
        order = evolve(order, event) or order
    return order


def _asks(order: Order, context: Context) -> tuple[StockAsked, ...]:
    if is_closed(order) or not order.stock_asked:
        return ()
    if has_become_firm(order):
        terms = terms_of(order, provisional=False)
        return (StockAsked(occurred_at=context.occurred_at, wants=tuple(all_wants(order)), terms=terms),)
    sku = next_in_turn(order)
    if sku is None:
        return ()
    want = want_of(order, sku, served_now=True)
    return (StockAsked(occurred_at=context.occurred_at, wants=(want,), terms=terms_of(order)),)
