"""Entering an order: the page, and what its buttons do that place nothing. The form itself is sent to the command API.

Decides: who gets the form, and that what was typed is kept between one page and the next. Must not know: what a valid
order is.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from query_api.dependencies import Given
from query_api.entry_form import FIRST_ROWS, FRESH_ENTRY, MORE_ROWS, entry_form, with_rows
from query_api.reads import may_place, staff
from query_api.rendering import render, words_of
from web.caller_dependency import csrf_token
from web.command_addresses import PLACE_ORDER
from web.kept_forms import KeptForm, sent_form
from web.problems import NOT_PERMITTED, Problem
from web.tokens import Caller

PATH: Final = "/orders/new"
router = APIRouter(prefix=PATH, tags=["orders"], include_in_schema=False)


async def placer(request: Request) -> None:
    """`Problem` 403 for a role that may not place orders."""
    if not may_place(request):
        raise Problem(NOT_PERMITTED)


ALLOWED: Final = [Depends(staff), Depends(placer)]


@router.get("", dependencies=ALLOWED)
async def page(request: Request, readers: Given, form: Annotated[str, Query()] = "") -> Response:
    """The empty form, or one that was kept, with what was typed."""
    kept = await readers.forms.find(form, _who(request)) if form else None
    fresh = KeptForm("", with_rows(FRESH_ENTRY, FIRST_ROWS), {})
    return _show(request, kept or fresh, gone=bool(form) and kept is None)


@router.post("", dependencies=ALLOWED)
async def turn(request: Request, readers: Given) -> Response:
    """Keep what was typed and lead to the page that shows it: with more lines. Nothing is placed."""
    sent = await sent_form(request, _who(request))
    fields = with_rows(sent.fields, MORE_ROWS if sent.text("more") else 0)
    name = await readers.forms.keep(KeptForm(sent.actor, fields, {}))
    return RedirectResponse(f"{PATH}?form={name}#lines", 303)


def _who(request: Request) -> str:
    caller: Caller = request.state.caller
    return caller.actor


def _show(request: Request, kept: KeptForm, *, gone: bool) -> Response:
    return render(
        request,
        "place.html",
        here="orders",
        form=entry_form(kept, words_of(request)),
        address=PLACE_ORDER,
        here_again=PATH,
        key=kept.text("key") or secrets.token_hex(16),
        csrf=csrf_token(request),
        gone=gone,
    )
