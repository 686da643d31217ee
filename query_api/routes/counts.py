"""Counts of many articles at once: pasted or uploaded, looked at, asked once, and told what became of each.

Decides: that nothing is sent from the first look, and how a file is read. Must not know: columns, how a count is
decided.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from domain.access import may
from domain.stock.commands import CountStock
from query_api.counts import foreseen_counts, written_counts
from query_api.dependencies import Given
from query_api.problem_words import fault_of
from query_api.reads import ReadingDep, actor_of, reader_of, staff, with_freshness
from query_api.rendering import render, words_of
from query_api.routes.several import looked_at
from query_api.several import became
from web.caller_dependency import MOST_FIELDS, csrf_token
from web.command_addresses import BULK_PATH
from web.kept_forms import MANY
from web.pasted_counts import read_counts
from web.pasted_lines import PASTED, UnreadableLines
from web.problems import NOT_PERMITTED, Problem

COUNTS_PATH: Final = "/stock/counts"
LARGEST_COUNTS: Final = 512 * 1024
"""Bytes of a form with a thousand lines, pasted or in a file."""
FILE: Final = "file"


async def _counting(request: Request) -> None:
    """`Problem` 403 for who may not count."""
    if not may(reader_of(request), CountStock):
        raise Problem(NOT_PERMITTED)


router = APIRouter(
    prefix=COUNTS_PATH, tags=["stock"], include_in_schema=False, dependencies=[Depends(staff), Depends(_counting)]
)


@router.get("")
async def ask(request: Request, readers: Given, snapshot: ReadingDep, form: Annotated[str, Query()] = "") -> Response:  # noqa: ARG001 - whoever is led here waits for what was recorded
    """Where counts are pasted; or what became of those that were sent."""
    if not form:
        return _asked(request)
    kept = await readers.forms.find(form, actor_of(request))
    answers = kept.answer["answers"] if kept is not None and kept.answer.get("code") == MANY else []
    names = [] if kept is None else [text for known, text in kept.fields if known == "number"]
    found = became(names, [""] * len(names), answers, words_of(request))
    page = render(
        request,
        "counts_done.html",
        here="stock",
        done=[each for each in found if not each.why],
        refused=[each for each in found if each.why],
    )
    return with_freshness(request, page)


@router.post("")
async def look(request: Request, readers: Given) -> Response:
    """What each count would do; nothing is recorded."""
    words = words_of(request)
    async with request.form(max_fields=MOST_FIELDS) as given:
        pasted, file = str(given.get(PASTED, "")), given.get(FILE)
        uploaded = await file.read() if isinstance(file, UploadFile) else b""
    try:
        counts = read_counts(_decoded(uploaded) or pasted)
    except UnicodeDecodeError:
        return _asked(request, pasted, words.text("counts_unreadable"))
    except UnreadableLines as refused:
        return _asked(request, pasted, fault_of(refused.fault, words))
    if not counts:
        return _asked(request, pasted, words.text("counts_none"))
    lines = written_counts(counts, secrets.token_hex(16), readers.clock())
    lines = foreseen_counts(lines, await looked_at(request, [line.line for line in lines]), words)
    return render(
        request,
        "counts.html",
        here="stock",
        ready=[line for line in lines if not line.why],
        refused=[line for line in lines if line.why],
        csrf=csrf_token(request),
        address=BULK_PATH,
        back=COUNTS_PATH,
    )


def _asked(request: Request, pasted: str = "", error: str = "") -> Response:
    page = render(request, "counts_asked.html", here="stock", pasted=pasted, error=error, csrf=csrf_token(request))
    return with_freshness(request, page)


def _decoded(file: bytes) -> str:
    """A spreadsheet writes UTF-8, or in China the national code; UnicodeDecodeError for what is neither."""
    try:
        return file.decode("utf-8-sig")
    except UnicodeDecodeError:
        return file.decode("gb18030")
