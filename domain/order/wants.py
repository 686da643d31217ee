"""What an order asks of stock: how much of which article, on which terms, and which article comes first.

Decides: what an order's policies mean for stock. An order that ships only complete asks for one article after the
other, in the order of their codes: two such orders cannot each hold what the other waits for, and nobody hoards.
Must not know: what stock has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.event_values import LineTotal, Shortage
from domain.order.event_terms import StockWant, WantTerms
from domain.order.ledger import UNRESERVED, units_in, wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.order.ledger import Ledger
    from domain.order.state import Order


def shortage(order: Order) -> Shortage:
    """What becomes of units that are not there. A confirmed order waits for them, whatever was agreed before."""
    if order.backorder or order.confirmed_at is not None:
        return Shortage.WAIT
    return Shortage.REFUSE_MISSING if order.partial_shipment else Shortage.REFUSE_WHOLE


def terms_of(order: Order, *, provisional: bool | None = None) -> WantTerms:
    """What holds for everything that the order wants at this moment."""
    return WantTerms(
        priority=order.priority,
        promise=order.requested_date,
        shortage=Shortage.REFUSE_WHOLE_NOW if _has_fallen_back(order) else shortage(order),
        provisional=order.provisional if provisional is None else provisional,
    )


def _has_fallen_back(order: Order) -> bool:
    """Whether units were taken back of an article that comes before another one that stock serves already.

    Such an order may hold what others wait for while they hold what it wants. Nobody would ever be decided.
    """
    if not order.provisional or order.confirmed_at is not None:
        return False
    served = sorted(set(order.by_sku) - set(order.deferred))
    return any(units_in(order.lines[line], *UNRESERVED) for sku in served[:-1] for line in order.by_sku[sku])


def all_wants(order: Order) -> Iterator[StockWant]:
    """Everything that the order wants, made one by one, article by article in the order of their codes."""
    return (want_of(order, sku) for sku in sorted(order.by_sku) if _is_wanted(order, sku))


def _is_wanted(order: Order, sku: str) -> bool:
    return any(wanted(order.lines[line]) for line in order.by_sku[sku])


def want_of(order: Order, sku: str, *, served_now: bool = False) -> StockWant:
    """Everything that the order wants of an article, in its turn or to be served now."""
    lines = order.by_sku[sku]
    totals = tuple(LineTotal(line=line, quantity=wanted(order.lines[line])) for line in lines)
    deferred = order.lines[lines[0]].deferred and not served_now
    return StockWant(sku=sku, location=order.location, lines=totals, deferred=deferred)


def wants_of_lines(ledger: Ledger, lines: Iterable[int]) -> tuple[StockWant, ...]:
    """What the order wants of these lines as the ledger has them; stock keeps the article's other lines as they are."""
    by_sku: dict[str, list[LineTotal]] = {}
    deferred = {}
    for line in lines:
        state = ledger.line(line)
        deferred[state.line.sku] = state.deferred
        by_sku.setdefault(state.line.sku, []).append(LineTotal(line=line, quantity=wanted(state)))
    return tuple(
        StockWant(sku=sku, location=ledger.location, lines=tuple(totals), deferred=deferred[sku])
        for sku, totals in by_sku.items()
    )


def next_in_turn(order: Order) -> str | None:
    """The article whose turn has come: all before it are reserved whole. None where nobody waits for a turn."""
    if not order.deferred or order.count(*UNRESERVED) > order.deferred_units:
        return None
    return next((sku for sku in order.deferred if _is_wanted(order, sku)), None)


def has_become_firm(order: Order) -> bool:
    """Whether an all-or-nothing order has just got everything: what stock reserved stays with it."""
    return order.provisional and order.count(*UNRESERVED) == 0
