"""The only form: placing an order. It is sent to the command API in the name of the person who is signed in.

Must not know: what a valid order is.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from query_api.dependencies import Given, PlaceAnswer
from query_api.order_form import BLANK_FORM, FIRST_ROWS, MORE_ROWS, MOST_ROWS, FieldFaults, body_of, faults_of, rows_of
from query_api.reads import may_place, staff
from query_api.rendering import render, words_of
from web.caller_dependency import csrf_token
from web.problems import NOT_PERMITTED, Problem

PATH: Final = "/orders/new"
router = APIRouter(prefix=PATH, tags=["orders"], include_in_schema=False)

LONGEST_KEY: Final = 64
PLACED: Final = range(200, 300)
UNCERTAIN: Final = 503
NO_FAULTS: Final = FieldFaults()


async def placer(request: Request) -> None:
    """`Problem` 403 for a role that may not place orders."""
    if not may_place(request):
        raise Problem(NOT_PERMITTED)


ALLOWED: Final = [Depends(staff), Depends(placer)]


@router.get("", dependencies=ALLOWED)
async def form(request: Request) -> Response:
    """The empty form."""
    return _show(request, {**BLANK_FORM, "rows": str(FIRST_ROWS)}, NO_FAULTS)


@router.post("", dependencies=ALLOWED)
async def place(request: Request, readers: Given) -> Response:
    """Place the order and lead to it; or show the form again, with each fault next to its field."""
    given = {name: str(value) for name, value in (await request.form()).items()}
    if given.get("more"):
        return _show(request, {**given, "rows": str(min(rows_of(given) + MORE_ROWS, MOST_ROWS))}, NO_FAULTS)
    body = orjson.dumps(body_of(given))
    made = await readers.place(request.state.caller, body, _key(given))
    if made.status_code in PLACED:
        return _lead_to(made)
    return _refused(request, given, made)


def _lead_to(made: PlaceAnswer) -> Response:
    told = orjson.loads(made.content)
    query = urlencode({"placed": "yes", **({"after": told["position"]} if told.get("position") else {})})
    return RedirectResponse(f"/orders/{told['order_id']}?{query}", 303)


def _refused(request: Request, given: Mapping[str, str], made: PlaceAnswer) -> Response:
    problem = orjson.loads(made.content)
    faults = faults_of(problem.get("errors", ()), given)
    words = words_of(request)
    if made.status_code == UNCERTAIN:
        trouble = words.text("try_again")
    elif faults.fields:
        trouble = words.text("correct_fields")
    else:
        trouble = f"{problem.get('title', '')} {problem.get('detail', '')}"
    return _show(request, given, faults, status=made.status_code, trouble=trouble)


def _show(
    request: Request, given: Mapping[str, str], faults: FieldFaults, *, status: int = 200, trouble: str = ""
) -> Response:
    values: dict[str, Any] = {"given": given, "rows": rows_of(given), "key": _key(given), "csrf": csrf_token(request)}
    return render(
        request,
        "place.html",
        status=status,
        here="orders",
        errors=faults.fields,
        unplaced=faults.elsewhere,
        trouble=trouble,
        **values,
    )


def _key(given: Mapping[str, str]) -> str:
    """The form's key: sending the same form twice places one order."""
    key = given.get("key", "")
    return key if key.isascii() and key.isalnum() and len(key) <= LONGEST_KEY else secrets.token_hex(16)
