"""What somebody may do now about an order, a stock item or people: what these would take, as far as the role may send
it.

Decides: whose offers they are, the likeliest first, and that who waits for goods is offered to receive them. Must not
know: how a state was found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from domain.access import STAFF, may
from domain.decider import Rejected, require
from domain.offering import Act, Rank, includes
from domain.order import offers as of_order
from domain.order.ledger import goods_lines
from domain.order.state import Order
from domain.order.status import NextAction, waiting
from domain.order.terms import Bucket
from domain.person import offers as of_people
from domain.person.state import Register
from domain.stock import offers as of_stock
from domain.stock.commands import ReceiveStock
from domain.stock.state import StockItem
from domain.stream_names import stock_stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from domain.catalogue import AnyState
    from domain.decider import Command, Context
    from domain.offering import Offer
    from domain.person.state import Member
    from domain.stock.offers import Demand


class ChangedMeanwhile(Rejected):
    """Somebody else was quicker: what the page offered no longer stands as it did. Nothing was carried out."""


class ReceivedMeanwhile(ChangedMeanwhile):
    """Goods of this article were received since the page was opened: is it the same delivery? Nothing was recorded."""


class NotAsShown(Rejected):
    """It would not do what its sender was shown."""


@dataclass(frozen=True, slots=True)
class SeenOffer:
    """What somebody acts on: the version that a page showed, and what it was called there."""

    version: int
    act: Act | None = None
    """None for whoever does not say: the same command may serve another end by now."""


def require_still_offered(
    seen: SeenOffer, command: Command, state: AnyState | None, version: int, context: Context
) -> None:
    """`ChangedMeanwhile` where the stream has moved since the version that a page showed, and the offer is gone.

    A fact would be taken at any version, so that two open pages would pick the same units twice, and a parcel that
    another has handed over meanwhile would be given to the second one's carrier, as if that were a correction; and the
    same delivery would be received twice.
    """
    if version == seen.version or state is None:
        return
    same = (
        offer
        for offer in _permitted(_possible(state, command, version, context), context)
        if seen.act is None or includes(seen.act, offer.act)
    )
    told = f"Version {seen.version} was shown, it is {version} now."
    if isinstance(state, StockItem) and isinstance(command, ReceiveStock):
        all_seen = state.received_version <= seen.version
        require(all_seen, ReceivedMeanwhile, told, seen=seen.version, version=version)
    offered = seen.version < version and any(offer.covers(command) for offer in same)
    require(offered, ChangedMeanwhile, told, seen=seen.version, version=version)


def _possible(state: AnyState, command: Command, version: int, context: Context) -> Iterator[Offer]:
    if isinstance(state, Order):
        return of_order.possible_offers(state, context)
    if isinstance(state, Register):
        return of_people.offers_of_kind(state, command, version, context)
    return of_stock.possible_offers(state, version, context)


def order_offers(order: Order, items: Mapping[str, tuple[Demand, int]], context: Context) -> tuple[Offer, ...]:
    """What this person may do about the order.

    `items` are stock items that the order may wait for, by SKU, each with the version of its stream.
    """
    return _permitted((*_receipts(order, items, context), *of_order.possible_offers(order, context)), context)


def stock_offers(item: Demand, version: int, context: Context) -> tuple[Offer, ...]:
    """What this person may do with the stock item."""
    return _permitted(of_stock.possible_offers(item, version, context), context)


def people_offers(state: Register, member: Member | None, version: int, context: Context) -> tuple[Offer, ...]:
    """What this person may do about another, or about all of them together where none is named."""
    if member is None:
        return _permitted(of_people.invitations(state, version, context), context)
    return _permitted(of_people.about(state, member, version, context), context)


def awaited_articles(order: Order) -> tuple[str, ...]:
    """SKUs that the order waits to be received, in the order of its lines; none while it waits for something else."""
    if waiting(order)[1] is not NextAction.RECEIVE_STOCK:
        return ()
    states = (order.lines[number] for number in goods_lines(order, Bucket.BACKORDERED))
    return tuple(dict.fromkeys(state.line.sku for state in states))


def _receipts(order: Order, items: Mapping[str, tuple[Demand, int]], context: Context) -> Iterator[Offer]:
    for sku in filter(items.__contains__, awaited_articles(order)):
        there = replace(context, stream=stock_stream(sku, order.location))
        for offer in of_stock.possible_offers(*items[sku], there):
            if offer.act is Act.RECEIVE_STOCK:
                yield replace(offer, rank=Rank.NEXT)


def _permitted(offers: Iterable[Offer], context: Context) -> tuple[Offer, ...]:
    """For staff alone: carriers and the workflow tell what happened without looking first."""
    if context.role not in STAFF:
        return ()
    return tuple(sorted((offer for offer in offers if may(context.role, offer.command)), key=lambda offer: offer.rank))
