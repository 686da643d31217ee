"""The start page, and what a person says there and on an order: that it was seen, that an order is followed or not.

Must not know: which order is on which board, what somebody follows and how that is kept.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.access import STAFF
from projections import registry
from projections.board import counts
from query_api import followed_orders
from query_api.dependencies import Given
from query_api.home_page import asked_of, news_for, own_boards
from query_api.order_page import find_order
from query_api.reads import UNKNOWN_ORDER, actor_of, answer, may_place, snapshot_of, staff
from query_api.rendering import words_of
from query_api.routes.board_search import BOARD_OF_NAME
from web.caller_dependency import csrf_token, visitor
from web.database import borrowed
from web.positions import After, parse_positions
from web.problems import Problem, fault, invalid

router = APIRouter(tags=["start"])


@router.get("/", summary="Where one begins")
async def start(request: Request, readers: Given, after: After) -> Response:
    """For staff: their own queues, what they are asked, what became of their orders. For others: what this site is."""
    request.state.caller = caller = await visitor(request)
    if caller is None or caller.role not in STAFF:
        return answer(request, ENTRANCE, "welcome.html", has_passwords=readers.has_passwords)
    async with snapshot_of(request, readers, after) as snapshot:
        boards = await counts(snapshot.connection, registry.boards_for(caller.role))
        asked = await asked_of(snapshot.connection, caller.role)
        news = await news_for(snapshot.connection, caller, words_of(request))
    told = {"messages": [one.document() for one in asked], "changed": [one.document() for one in news]}
    return answer(
        request,
        {**ENTRANCE, "boards": boards, **told},
        "home.html",
        here="start",
        boards=boards,
        own=[board.name for board in own_boards(caller.role)],
        asked=asked,
        news=news,
        seen=snapshot.token,
        csrf=csrf_token(request),
        may_place=may_place(request),
    )


ENTRANCE: Final[dict[str, Any]] = {
    "orders": "/orders",
    "stock": "/stock",
    "search": "/search",
    "boards": [f"/boards/{name}" for name in BOARD_OF_NAME],
    "documentation": "/docs",
    "interface": "/openapi.json",
}


@router.post("/seen", summary="Everything up to here was seen", dependencies=[Depends(staff)], include_in_schema=False)
async def seen(request: Request, readers: Given) -> Response:
    """What had happened up to the positions of the page is no news to the caller any more."""
    positions = parse_positions(str((await request.form()).get("seen", "")), "seen")
    if any(partition >= readers.partitions for partition in positions):
        raise invalid(fault(["seen"], "a partition does not exist"))
    async with borrowed(readers.pool) as connection:
        await followed_orders.look(connection, actor_of(request), positions)
    return RedirectResponse("/", 303)


@router.post(
    "/orders/{name}/follow", summary="Follow an order or not", dependencies=[Depends(staff)], include_in_schema=False
)
async def follow(request: Request, readers: Given, name: str) -> Response:
    """From now on, the caller hears of the order, or of one that was handled hears nothing; leads back."""
    form = await request.form()
    async with borrowed(readers.pool) as connection:
        order = await find_order(connection, name)
        if order is None:
            raise Problem(UNKNOWN_ORDER)
        follows = form.get("follows") == "yes"
        await followed_orders.follow(connection, actor_of(request), order.order_id, follows=follows)
    return RedirectResponse("/" if form.get("home") else f"/orders/{order.number}", 303)
