"""Entering an order: the page, and what its buttons do that place nothing. The form itself is sent to the command API.

Decides: who gets the form, what the buttons do, and that what was typed is kept between one page and the next. Must not
know: what a valid order is.
"""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from projections import order as orders
from projections import past_orders
from projections.view import Connection
from query_api import order_page
from query_api.dependencies import Given, Readers
from query_api.entry_form import (
    ENTRY_LINES,
    FIRST_ROWS,
    FRESH_ENTRY,
    MORE_ROWS,
    ONE_FOR_ALL,
    draft_title,
    entry_form,
    fields_of_order,
    with_address,
    with_pasted_rows,
    with_rows,
    without_row,
)
from query_api.entry_hints import EntryHints, filled_in, hints_for
from query_api.entry_page import entry_page
from query_api.offer_forms import key_for
from query_api.reads import UNKNOWN_ORDER, Reading, ReadingDep, actor_of, may_place, staff
from query_api.rendering import render, words_of
from web.caller_dependency import csrf_token
from web.command_addresses import PLACE_ORDER
from web.forms import Fields
from web.kept_forms import KeptForm, sent_form
from web.pasted_lines import PASTED, columns_left_out
from web.problems import NOT_PERMITTED, Problem

PATH: Final = "/orders/new"
CHECK_PATH: Final = f"{PATH}/check"
router = APIRouter(prefix=PATH, tags=["orders"], include_in_schema=False)


async def placer(request: Request) -> None:
    """`Problem` 403 for a role that may not place orders."""
    if not may_place(request):
        raise Problem(NOT_PERMITTED)


ALLOWED: Final = [Depends(staff), Depends(placer)]


class EntryQuery(BaseModel):
    """With what the form begins."""

    model_config = ConfigDict(extra="ignore")

    form: str = ""
    """A form that was kept."""
    draft: str = ""
    saved: str = ""
    """Whether the draft was saved just now."""
    again: str = Field("", alias="from")
    """The number of an order."""


@router.get("", dependencies=ALLOWED)
async def page(
    request: Request, readers: Given, snapshot: ReadingDep, asked: Annotated[EntryQuery, Query()]
) -> Response:
    """The empty form, one filled in from an earlier order, a draft, or one that was kept, with what was typed."""
    kept = None
    if asked.form:
        kept = await readers.forms.find(asked.form, actor_of(request))
    elif asked.draft:
        kept = await _drafted(readers, asked.draft, actor_of(request))
    gone = bool(asked.form or asked.draft) and kept is None
    kept = kept or KeptForm("", await _begun(snapshot, asked.again), {})
    return _show(request, kept, await hints_for(snapshot.connection, kept), gone=gone, saved=bool(asked.saved))


@router.post("", dependencies=ALLOWED)
async def turn(request: Request, readers: Given, snapshot: ReadingDep) -> Response:
    """What the buttons do: check, read what was pasted, take an address, add or remove lines. Nothing is placed."""
    sent = await sent_form(request, actor_of(request))
    rows = with_pasted_rows(await _pressed(snapshot.connection, sent))
    # Once the lines are rows, nobody could tell which columns were left out.
    told = {"left_out": columns_left_out(sent.text(PASTED))} if rows != sent.fields else {}
    kept = KeptForm(sent.actor, rows, told)
    kept, _ = filled_in(kept, await hints_for(snapshot.connection, kept))
    if sent.text("save"):
        name = await readers.forms.drafts.save(sent.actor, draft_title(kept.fields), kept.fields, sent.text("draft"))
        return RedirectResponse(f"{PATH}?draft={name}&saved=yes", 303)
    if sent.text("more"):
        kept = KeptForm(kept.actor, with_rows(kept.fields, MORE_ROWS), told)
    name = await readers.forms.keep(kept)
    return RedirectResponse(f"{PATH}?form={name}#{ENTRY_LINES}", 303)


@router.post("/check", dependencies=ALLOWED)
async def check(request: Request, snapshot: ReadingDep) -> Response:
    """The page as it would be shown now, for a script that takes from it what stands beside the fields."""
    sent = await sent_form(request, actor_of(request))
    return _show(request, *filled_in(sent, await hints_for(snapshot.connection, sent)))


@router.get("/drafts", dependencies=ALLOWED)
async def drafts(request: Request, readers: Given) -> Response:
    """The reader's own drafts."""
    own = await readers.forms.drafts.of(actor_of(request))
    return render(request, "drafts.html", here="orders", drafts=own, path=PATH, csrf=csrf_token(request))


@router.post("/drafts", dependencies=ALLOWED)
async def drop_draft(request: Request, readers: Given) -> Response:
    """Delete one of the sender's drafts."""
    sent = await sent_form(request, actor_of(request))
    await readers.forms.drafts.drop(sent.text("draft"), sent.actor)
    return RedirectResponse(f"{PATH}/drafts", 303)


async def _drafted(readers: Readers, name: str, actor: str) -> KeptForm | None:
    fields = await readers.forms.drafts.find(name, actor)
    return None if fields is None else KeptForm(actor, (*fields, ("draft", name)), {})


async def _begun(snapshot: Reading, again: str) -> Fields:
    if not again:
        usual = await past_orders.last_currency(snapshot.connection)
        return with_rows((*FRESH_ENTRY, *([(ONE_FOR_ALL, usual)] if usual else [])), FIRST_ROWS)
    found = await order_page.find_order(snapshot.connection, again)
    if found is None:
        raise Problem(UNKNOWN_ORDER)
    return fields_of_order(found.state)


async def _pressed(connection: Connection, sent: KeptForm) -> Fields:
    """The form after the button that was pressed, where it changes what was typed."""
    if row := sent.text("remove"):
        return without_row(sent.fields, row)
    if used := sent.text("use"):
        found = await orders.get(connection, _order_id(used))
        return sent.fields if found is None else with_address(sent.fields, found.state.ship_to)
    return sent.fields


def _order_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Problem(UNKNOWN_ORDER) from None


def _show(request: Request, kept: KeptForm, hints: EntryHints, *, gone: bool = False, saved: bool = False) -> Response:
    words = words_of(request)
    return render(
        request,
        "place.html",
        here="orders",
        form=entry_form(kept, words),
        beside=entry_page(kept, hints, words),
        address=PLACE_ORDER,
        here_again=PATH,
        check=CHECK_PATH,
        key=key_for(kept),
        csrf=csrf_token(request),
        gone=gone,
        saved=saved,
        draft=kept.text("draft"),
    )
