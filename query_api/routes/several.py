"""Several orders of a board at once: a page that shows what would become of each and asks once, and one that tells it.

Decides: that nothing is sent from the first look, and what the second shows. Must not know: what can be done to which
order, how it is decided.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from domain.offering import Act
from domain.offers import order_offers
from domain.order.state import Order
from projections import order as orders
from projections.projector.folds import FoldTables
from projections.registry import BOARDS
from query_api.acting import context_of
from query_api.dependencies import Given, Readers, readers_of
from query_api.reads import (
    FilterText,
    NumberText,
    actor_of,
    order_numbers,
    reader_of,
    snapshot_of,
    staff,
    with_freshness,
)
from query_api.rendering import render, words_of
from query_api.routes.board_search import BOARD_OF_NAME, Name
from query_api.several import BESIDE, Parcels, Selected, acts_on, became, foreseen, selected, unknown, written
from query_api.taking import as_taken_now
from web import sight
from web.caller_dependency import MOST_FIELDS, csrf_token
from web.command_addresses import BULK_PATH
from web.kept_forms import MANY
from web.paging import LARGEST_PAGE
from web.positions import After
from web.problems import NOT_PERMITTED, Problem, from_validation

SEVERAL_PATH: Final = "/boards/{name}/several"
LARGEST_SELECTION: Final = 512 * 1024
"""Bytes of a form with as many parcels as a board shows."""
SEVERAL_PATHS: Final = tuple(SEVERAL_PATH.format(name=board.name) for board in BOARDS)

router = APIRouter(prefix=SEVERAL_PATH, tags=["boards"], include_in_schema=False, dependencies=[Depends(staff)])


class Selection(BaseModel):
    """What is to be done with which orders."""

    model_config = ConfigDict(extra="ignore")

    act: Act
    order: Annotated[list[NumberText], Field(max_length=LARGEST_PAGE)] = []
    queue: FilterText = None
    """Of the board, to lead back to."""
    form: str = ""
    """What was carried out, to be told."""

    @property
    def numbers(self) -> list[str]:
        """Each order once."""
        return order_numbers(self.order)


@router.get("")
async def look(
    request: Request, readers: Given, name: Name, asked: Annotated[Selection, Query()], after: After
) -> Response:
    """What would become of each order; parcels need their carrier first. Or what became of each."""
    _require_permitted(request, name, asked)
    if asked.form:
        return await _told(request, readers, name, asked, after)
    items = await _selected(request, readers, asked, after)
    if asked.act is Act.HAND_OVER and any(item.offer for item in items):
        return _ask(request, name, asked, items, Parcels())
    return await _show(request, name, asked, items, Parcels())


@router.post("")
async def say(request: Request, readers: Given, name: Name, after: After) -> Response:
    """The same, with what was typed for the parcels."""
    given = await request.form(max_fields=MOST_FIELDS)
    asked = _read({"act": given.get("act"), "order": given.getlist("order"), "queue": given.get("queue")})
    _require_permitted(request, name, asked)
    beside = {field.removeprefix(BESIDE): str(text) for field, text in given.items() if field.startswith(BESIDE)}
    typed = Parcels(str(given.get("carrier", "")), str(given.get("pasted", "")), beside)
    items = await _selected(request, readers, asked, after)
    if given.get("edit"):
        return _ask(request, name, asked, items, typed)
    typed = typed.checked([item.name for item in items if item.offer], words_of(request))
    if typed.faults:
        return _ask(request, name, asked, items, typed)
    return await _show(request, name, asked, typed.said_of(items), typed)


def _read(given: Mapping[str, Any]) -> Selection:
    try:
        return Selection.model_validate(given)
    except ValidationError as error:
        raise from_validation(error, b"") from None


def _require_permitted(request: Request, name: str, asked: Selection) -> None:
    if asked.act not in acts_on(BOARD_OF_NAME[name], reader_of(request)):
        raise Problem(NOT_PERMITTED)


async def _selected(request: Request, readers: Readers, asked: Selection, after: Mapping[int, int]) -> list[Selected]:
    """What each order offers now. The snapshot is given back before anybody is asked what it would do."""
    role, words = reader_of(request), words_of(request)
    async with snapshot_of(request, readers, dict(after)) as snapshot:
        found = {row.number: row for row in await orders.numbered(snapshot.connection, asked.numbers)}
        known = await FoldTables().load(snapshot.connection, [row.stream for row in found.values()])
    items: list[Selected] = []
    for number in asked.numbers:
        row = found.get(number)
        state = known.get(row.stream, (0, None))[1] if row else None
        if row is None or not isinstance(state, Order):
            items.append(unknown(number, words))
        else:
            offers = order_offers(as_taken_now(request, state), {}, context_of(request, row.stream))
            items += selected(sight.shown(role, row), offers, asked.act, words)
    return items


def _ask(request: Request, name: str, asked: Selection, items: Sequence[Selected], typed: Parcels) -> Response:
    """The page on which carrier and tracking numbers are typed."""
    page = render(
        request,
        "several_parcels.html",
        here=name,
        asked=asked,
        word=words_of(request).acts[asked.act],
        ready=[item for item in items if item.offer],
        refused=[item for item in items if not item.offer],
        typed=typed,
        csrf=csrf_token(request),
    )
    return with_freshness(request, page)


async def _show(request: Request, name: str, asked: Selection, items: Sequence[Selected], typed: Parcels) -> Response:
    """The page that shows what would become of each, and asks once."""
    words = words_of(request)
    shown = written(items, secrets.token_hex(16), words)
    lines = [item.line for item in shown if item.line]
    if lines:
        shown = foreseen(shown, await looked_at(request, lines), words)
    page = render(
        request,
        "several.html",
        here=name,
        asked=asked,
        word=words.acts[asked.act],
        ready=[item for item in shown if item.line],
        refused=[item for item in shown if not item.line],
        typed=typed,
        csrf=csrf_token(request),
        address=BULK_PATH,
    )
    return with_freshness(request, page)


async def looked_at(request: Request, lines: Sequence[str]) -> list[Mapping[str, Any]]:
    """What the command API says to each line; where it took none, the same to all of them."""
    made = await readers_of(request).look(request.state.caller, "\n".join(lines).encode())
    told = [orjson.loads(line) for line in made.content.splitlines()]
    if len(told) == len(lines) and all("line" in each for each in told):
        return told
    return [{"status": made.status_code, "answer": told[0]}] * len(lines)


async def _told(request: Request, readers: Readers, name: str, asked: Selection, after: Mapping[int, int]) -> Response:
    """What became of each; it can be read again for ten minutes."""
    async with snapshot_of(request, readers, dict(after)):  # boards show it by now
        kept = await readers.forms.find(asked.form, actor_of(request))
    words = words_of(request)
    answers = kept.answer["answers"] if kept is not None and kept.answer.get("code") == MANY else []
    numbers, parcels = (
        [] if kept is None else [text for known, text in kept.fields if known == field]
        for field in ("number", "parcel")
    )
    found = became(numbers, parcels, answers, words)
    page = render(
        request,
        "several_done.html",
        here=name,
        asked=asked,
        word=words.acts[asked.act],
        done=[each for each in found if not each.why],
        refused=[each for each in found if each.why],
    )
    return with_freshness(request, page)
