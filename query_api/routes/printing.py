"""One paper of many orders of a board, on one page: of those selected, or of all that stand under its filter.

Decides: how much is printed at once. Must not know: what stands on a paper, who may have it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from markupsafe import Markup
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from projections import order as orders
from projections.board import Board
from projections.order import OrderRow
from projections.view import Connection
from query_api.dependencies import Given
from query_api.paper_page import PrintedSheet
from query_api.papers import Paper
from query_api.reads import NumberText, answer, order_numbers, snapshot_of, staff
from query_api.rendering import drawn, wants_page
from query_api.routes.board_search import BOARD_OF_NAME, BoardFields, Name
from query_api.routes.papers import printer_of
from web.paging import LARGEST_PAGE
from web.positions import After

MOST_LINES_PRINTED: Final = 20_000
"""Lines of all orders together: who prints more gets the rest on the next page."""

router = APIRouter(prefix="/boards", tags=["boards"], dependencies=[Depends(staff)])


class Printing(BoardFields):
    """Which paper, of which orders; of none by number: of all that the filter lets through."""

    paper: Paper
    order: list[NumberText] = Field([], max_length=LARGEST_PAGE)

    @property
    def numbers(self) -> list[str]:
        """Each order once."""
        return order_numbers(self.order)


@dataclass(slots=True)
class Stack:
    """What was asked for, as far as it is there."""

    sheets: list[PrintedSheet] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    """Orders that are not there, or have nothing for such a paper."""
    not_permitted: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    """Orders that are too much for one page."""


@router.get("/{name}/papers", summary="A paper of many orders of a board")
async def several(
    request: Request, readers: Given, name: Name, asked: Annotated[Printing, Query()], after: After
) -> Response:
    """One paper of up to 500 orders, the most urgent first, each on sheets of its own."""
    async with snapshot_of(request, readers, after) as snapshot:
        sizes = await _sizes(request, snapshot.connection, BOARD_OF_NAME[name], asked)
        now = list(_within(sizes))
        found = {row.number: row for row in await orders.numbered(snapshot.connection, now)}
    stack = Stack(later=list(sizes)[len(now) :])
    await _fill(request, stack, asked.paper, {number: found.get(number) for number in now})
    lists = {"without": stack.without, "not_permitted": stack.not_permitted, "later": stack.later}
    return answer(
        request,
        {"paper": asked.paper, "sheets": [sheet.document() for sheet in stack.sheets], **lists},
        "papers.html",
        here=name,
        paper=asked.paper,
        queue=asked.queue,
        drawings=await _drawings(request, stack.sheets) if wants_page(request) else [],
        stack=stack,
        most=LARGEST_PAGE if not asked.order and len(sizes) == LARGEST_PAGE else None,
    )


async def _sizes(request: Request, connection: Connection, board: Board, asked: Printing) -> Mapping[str, int]:
    """Numbers of the orders that are meant, in order, with how many lines each has."""
    if numbers := asked.numbers:
        known = await orders.line_counts(connection, numbers)
        return {number: known.get(number, 0) for number in numbers}
    rows = await board.find(connection, asked.filter(request, board), limit=LARGEST_PAGE)
    return {row.number: row.line_count for row in rows}


def _within(sizes: Mapping[str, int]) -> Iterator[str]:
    """As many as fit on one page, and always one."""
    lines = 0
    for number, size in sizes.items():
        if lines and lines + size > MOST_LINES_PRINTED:
            return
        lines += size
        yield number


async def _fill(request: Request, stack: Stack, paper: Paper, found: Mapping[str, OrderRow | None]) -> None:
    """Between two orders others have their turn: a stack takes long."""
    printer = printer_of(request)
    for number, row in found.items():
        await asyncio.sleep(0)
        if row is not None and not printer.may_have(paper, row):
            stack.not_permitted.append(number)
        elif row is not None and (sheets := _worth_printing(printer.sheets(row, paper))):
            stack.sheets += sheets
        else:
            stack.without.append(number)


def _worth_printing(sheets: Iterable[PrintedSheet]) -> list[PrintedSheet]:
    """Who prints many does not look at each."""
    return [it for it in sheets if not it.sheet.goes_with_nothing]


async def _drawings(request: Request, sheets: list[PrintedSheet]) -> list[Markup]:
    """Each sheet as it stands on the page, drawn as `_fill` fills."""
    made = []
    for sheet in sheets:
        made.append(drawn(request, "sheet.html", it=sheet))
        await asyncio.sleep(0)
    return made
