"""Papers of an order, to be printed from the browser.

Must not know: what stands on them.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.access import sights
from domain.order.state import Parcel
from projections.order import OrderRow
from query_api import papers
from query_api.dependencies import readers_of
from query_api.order_page import find_order
from query_api.papers import Paper
from query_api.reads import UNKNOWN_ORDER, ReadingDep, answer, reader_of, staff
from query_api.rendering import words_of
from web import sight
from web.problems import NO_SUCH_PAGE, NOT_PERMITTED, Problem

router = APIRouter(prefix="/orders", tags=["orders"], dependencies=[Depends(staff)])


@router.get("/{name}/papers/{paper}", summary="A paper that goes with an order's goods")
async def one(
    request: Request,
    snapshot: ReadingDep,
    name: str,
    paper: Paper,
    number: Annotated[int | None, Query(alias="parcel", ge=1, le=10**6)] = None,
) -> Response:
    """A delivery note (of one parcel, where one is named) or a pick list; 403 for who does not read all of it."""
    found = await find_order(snapshot.connection, name)
    if found is None:
        raise Problem(UNKNOWN_ORDER)
    role, here = reader_of(request), found.state.in_the_house
    if paper not in papers.papers_for(sights(role, in_the_house=here)):
        raise Problem(NOT_PERMITTED)
    parcel = papers.parcel_meant(found.state) if number is None else _parcel(found, number)
    lines = papers.lines_of(found.state, parcel)
    order = sight.shown(role, found, in_the_house=here)
    return answer(
        request,
        {"number": order.number, "paper": paper, "parcel": parcel.number if parcel else None, "lines": lines},
        "paper.html",
        here="orders",
        order=order,
        paper=paper,
        parcel=parcel.number if parcel else None,
        lines=[line for line in lines if paper is Paper.DELIVERY_NOTE or line.to_pick],
        to=order.state.ship_to,
        today=words_of(request).day_of(readers_of(request).clock()),
    )


def _parcel(order: OrderRow, number: int) -> Parcel:
    """`Problem` 404 for a parcel that the order does not have, or that was unpacked."""
    found = next((one for one in order.state.parcels if one.number == number and one.contents), None)
    if found is None:
        raise Problem(NO_SUCH_PAGE)
    return found
