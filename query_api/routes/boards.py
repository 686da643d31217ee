"""The departments' boards and the start page that leads to them.

Must not know: which order is on which board; each board's view decides it.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from domain.access import STAFF, Sight
from domain.order.status import NextAction
from domain.roles import Party, Role
from projections import registry
from projections.board import Board, BoardCursor, BoardFilter, BoardRow
from query_api.dependencies import Given
from query_api.followed import followed_boards
from query_api.reads import (
    Emptied,
    FilterText,
    ReadingDep,
    answer,
    may_place,
    reader_of,
    require_sight,
    snapshot_of,
    staff,
)
from query_api.rendering import render, wants_page
from query_api.routes.cursors import priority_instant_and_id
from query_api.routes.timelines import link_target
from query_api.server_sent_events import follow
from query_api.several import acts_on
from web import sight
from web.caller_dependency import visitor
from web.paging import DEFAULT_PAGE, LARGEST_PAGE, encode_cursor, next_link
from web.positions import After
from web.problems import fault, invalid


def _known(name: str) -> str:
    if name not in BOARD_OF_NAME:
        raise ValueError(f"expected one of {', '.join(BOARD_OF_NAME)}")
    return name


router = APIRouter(prefix="/boards", tags=["boards"], dependencies=[Depends(staff)])

BOARD_OF_NAME: Final[dict[str, Board]] = {board.name: board for board in registry.BOARDS}
MANY_ROWS: Final = 200
Name = Annotated[str, AfterValidator(_known)]


class BoardSearch(BaseModel):
    """How a board is filtered."""

    model_config = ConfigDict(extra="ignore")

    queue: FilterText = None
    waiting_on: Annotated[Party | None, Emptied] = None
    customer: FilterText = None
    cursor: Annotated[str | None, Emptied] = None
    limit: int = Field(DEFAULT_PAGE, ge=1, le=LARGEST_PAGE)

    def filter(self, board: Board) -> BoardFilter:
        """`Problem` 422 for a queue that the board does not have."""
        if self.queue is not None and self.queue not in board.queues:
            raise invalid(fault(["queue"], "expected one of " + ", ".join(board.queues)))
        return BoardFilter(queue=self.queue, waiting_on=self.waiting_on, customer=self.customer)


@router.get("/{name}", summary="A department's board, most urgent first")
async def board(request: Request, name: Name, asked: Annotated[BoardSearch, Query()], snapshot: ReadingDep) -> Response:
    """Orders that the department has something to do with, and how many stand in each queue."""
    found = BOARD_OF_NAME[name]
    require_sight(request, asked.customer, Sight.NAMES)
    wanted = asked.filter(found)
    cursor = BoardCursor(*priority_instant_and_id(asked.cursor)) if asked.cursor else None
    rows = await found.find(snapshot.connection, wanted, cursor, asked.limit + 1)
    shown = sight.shown(reader_of(request), rows[: asked.limit])
    counts = await found.counts(snapshot.connection)
    link = next_link(request, _cursor(shown[-1]) if len(rows) > len(shown) else None)
    made = answer(
        request,
        {"board": name, "queues": counts, "orders": shown},
        "board.html",
        here=name,
        ours=found.parties,
        acts=reader_of(request) in found.roles | {Role.ADMIN},
        together=acts_on(found, reader_of(request)),
        wider=_wider(request) if link and asked.limit < MANY_ROWS else "",
        awaits_stock=NextAction.RECEIVE_STOCK in found.queues.values(),
        rows=shown,
        queues=[{"name": queue, "count": count, "link": _narrowed(request, queue)} for queue, count in counts.items()],
        unfiltered=_narrowed(request, None),
        total=sum(counts.values()),
        asked={**wanted.model_dump(), "any": wanted != BoardFilter()},
        next_link=link_target(link),
        follow=f"/boards/{name}/events?seen={snapshot.token}",
    )
    made.headers.update(link)
    return made


@router.get("/{name}/events", summary="Server-sent events: a board may have changed")
async def events(request: Request, readers: Given, name: Name) -> Response:  # noqa: ARG001 - every board moves alike
    """A message whenever the views have moved."""
    return follow(readers, request, followed_boards(readers.waiter))


def _wider(request: Request) -> str:
    """The same with more rows, from which more can be selected."""
    url = request.url.include_query_params(limit=MANY_ROWS)
    return f"{url.path}?{url.query}"


def _cursor(row: BoardRow) -> str:
    return encode_cursor(row.priority, row.waiting_since.isoformat(), str(row.order_id))


def _narrowed(request: Request, queue: str | None) -> str:
    url = request.url.remove_query_params(["queue", "cursor", "after"])
    url = url.include_query_params(queue=queue) if queue else url
    return f"{url.path}?{url.query}" if url.query else url.path


home = APIRouter(tags=["start"])


@home.get("/", summary="Where one begins")
async def start(request: Request, readers: Given, after: After) -> Response:
    """For staff: the boards with their counts. For anybody else: what this site is."""
    request.state.caller = caller = await visitor(request)
    if caller is None or caller.role not in STAFF:
        return render(request, "welcome.html") if wants_page(request) else answer(request, ENTRANCE, "welcome.html")
    async with snapshot_of(request, readers, after) as snapshot:
        counts = {board.name: await board.counts(snapshot.connection) for board in registry.boards_for(caller.role)}
    return answer(request, {**ENTRANCE, "boards": counts}, "home.html", boards=counts, may_place=may_place(request))


ENTRANCE: Final[dict[str, Any]] = {
    "orders": "/orders",
    "stock": "/stock",
    "search": "/search",
    "boards": [f"/boards/{name}" for name in BOARD_OF_NAME],
    "documentation": "/docs",
    "interface": "/openapi.json",
}
