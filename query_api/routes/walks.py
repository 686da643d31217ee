"""Picking by scanner: an order or several are scanned, then their articles, and what was taken is sent as picks.

Decides: how an address holds a walk, what a scan is looked up as, and what is said of an order before anybody picks for
it. Each scan is a plain GET. Must not know: what a scan makes of a walk; what may be picked (offers say it).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.access import may
from domain.offering import Act
from domain.order.commands import Pick
from domain.order.number import is_order_number
from domain.shelf_values import as_scanned
from projections import stock
from projections.stock import CodeMeaning, StockRow
from query_api import walks
from query_api.dependencies import readers_of
from query_api.reads import NumberText, Reading, ReadingDep, actor_of, order_numbers, reader_of, staff, with_freshness
from query_api.rendering import render, words_of
from query_api.walk_address import read_pending, with_taken, written_pending, written_taken
from query_api.walk_orders import (
    Said,
    WalkOrder,
    joining,
    lines_of,
    pick_of,
    picks_of,
    short_pick_of,
    start_of,
    teachable,
    walked,
)
from query_api.walks import Heard, Walk
from web.caller_dependency import csrf_token
from web.command_addresses import BULK_PATH
from web.kept_forms import ADDRESS
from web.problems import NOT_PERMITTED, Problem

PICK_PATH: Final = "/pick"

router = APIRouter(prefix=PICK_PATH, tags=["picking"], include_in_schema=False, dependencies=[Depends(staff)])

LONGEST_SCAN: Final = 200
LONGEST_TAKEN: Final = 20_000


class WalkSearch(BaseModel):
    """A walk as its address says it, and what was scanned last."""

    model_config = ConfigDict(extra="ignore")

    order: Annotated[list[NumberText], Field(max_length=200)] = []
    got: Annotated[str, Field(max_length=LONGEST_TAKEN)] = ""
    asked: Annotated[str, Field(max_length=40)] = ""
    anyway: Annotated[list[NumberText], Field(max_length=200)] = []
    """Orders that are picked although something speaks against it."""
    said: list[Annotated[str, Field(max_length=LONGEST_SCAN)]] = []
    """The last that is not empty counts: a button's stands beside an empty field."""
    short: Annotated[str, Field(max_length=40)] = ""
    """Line (`place.line`) whose missing units are to be told."""
    anew: Annotated[str, Field(max_length=40)] = ""
    """Line (`place.line`) that is counted anew."""
    put_back: Annotated[str, Field(max_length=40)] = ""
    """Line (`place.line`) of which no more is in hand than is wanted."""
    done: str = ""
    last: Annotated[str, Field(max_length=40)] = ""
    """The order for which something was recorded."""
    form: str = ""

    @property
    def scan(self) -> str:
        """What was scanned or keyed."""
        return as_scanned(next((text for text in reversed(self.said) if text.strip()), ""))

    @property
    def numbers(self) -> list[str]:
        """Each order once."""
        return order_numbers(self.order)

    @property
    def staying(self) -> int:
        """Orders that stay whatever speaks against them: lines are named by their places, so none may move up."""
        return len(self.numbers) if self.got or self.asked or self.short or self.anew else 0


@router.get("")
async def walk(request: Request, asked: Annotated[WalkSearch, Query()], snapshot: ReadingDep) -> Response:
    """The walk after what was scanned; without an order, the page that asks for one."""
    if not may(reader_of(request), Pick):
        raise Problem(NOT_PERMITTED)
    elsewhere = await _refused(request, asked.form)
    if elsewhere:
        return RedirectResponse(elsewhere, 303)
    numbers, scan, told = _orders_asked(asked)
    orders = await walked(request, snapshot, numbers, set(asked.anyway))
    told += [order.against for order in orders if order.against is not None]
    orders = joining(orders, asked.staying)
    seen = Shelves(orders, await _items(snapshot, orders))
    return _page(request, asked, seen, await _stepped(snapshot, asked, seen, scan), told)


def _orders_asked(asked: WalkSearch) -> tuple[list[str], str, list[Said]]:
    """Numbers of the walk, what is still to be made of the scan, and what is said of an order that was scanned."""
    numbers, scan, most = asked.numbers, asked.scan, walks.MOST_ORDERS
    if scan and (is_order_number(scan.upper()) or not numbers):
        if asked.got and scan.upper() not in numbers:
            return numbers, "", [Said("first-record", {"number": scan.upper()})]
        numbers, scan = list(dict.fromkeys((*numbers, scan.upper()))), ""
    told = [Said("too-many-orders", {"most": most, "count": len(numbers)})] if len(numbers) > most else []
    return numbers[:most], scan, told


@dataclass(frozen=True, slots=True)
class Shelves:
    """Orders of a walk, and the stock items of all that is to be taken for them, by location and SKU."""

    orders: Sequence[WalkOrder]
    items: Mapping[tuple[str, str], StockRow]


async def _items(snapshot: Reading, orders: Sequence[WalkOrder]) -> Mapping[tuple[str, str], StockRow]:
    wanted: dict[str, set[str]] = {}
    for order in orders:
        wanted.setdefault(order.location, set()).update(limit.sku for limit in order.limits)
    found = [await stock.of_articles_at(snapshot.connection, skus, location) for location, skus in wanted.items()]
    return {(row.location, row.sku): row for rows in found for row in rows}


async def _stepped(snapshot: Reading, asked: WalkSearch, seen: Shelves, scan: str) -> Walk:
    lines = walks.in_walking_order(line for order in seen.orders for line in lines_of(order, seen.items))
    now = replace(with_taken(lines, asked.got), pending=read_pending(asked.asked))
    if asked.anew:
        return walks.without_taken(now, asked.anew)
    if asked.put_back:
        return walks.with_put_back(now, asked.put_back)
    if not scan or not lines:
        return now
    if walks.is_quantity(now, scan):
        return walks.step(now, scan, None)
    return walks.step(now, scan, walks.known_in(now, scan) or await _meaning(snapshot, seen.orders, scan))


async def _meaning(snapshot: Reading, orders: Sequence[WalkOrder], scan: str) -> CodeMeaning | None:
    """The article that has it as its SKU, whatever else it was taught to be, or what it was taught, at the walk's
    locations.
    """
    for location in dict.fromkeys(order.location for order in orders):
        item = await stock.get(snapshot.connection, scan, location)
        if item is not None:
            return CodeMeaning(item.sku, 1)
        found = await stock.meaning_of(snapshot.connection, scan, location)
        if found is not None:
            return found
    return None


async def _refused(request: Request, name: str) -> str:
    """Where a form of this page is shown that was refused: on the page of what it was sent to. Empty for none."""
    kept = await readers_of(request).forms.find(name, actor_of(request)) if name else None
    steps = str(kept.answer.get(ADDRESS, "")).split("/") if kept is not None else []
    if len(steps) < 5:  # noqa: PLR2004 - /commands/orders/<id>/<word>
        return ""
    return f"{quote('/'.join(('', *steps[2:-1])))}?{urlencode({'form': name})}"


def _page(request: Request, asked: WalkSearch, seen: Shelves, now: Walk, told: Sequence[Said]) -> Response:
    """`state` are the fields that hold the walk, `link` is its address."""
    orders, words, key = seen.orders, words_of(request), secrets.token_hex(16)
    state = [("order", order.number) for order in orders]
    state += [("anyway", order.number) for order in orders if order.anyway]
    if written := written_taken(now):
        state.append(("got", written))
    here, pending = f"{PICK_PATH}?{urlencode(state)}", written_pending(now)
    page = render(
        request,
        "walk.html",
        here="warehouse",
        orders=orders,
        walk=now,
        stops=list(walks.stops(now)),
        state=state,
        asked_now=pending,
        told=told,
        link=here,
        unknown=teachable(request, now, seen.items.values()) if now.heard is Heard.UNKNOWN_CODE else [],
        after_teaching=f"{here}&{urlencode({'asked': pending, 'said': asked.scan})}",
        pick=pick_of(orders, now),
        start=start_of(orders),
        picks=picks_of(orders, now, key, words),
        short=short_pick_of(asked.short, orders, now),
        done=done if (done := asked.done.partition(".")[0]) in set(Act) else "",
        last=asked.last,
        bulk=BULK_PATH,
        csrf=csrf_token(request),
        key=key,
    )
    return with_freshness(request, page)
