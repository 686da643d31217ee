"""The departments' boards.

Must not know: which order is on which board; each board's view decides it.
"""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from domain.order.status import NextAction
from domain.roles import Role
from projections import stock
from projections.board import Board, BoardCursor, BoardFilter, BoardRow, place
from query_api.dependencies import Given
from query_api.papers import printed_on
from query_api.reads import Reading, ReadingDep, actor_of, answer, may_place, reader_of, staff
from query_api.rendering import wants_page
from query_api.routes.board_search import BOARD_OF_NAME, BoardSearch, Name, address_of
from query_api.routes.cursors import priority_instant_and_id
from query_api.routes.saved_filters import saved_links
from query_api.routes.timelines import link_target
from query_api.server_sent_events import StreamReader, seen_by, stream
from query_api.several import acts_on
from web import sight
from web.caller_dependency import csrf_token
from web.paging import LARGEST_PAGE, encode_cursor, next_link

router = APIRouter(prefix="/boards", tags=["boards"], dependencies=[Depends(staff)])

MANY_ROWS: Final = 200


@router.get("/{name}", summary="A department's board, most urgent first")
async def board(request: Request, name: Name, asked: Annotated[BoardSearch, Query()], snapshot: ReadingDep) -> Response:
    """Orders that the department has something to do with, and how many stand in each queue."""
    found = BOARD_OF_NAME[name]
    wanted = asked.filter(request, found)
    cursor = BoardCursor(*priority_instant_and_id(asked.cursor)) if asked.cursor else None
    rows = await found.find(snapshot.connection, wanted, cursor, asked.limit + 1)
    shown = sight.shown(reader_of(request), rows[: asked.limit])
    counted = await found.counts(snapshot.connection)
    link = next_link(request, _cursor(shown[-1]) if len(rows) > len(shown) else None)
    made = answer(
        request,
        {"board": name, "total": counted.total, "queues": counted.queues, "orders": shown},
        "board.html",
        here=name,
        ours=found.parties,
        acts=_acts(request, found),
        together=acts_on(found, reader_of(request)),
        prints=printed_on(found, reader_of(request)),
        wider=_wider(request) if link and asked.limit < MANY_ROWS else "",
        count_tasks=await _count_tasks(snapshot, found) if wants_page(request) else 0,
        awaits_stock=NextAction.RECEIVE_STOCK in found.queues.values(),
        may_place=may_place(request),
        rows=shown,
        queues=[
            {"name": queue, "count": count, "link": _narrowed(request, queue)}
            for queue, count in counted.queues.items()
        ],
        unfiltered=_narrowed(request, None),
        total=counted.total,
        asked={**wanted.model_dump(), "any": wanted != BoardFilter()},
        saved=await saved_links(request, snapshot.connection, found, wanted),
        csrf=csrf_token(request),
        next_link=link_target(link),
        limit=asked.limit,
        begins_after=place(cursor.priority, cursor.waiting_since, cursor.order_id) if cursor else "",
        rows_link=address_of(f"/boards/{name}/rows", wanted),
        follow=address_of(f"/boards/{name}/events", wanted, seen=snapshot.token),
    )
    made.headers.update(link)
    return made


class RowsSearch(BoardSearch):
    """Which rows of a board, as far as its filter lets them through."""

    order: list[UUID] = Field([], max_length=LARGEST_PAGE)


@router.get("/{name}/rows", summary="Rows of a board by order, those that are on it")
async def rows(request: Request, name: Name, asked: Annotated[RowsSearch, Query()], snapshot: ReadingDep) -> Response:
    """The board's rows of these orders; for one that is not on it, or not let through, there is none."""
    found = BOARD_OF_NAME[name]
    these = await found.these(snapshot.connection, asked.filter(request, found), asked.order)
    shown = sight.shown(reader_of(request), these)
    document = {"board": name, "orders": shown}
    ours, acts, together = found.parties, _acts(request, found), acts_on(found, reader_of(request))
    return answer(request, document, "board_rows.html", rows=shown, ours=ours, acts=acts, together=together)


@router.get("/{name}/events", summary="Server-sent events: orders of a board have moved")
async def events(request: Request, readers: Given, name: Name, asked: Annotated[BoardSearch, Query()]) -> Response:
    """`changed` names orders with their places on the board as the filter sees it, null for one that is not there, and
    counts of the queues from time to time; `anew`: something was missed, everything is to be read again.
    """
    found = BOARD_OF_NAME[name]
    wanted = asked.filter(request, found)
    telling = request.app.state.board_feed.follow(found, wanted, seen_by(request))
    return stream(readers, request, telling, StreamReader(actor_of(request), staff=True))


async def _count_tasks(snapshot: Reading, board: Board) -> int:
    """Articles to be counted, for the board of those who walk the shelves."""
    return await stock.count_tasks(snapshot.connection) if NextAction.PICK in board.queues.values() else 0


def _acts(request: Request, board: Board) -> bool:
    """Whether the reader takes the steps of this board."""
    return reader_of(request) in board.roles | {Role.ADMIN}


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
