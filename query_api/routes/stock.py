"""Stock: what lies where, how much of it is reserved, and everything that happened to it.

Must not know: how stock is decided.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from domain.access import may
from domain.stock.commands import CountStock
from domain.values import Location, Sku
from projections import stock
from projections.stock import StockCursor, StockFilter, StockRow
from query_api.acting import Foretelling, acting, document, offers_of_item
from query_api.dependencies import Given
from query_api.reads import (
    NO_SUCH_STOCK,
    Emptied,
    FilterText,
    Reading,
    ReadingDep,
    answer,
    json,
    reader_of,
    staff,
    with_freshness,
)
from query_api.rendering import wants_page
from query_api.routes.cursors import instant_sku_and_location, sku_and_location
from query_api.routes.timelines import Subject, TimelinePart, link_target, show
from web.paging import DEFAULT_PAGE, LARGEST_PAGE, encode_cursor, next_link
from web.problems import Problem

router = APIRouter(prefix="/stock", tags=["stock"], dependencies=[Depends(staff)])

SKU: Final[TypeAdapter[str]] = TypeAdapter(Sku)
LOCATION: Final[TypeAdapter[str]] = TypeAdapter(Location)


class StockSearch(BaseModel):
    """The filters of the stock list."""

    model_config = ConfigDict(extra="ignore")

    sku: FilterText = None
    location: FilterText = None
    available: Annotated[Literal["yes"] | None, Emptied] = None
    waiting: Annotated[Literal["yes"] | None, Emptied] = None
    tasks: Annotated[Literal["yes", "count"] | None, Emptied] = None
    cursor: Annotated[str | None, Emptied] = None
    limit: int = Field(DEFAULT_PAGE, ge=1, le=LARGEST_PAGE)

    def after(self) -> StockCursor | None:
        """`Problem` 422 for a cursor of a list in another order."""
        if self.cursor is None:
            return None
        if self.waiting is None:
            return StockCursor(*sku_and_location(self.cursor))
        since, sku, location = instant_sku_and_location(self.cursor)
        return StockCursor(sku, location, since)


@router.get("", summary="Stock by SKU and location")
async def search(
    request: Request, readers: Given, asked: Annotated[StockSearch, Query()], snapshot: ReadingDep
) -> Response:
    """`sku` is the beginning of a code; `tasks=yes`: what is to be dealt with, `tasks=count` what
    is to be counted; `waiting=yes`: what orders wait for; `available=yes`: what is free.
    """
    wanted = StockFilter(
        sku=asked.sku,
        location=asked.location,
        available=asked.available is not None,
        awaited=asked.waiting is not None,
        with_tasks=asked.tasks is not None,
        to_count=asked.tasks == "count",
    )
    rows = await stock.find(snapshot.connection, wanted, asked.after(), asked.limit + 1)
    shown = rows[: asked.limit]
    link = next_link(request, _cursor(wanted, shown[-1]) if len(rows) > len(shown) else None)
    made = answer(
        request,
        {"stock": [_document(row, readers) for row in shown]},
        "stock.html",
        here="stock",
        rows=shown,
        may_count=may(reader_of(request), CountStock),
        asked={**asked.model_dump(include={"sku", "available", "waiting", "tasks"}), "any": wanted != StockFilter()},
        next_link=link_target(link),
    )
    made.headers.update(link)
    return made


@router.get("/{sku}/{location}", summary="One SKU at one location")
async def one(request: Request, readers: Given, sku: str, location: str, snapshot: ReadingDep) -> Response:
    """What is on hand, reserved and waited for; 404 where nothing was ever received, counted or ordered."""
    row = await _item(snapshot, sku, location)
    page = f"/stock/{quote(row.sku)}/{row.location}"
    foretelling = Foretelling(snapshot.connection)
    desk = await acting(request, offers_of_item(request, row), page, foretelling) if wants_page(request) else None
    return answer(request, _document(row, readers), "stock_item.html", here="stock", item=row, acting=desk)


@router.get("/{sku}/{location}/offers", summary="What the caller may do with a stock item now, the likeliest first")
async def offered(request: Request, sku: str, location: str, snapshot: ReadingDep) -> Response:
    """Commands that would be accepted, with their limits; as the page of the item shows them."""
    row = await _item(snapshot, sku, location)
    told = {"version": row.version, "offers": document(offers_of_item(request, row))}
    return with_freshness(request, json(told))


@router.get("/{sku}/{location}/timeline", summary="Everything that happened to a stock item, oldest first")
async def timeline(
    request: Request, sku: str, location: str, snapshot: ReadingDep, asked: Annotated[TimelinePart, Query()]
) -> Response:
    """One entry per event, with its sentence in the language of the request."""
    row = await _item(snapshot, sku, location)
    page = f"/stock/{quote(row.sku)}/{row.location}"
    return await show(
        request, snapshot, Subject(row.stream, f"{row.sku} {row.location}", page, "stock", str), asked.stretch()
    )


def _cursor(wanted: StockFilter, row: StockRow) -> str:
    since = (row.waiting_since.isoformat(),) if wanted.awaited and row.waiting_since else ()
    return encode_cursor(*since, row.sku, row.location)


async def _item(snapshot: Reading, sku: str, location: str) -> StockRow:
    try:
        found = await stock.get(snapshot.connection, SKU.validate_python(sku), LOCATION.validate_python(location))
    except ValidationError:
        found = None
    if found is None:
        raise Problem(NO_SUCH_STOCK)
    return found


def _document(row: StockRow, readers: Given) -> dict[str, object]:
    days = row.days_since_last_issue(readers.clock())
    tasks = [{"kind": task.kind, "owner": task.owner} for task in row.tasks]
    return {**row.model_dump(mode="json"), "days_since_last_issue": days, "tasks": tasks}
