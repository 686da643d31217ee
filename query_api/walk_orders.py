"""Orders of a walk: what of each may be picked, what speaks against it, and the commands that what was taken leads to.

Decides: what a picker is told of an order before anything is taken for it. What may be picked is the order's own offer.
Must not know: templates, how a walk is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import Request

from domain.offering import Act, Offer, UnitLimit, UnitsWithin, includes
from domain.offers import order_offers
from domain.order.ledger import picked_to_date
from domain.order.messages import unanswered
from domain.order.state import DepartmentMessage, Order, OrderTake
from domain.order.status import Headline, headline
from domain.order.takes import last_take
from domain.roles import Department, same_person
from projections import order as order_view
from projections.order import OrderRow
from projections.projector.folds import FoldTables
from projections.stock import StockRow
from query_api.acting import context_of, offers_of_item
from query_api.offer_forms import address_of, key_of
from query_api.reads import Reading
from query_api.sentences import Words
from query_api.several import Selected, written
from query_api.taking import Stands, as_taken_now, stands_of
from query_api.walks import Walk, WalkLine, stops


@dataclass(frozen=True, slots=True)
class Said:
    """What a picker has to know first; `name` is the key of its words."""

    name: str
    about: Mapping[str, Any] = field(default_factory=dict)
    number: str = ""
    """The order to look at."""
    may_go_on: bool = False
    """Whether somebody may decide to pick all the same."""


@dataclass(frozen=True, slots=True)
class WalkOrder:
    """An order of the walk."""

    place: int
    """In the walk, from 0."""
    number: str
    row: OrderRow | None = None
    state: Order | None = None
    offers: tuple[Offer, ...] = ()
    anyway: bool = False
    """Somebody said that it is picked all the same."""
    taken: OrderTake | None = None
    """Another of the warehouse is on it."""

    @property
    def location(self) -> str:
        """Where its goods lie."""
        return "" if self.state is None else self.state.location

    @property
    def messages(self) -> tuple[DepartmentMessage, ...]:
        """What the warehouse is asked about it and has not answered."""
        return () if self.state is None else unanswered(self.state, Department.WAREHOUSE)

    @property
    def pick(self) -> Offer | None:
        """By which what was taken is recorded."""
        return self.offer(Act.PICK)

    def offer(self, act: Act) -> Offer | None:
        """The offer of an act."""
        return next((offer for offer in self.offers if offer.act is act), None)

    @property
    def limits(self) -> tuple[UnitLimit, ...]:
        """Units of its lines that are to be picked; none while something speaks against it."""
        within = self.pick.limits["units"] if self.pick is not None and self.against is None else None
        return tuple(limit for limit in within.lines if limit.likely) if isinstance(within, UnitsWithin) else ()

    @property
    def against(self) -> Said | None:
        """What a picker has to know before anything is taken for it."""
        order = self.state
        if order is None:
            return Said("unknown-order", {"number": self.number})
        if headline(order) is Headline.CANCELLED:
            return Said("cancelled", {"number": self.number}, self.number)
        if order.holds and not self.anyway:
            hold = {"number": self.number, "hold": order.holds[0].type}
            return Said("on-hold", hold, self.number, may_go_on=True)
        if self.taken is not None and not self.anyway:
            taken = {"number": self.number, "name": self.taken.person, "since": self.taken.since}
            return Said("taken", taken, self.number, may_go_on=True)
        return None


async def walked(request: Request, snapshot: Reading, numbers: Sequence[str], anyway: set[str]) -> list[WalkOrder]:
    """The orders of these numbers, in this order, as the snapshot has them."""
    rows = {row.number: row for row in await order_view.numbered(snapshot.connection, numbers)}
    known = await FoldTables().load(snapshot.connection, [row.stream for row in rows.values()])
    orders, stands = [], stands_of(request)
    for place, number in enumerate(numbers):
        row = rows.get(number)
        state = known.get(row.stream, (0, None))[1] if row is not None else None
        if row is None or not isinstance(state, Order):
            orders.append(WalkOrder(place, number))
        else:
            context = context_of(request, row.stream)
            offers = order_offers(as_taken_now(request, state), {}, context)
            taken = another_on(state, context.actor, stands)
            orders.append(WalkOrder(place, number, row, state, offers, number in anyway, taken))
    return orders


def another_on(order: Order, actor: str, stands: Stands) -> OrderTake | None:
    """Who else of the warehouse is on the order now."""
    take = last_take(order, Department.WAREHOUSE)
    return None if take is None or not stands(take) or same_person(take.person, actor) else take


def joining(orders: Iterable[WalkOrder], staying: int = 0) -> list[WalkOrder]:
    """Those against which nothing speaks, in their places: no other joins a walk. The first `staying` are in it."""
    joined = (order for at, order in enumerate(orders) if at < staying or order.against is None)
    return [replace(order, place=place) for place, order in enumerate(joined)]


def lines_of(order: WalkOrder, items: Mapping[tuple[str, str], StockRow]) -> Iterator[WalkLine]:
    """What is to be taken for an order, and where each of it lies."""
    names = {line.number: line.line.name for line in order.row.state.lines} if order.row is not None else {}
    for limit in order.limits:
        item = items.get((order.location, limit.sku))
        lies = "" if item is None else item.bin
        name = names.get(limit.line, "")
        picked = 0 if order.state is None else picked_to_date(order.state.lines[limit.line])
        yield WalkLine(order.place, order.number, limit.line, limit.sku, name, lies, limit.likely, picked=picked)


@dataclass(frozen=True, slots=True)
class WalkForm:
    """A command as a form of the page sends it."""

    act: Act
    address: str
    version: int
    number: str
    fields: tuple[tuple[str, str], ...] = ()
    line: WalkLine | None = None
    """Of which something is missing."""


def pick_of(orders: Sequence[WalkOrder], walk: Walk) -> WalkForm | None:
    """What was taken for the one order of the walk; None for several, while nothing was, or more than is wanted."""
    taken = walk.taken_for(0)
    offer = orders[0].pick if len(orders) == 1 and not walk.beyond else None
    if not taken or offer is None:
        return None
    named = ((f"units.{line.line}.line", str(line.line)) for line in taken)
    counted = ((f"units.{line.line}.quantity", str(line.got)) for line in taken)
    return WalkForm(Act.PICK, address_of(offer), offer.version, orders[0].number, (*named, *counted))


def picks_of(orders: Sequence[WalkOrder], walk: Walk, key: str, words: Words) -> list[Selected]:
    """The same for several orders: a line of many commands for each."""
    are_sent = len(orders) > 1 and not walk.beyond
    taken = {order.place: walk.taken_for(order.place) for order in orders} if are_sent else {}
    return written(
        [
            Selected(order.number, order.row, order.pick, {"units": [_units(line) for line in taken[order.place]]})
            for order in orders
            if order.pick is not None and taken.get(order.place)
        ],
        key,
        words,
    )


def _units(line: WalkLine) -> Mapping[str, int]:
    return {"line": line.line, "quantity": line.got}


def start_of(orders: Sequence[WalkOrder]) -> WalkForm | None:
    """By which colleagues see that somebody is on the one order of the walk; None once they do."""
    offers = orders[0].offers if len(orders) == 1 and orders[0].limits else ()
    offer = next((offer for offer in offers if includes(offer.act, Act.START_PICK)), None)
    return None if offer is None else WalkForm(offer.act, address_of(offer), offer.version, orders[0].number)


def short_pick_of(asked: str, orders: Sequence[WalkOrder], walk: Walk) -> WalkForm | None:
    """What is missing of a line (`place.line`)."""
    line = next((line for line in walk.lines if line.name_in_address == asked and line.left), None)
    offer = None if line is None else orders[line.place].offer(Act.SHORT_PICK)
    if line is None or offer is None:
        return None
    return WalkForm(Act.SHORT_PICK, address_of(offer), offer.version, line.number, line=line)


@dataclass(frozen=True, slots=True)
class TeachChoice:
    """An article of the walk that an unknown code may belong to."""

    sku: str
    name: str
    bin: str
    address: str
    act: str
    """As a form calls the offer. It says no version: a code is taught at any."""


def teachable(request: Request, walk: Walk, items: Iterable[StockRow]) -> list[TeachChoice]:
    """Articles that are still to be taken, as the walk has them."""
    found = {item.sku: item for item in items}
    choices = []
    for stop in stops(walk):
        item = found.pop(stop.sku, None) if stop.left else None
        offers = () if item is None else offers_of_item(request, item)
        choices += [
            TeachChoice(stop.sku, stop.name, stop.bin, address_of(offer), key_of(offer))
            for offer in offers
            if offer.act is Act.TEACH_CODE
        ]
    return choices
