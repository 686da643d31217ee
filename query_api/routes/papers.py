"""Papers of an order, to be printed from the browser.

Must not know: what stands on them.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from query_api.dependencies import readers_of
from query_api.order_page import find_order
from query_api.paper_page import Printer
from query_api.papers import FOR_CUSTOMER, Paper
from query_api.reads import UNKNOWN_ORDER, ReadingDep, answer, reader_of, staff
from query_api.rendering import language_of
from query_api.sentences import Language
from web.problems import NO_SUCH_PAGE, NOT_PERMITTED, Problem

router = APIRouter(prefix="/orders", tags=["orders"], dependencies=[Depends(staff)])


def printer_of(request: Request, chosen: Language | None = None) -> Printer:
    """The caller as somebody who prints."""
    readers = readers_of(request)
    return Printer(reader_of(request), language_of(request), readers.company.zone, readers.clock(), chosen)


class PaperWanted(BaseModel):
    """Which of a paper's sheets."""

    model_config = ConfigDict(extra="ignore")

    parcel: Annotated[int | None, Field(ge=1, le=10**6)] = None
    language: Language | None = None
    """Of the paper, whatever the customer's is."""


@router.get("/{name}/papers/{paper}", summary="A paper that goes with an order's goods")
async def one(
    request: Request,
    snapshot: ReadingDep,
    name: str,
    paper: Paper,
    asked: Annotated[PaperWanted, Query()],
) -> Response:
    """All sheets of it, or that of one parcel; 403 for who does not read all of it. Papers for the customer are in the
    customer's language unless another is named.
    """
    found = await find_order(snapshot.connection, name)
    if found is None:
        raise Problem(UNKNOWN_ORDER)
    printer = printer_of(request, asked.language)
    if not printer.may_have(paper, found):
        raise Problem(NOT_PERMITTED)
    sheets = printer.sheets(found, paper, asked.parcel)
    if asked.parcel is not None and not sheets:
        raise Problem(NO_SUCH_PAGE)
    return answer(
        request,
        {"number": found.number, "paper": paper, "sheets": [sheet.document() for sheet in sheets]},
        "paper.html",
        here="orders",
        number_of_order=found.number,
        paper=paper,
        sheets=sheets,
        other=_other(request, sheets[0].words.language) if sheets and paper in FOR_CUSTOMER else None,
    )


def _other(request: Request, language: Language) -> tuple[Language, str]:
    """The language in which a paper is not, and where it is; that leaves the reader's own language alone."""
    other = Language.EN if language is Language.ZH else Language.ZH
    return other, f"?{request.url.include_query_params(language=other.value).query}"
