"""Orders: search, one order (also as it was), its timeline.

Must not know: how orders are kept; how they are put into words.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta, tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from domain.access import Sight, sights
from domain.company_time import beginning_of
from domain.order.aspects import NoSuchAspect, aspects_of
from domain.order.status import Headline
from domain.roles import Party
from domain.values import Day
from projections import order as orders
from projections import past_orders, tracking
from projections.order import OrderCursor, OrderFilter, OrderRow
from query_api import order_page
from query_api.acting import Acting, Foretelling, acting, document, offers_of_order
from query_api.dependencies import Given
from query_api.entry_page import OrderSide, side_of
from query_api.followed import followed_order
from query_api.followed_orders import is_followed
from query_api.named_values import ValuesInWords
from query_api.papers import papers_for
from query_api.reads import (
    NO_SUCH_VALUE,
    UNKNOWN_ORDER,
    UNKNOWN_VERSION,
    Emptied,
    FilterText,
    Reading,
    ReadingDep,
    actor_of,
    answer,
    json,
    may_place,
    reader_of,
    require_sight,
    staff,
    unchanged,
    with_freshness,
)
from query_api.rendering import wants_page, words_of
from query_api.routes.cursors import instant_and_id
from query_api.routes.timelines import Subject, TimelinePart, link_target, show
from query_api.server_sent_events import follow
from query_api.taking import colleague_on, stands_of, takes_now
from query_api.why import answers
from web import sight
from web.caller_dependency import csrf_token
from web.database import borrowed
from web.entity_tags import document_tag
from web.paging import DEFAULT_PAGE, LARGEST_PAGE, encode_cursor, next_link
from web.problems import Problem, fault, invalid
from web.sight import Onlooker

router = APIRouter(prefix="/orders", tags=["orders"], dependencies=[Depends(staff)])


class OrderSearch(BaseModel):
    """The filters of the order list; whoever knows only one thing of an order asks `/search`."""

    model_config = ConfigDict(extra="ignore")

    number: FilterText = None
    customer: FilterText = None
    reference: FilterText = None
    sku: FilterText = None
    headline: Annotated[Headline | None, Emptied] = None
    waiting_on: Annotated[Party | None, Emptied] = None
    since: Annotated[Day | None, Emptied] = Field(None, alias="from")
    until: Annotated[Day | None, Emptied] = Field(None, alias="to")
    cursor: Annotated[str | None, Emptied] = None
    limit: int = Field(DEFAULT_PAGE, ge=1, le=LARGEST_PAGE)

    def filter(self, zone: tzinfo) -> OrderFilter:
        """What the view is asked; days are of the company's zone."""
        after = self.until + timedelta(days=1) if self.until and self.until < date.max else None
        return OrderFilter(
            number=self.number.upper() if self.number else None,
            customer=self.customer,
            reference=self.reference,
            sku=self.sku,
            headline=self.headline,
            waiting_on=self.waiting_on,
            placed_from=beginning_of(zone, self.since) if self.since else None,
            placed_before=beginning_of(zone, after) if after else None,
        )

    def shown(self) -> dict[str, Any]:
        """What the search form shows."""
        asked = self.model_dump(exclude={"cursor", "limit"}, exclude_none=True)
        return {
            "customer": self.customer,
            "sku": self.sku,
            "headline": self.headline,
            "since": self.since,
            "until": self.until,
            "any": bool(asked),
        }


@router.get("", summary="Search orders, newest first")
async def search(
    request: Request, readers: Given, asked: Annotated[OrderSearch, Query()], snapshot: ReadingDep
) -> Response:
    """Orders that meet every filter; the Link header leads to the next page."""
    require_sight(request, asked.customer or asked.reference, Sight.NAMES)
    wanted = asked.filter(readers.company.zone)
    cursor = OrderCursor(*instant_and_id(asked.cursor)) if asked.cursor else None
    rows = await orders.find(snapshot.connection, wanted, cursor, asked.limit + 1)
    shown, more = sight.shown(reader_of(request), rows[: asked.limit]), len(rows) > asked.limit
    last = encode_cursor(shown[-1].placed_at.isoformat(), str(shown[-1].order_id)) if more else None
    link = next_link(request, last)
    made = answer(
        request,
        {"orders": [row.model_dump(mode="json", exclude={"state"}, warnings=False) for row in shown]},
        "orders.html",
        here="orders",
        rows=shown,
        asked=asked.shown(),
        next_link=link_target(link),
        may_place=may_place(request),
    )
    made.headers.update(link)
    return made


class StateQuery(BaseModel):
    """Which state of an order: the present one, that after a version, or what had been recorded at an instant."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    at: AwareDatetime | None = None
    placed: str = ""
    act: str = ""
    """The offer whose form is open."""
    form: str = ""
    """A form that was refused, to be shown again."""
    done: str = ""
    """What was just done."""


@router.get("/{name}", summary="One order, by id or number")
async def one(request: Request, name: str, asked: Annotated[StateQuery, Query()], snapshot: ReadingDep) -> Response:
    """The order as it stands, or as it stood; 404 for one that is not there."""
    present = await _order(snapshot, name)
    past = asked.version is not None or asked.at is not None
    order = await _as_it_was(snapshot, present, asked) if past else present
    tag = document_tag(order.version, orders.VIEW.version, reader_of(request))
    if not past and (known := unchanged(request, tag)):
        return known
    desk = await _desk(request, snapshot, present) if wants_page(request) and not past else None
    words, order = words_of(request), sight.shown(reader_of(request), order, in_the_house=present.state.in_the_house)
    made = answer(
        request,
        order,
        "order.html",
        here="orders",
        order=order,
        as_it_was=past,
        just_placed=bool(asked.placed),
        acting=desk,
        follows=desk is not None and await is_followed(snapshot.connection, actor_of(request), present.order_id),
        csrf=csrf_token(request),
        takes=[] if past else takes_now(order, stands_of(request)),
        whereabouts="" if past else await _whereabouts(request, snapshot, present),
        follow="" if past else f"/orders/{order.order_id}/events?seen={order.position}",
        could_not=[] if past else order_page.could_not(order, words, just_placed=bool(asked.placed)),
        may_place=may_place(request),
        used_before=await _used_before(request, snapshot, present) if asked.placed else None,
        papers=[] if past else papers_for(sights(reader_of(request), in_the_house=present.state.in_the_house)),
        **order_page.in_words(order, words),
    )
    if not wants_page(request):
        made.headers["ETag"] = tag
    return made


async def _whereabouts(request: Request, snapshot: Reading, order: OrderRow) -> str:
    """What the customer reads, for those who may read the customer's page."""
    if not wants_page(request) or Sight.LINK not in sights(reader_of(request)):
        return ""
    tracked = await tracking.by_token(snapshot.connection, order.state.tracking_token)
    return words_of(request).whereabouts(tracked.document) if tracked else ""


async def _used_before(request: Request, snapshot: Reading, order: OrderRow) -> tuple[OrderSide, OrderSide] | None:
    """An earlier order with the same reference beside this one, for who has just placed it."""
    reference = order.state.customer_reference
    if reference is None or not (wants_page(request) and may_place(request)):
        return None
    customer, name = order.customer_id or "", order.customer_name or ""
    found = await past_orders.same_reference(snapshot.connection, reference.number, customer, name)
    earlier = (row for row in found if row.order_id != order.order_id)
    return next(((side_of(row), side_of(order)) for row in earlier), None)


async def _desk(request: Request, snapshot: Reading, order: OrderRow) -> Acting:
    offers = await offers_of_order(request, snapshot, order)
    foretelling = Foretelling(snapshot.connection, order_page.naming(order), order_page.articles(order))
    made = await acting(request, offers, f"/orders/{order.number}", foretelling)
    return replace(made, colleague=colleague_on(order, request.state.caller, stands_of(request)))


@router.get("/{name}/offers", summary="What the caller may do about an order now, the likeliest first")
async def offered(request: Request, name: str, snapshot: ReadingDep) -> Response:
    """Commands that would be accepted, with their limits; as the page of the order shows them."""
    order = await _order(snapshot, name)
    offers = await offers_of_order(request, snapshot, order)
    return with_freshness(request, json({"version": order.version, "offers": document(offers)}))


async def _as_it_was(snapshot: Reading, present: OrderRow, asked: StateQuery) -> OrderRow:
    upto = min(asked.version or present.version, present.version)
    rows = await order_page.history(snapshot.connection, present.stream, upto)
    if asked.at is not None:
        rows = order_page.until(rows, asked.at)
    past = order_page.as_it_was(rows)
    if past is None or (asked.version or 0) > present.version:
        raise Problem(UNKNOWN_VERSION, f"the order has the versions 1 to {present.version}")
    return past


@router.get("/{name}/timeline", summary="Everything that happened to an order, oldest first")
async def timeline(
    request: Request, name: str, snapshot: ReadingDep, asked: Annotated[TimelinePart, Query()]
) -> Response:
    """One entry per event, with its sentence in the language of the request."""
    order = await _order(snapshot, name)
    page = f"/orders/{order.number}"
    subject = Subject(
        stream=order.stream,
        title=order.number,
        back=page,
        here="orders",
        naming=order_page.naming(order),
        in_the_house=order.state.in_the_house,
        state_link=page,
    )
    return await show(request, snapshot, subject, asked.stretch())


@router.get("/{name}/why", summary="Why a value of an order is what it is: the events that led to it, oldest first")
async def why(request: Request, name: str, of: Annotated[str, Query(max_length=80)], snapshot: ReadingDep) -> Response:
    """Of `headline`, `waiting-on`, `badge.on-hold`, `hold.1`, `line.3` (all its numbers), `line.3.reserved`, …"""
    try:
        asked = aspects_of(of)
    except NoSuchAspect:
        raise invalid(fault(["of"], "orders have no value of this name")) from None
    order = await _order(snapshot, name)
    words, reader = words_of(request), Onlooker(reader_of(request), order.state.in_the_house)
    told = await answers(snapshot.connection, order, asked, words, reader)
    if not told:
        raise Problem(NO_SUCH_VALUE)
    document = {"number": order.number, "version": order.version, "answers": [one.document() for one in told]}
    title = ValuesInWords(reader.shown(order), words).title(of)
    return answer(request, document, "why.html", here="orders", number=order.number, title=title, answers=told)


@router.get("/{name}/events", summary="Server-sent events: an order has moved")
async def events(request: Request, readers: Given, name: str) -> Response:
    """A message whenever the order has changed."""
    before = readers.waiter.positions
    async with borrowed(readers.pool) as connection:
        order = await order_page.find_order(connection, name)
    if order is None:
        raise Problem(UNKNOWN_ORDER)
    return follow(readers, request, followed_order(readers.waiter, before, order))


async def _order(snapshot: Reading, name: str) -> OrderRow:
    found = await order_page.find_order(snapshot.connection, name)
    if found is None:
        raise Problem(UNKNOWN_ORDER)
    return found
