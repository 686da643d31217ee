"""Everybody's own account: as what one works, where one is signed in, and the password. Not for programs.

Decides: that everybody ends own sessions and changes the own password, and that only an administrator does so for
others. Must not know: how sessions and passwords are kept.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.roles import Role
from query_api.dependencies import Given, Readers
from query_api.reads import staff
from query_api.rendering import render
from web.accounts import Accounts
from web.caller_dependency import COOKIE, csrf_token
from web.colleagues import Colleague
from web.problems import NO_SUCH_PAGE, NOT_PERMITTED, Problem
from web.sessions import session_id
from web.signin import SignIn
from web.tokens import Caller

ACCOUNT_PATH: Final = "/account"

router = APIRouter(prefix=ACCOUNT_PATH, tags=["account"], dependencies=[Depends(staff)], include_in_schema=False)


class NewPassword(BaseModel):
    """What the form sends."""

    model_config = ConfigDict(extra="ignore")

    current: str = Field(max_length=1_000)
    password: str = Field(max_length=1_000)
    again: str = Field(max_length=1_000)


@router.get("")
async def show(request: Request, readers: Given) -> Response:
    """The page."""
    return await _page(request, readers)


@router.post("/role")
async def work_as(request: Request, readers: Given, role: Annotated[Role, Form()]) -> Response:
    """Go on as something else that one is today; leads to its first page."""
    caller, door = _signed_in(request, readers)
    if role not in caller.roles:
        raise Problem(NOT_PERMITTED, f"{role} is not among your roles today")
    await door.sessions.work_as(request.cookies[COOKIE], role)
    return RedirectResponse(door.landing(role), 303)


@router.post("/sessions")
async def end(request: Request, readers: Given, only: Annotated[str, Form(max_length=100)] = "") -> Response:
    """End one of the own sessions, or all but this one."""
    caller, door = _signed_in(request, readers)
    await door.sessions.end_of(caller.actor, only or None, but=session_id(request.cookies[COOKIE]))
    return RedirectResponse(ACCOUNT_PATH, 303)


@router.post("/password")
async def choose(request: Request, readers: Given, sent: Annotated[NewPassword, Form()]) -> Response:
    """Another password; whoever else is signed in with the old one is out, and so is this browser."""
    caller, door = _signed_in(request, readers)
    accounts, colleague = await account_of(door, caller.actor)
    try:
        await accounts.require_own(colleague, sent.current, request.client.host if request.client else "")
        await accounts.require_good(colleague, sent.password, sent.again)
    except Problem as refused:
        return await _page(request, readers, refused)
    await accounts.choose(colleague, sent.password)
    return RedirectResponse("/sign-in", 303)


async def account_of(door: SignIn, actor: str) -> tuple[Accounts, Colleague]:
    """A person's account; `Problem` 404 for whoever is not in the register."""
    found = await door.accounts.colleagues.known(actor) if door.accounts else None
    if door.accounts is None or found is None:
        raise Problem(NO_SUCH_PAGE)
    return door.accounts, found


def door_of(readers: Readers) -> SignIn:
    """Where people come in; `Problem` 404 where another service signs them in."""
    if readers.sign_in is None:
        raise Problem(NO_SUCH_PAGE)
    return readers.sign_in


def _signed_in(request: Request, readers: Readers) -> tuple[Caller, SignIn]:
    """Whoever has a session; `Problem` 403 for a token."""
    caller: Caller = request.state.caller
    if COOKIE not in request.cookies or "authorization" in request.headers:
        raise Problem(NOT_PERMITTED, "only somebody who is signed in has an account")
    return caller, door_of(readers)


async def _page(request: Request, readers: Readers, refused: Problem | None = None) -> Response:
    caller, door = _signed_in(request, readers)
    answer = render(
        request,
        "account.html",
        here="account",
        status=200 if refused is None else refused.kind.status,
        csrf=csrf_token(request),
        sessions=await door.sessions.of(caller.actor),
        this=session_id(request.cookies[COOKIE]),
        refusal=refused,
        has_password=bool(caller.name),
    )
    answer.headers.update((refused.headers or {}) if refused else {})
    return answer
