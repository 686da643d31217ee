"""Everybody's own account: as what one works, where one is signed in, password and PIN. Not for programs.

Decides: that everybody ends own sessions and changes the own password, and that only an administrator does so for
others. Must not know: how sessions and passwords are kept.
"""

from __future__ import annotations

from typing import Final, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.roles import Role
from query_api.dependencies import Given, Readers
from query_api.reads import staff
from query_api.rendering import render
from web.accounts import Accounts
from web.badge_door import BadgeDoor
from web.badges import LONGEST_BADGE, BadgeState
from web.caller_dependency import COOKIE, address_of_sender, by_token, csrf_token
from web.colleagues import Colleague, roles_by_badge
from web.problems import NO_SUCH_PAGE, NOT_PERMITTED, Problem, from_validation
from web.sessions import session_id
from web.signin import SignIn
from web.tokens import Caller

ACCOUNT_PATH: Final = "/account"
SECOND_PATH: Final = f"{ACCOUNT_PATH}/second-factor"
PASSWORD_PATHS: Final = (f"{ACCOUNT_PATH}/password", f"{ACCOUNT_PATH}/pin", SECOND_PATH, f"{SECOND_PATH}/remove")
"""Where a password is sent along."""

router = APIRouter(prefix=ACCOUNT_PATH, tags=["account"], dependencies=[Depends(staff)], include_in_schema=False)


class PostedForm(BaseModel):
    """What a form of the page sends."""

    model_config = ConfigDict(extra="ignore")


F = TypeVar("F", bound=PostedForm)


class OtherRole(PostedForm):
    """As what to go on."""

    role: Role


class SessionsToEnd(PostedForm):
    """The one with this id, or all."""

    only: str = Field("", pattern="^([0-9a-f]{64})?$")


class NewPassword(PostedForm):
    """A password in the place of another one."""

    current: str = Field(max_length=1_000)
    password: str = Field(max_length=1_000)
    again: str = Field(max_length=1_000)


class NewPin(PostedForm):
    """A PIN for the badge, in the place of any other one."""

    current: str = Field(max_length=1_000)
    pin: str = Field(max_length=LONGEST_BADGE)
    again: str = Field(max_length=LONGEST_BADGE)


@router.get("")
async def show(request: Request, readers: Given) -> Response:
    """The page."""
    return await account_page(request, readers)


@router.post("/role")
async def work_as(request: Request, readers: Given) -> Response:
    """Go on as something else that one is today; leads to its first page."""
    caller, door = signed_in(request, readers)
    role = (await sent(request, OtherRole)).role
    if role not in caller.roles:
        raise Problem(NOT_PERMITTED, f"{role} is not among your roles today")
    await door.sessions.work_as(request.cookies[COOKIE], role)
    return RedirectResponse(door.landing(role), 303)


@router.post("/sessions")
async def end(request: Request, readers: Given) -> Response:
    """End one of the own sessions, or all but this one."""
    caller, door = signed_in(request, readers)
    require_no_badge(caller)
    only = (await sent(request, SessionsToEnd)).only or None
    await door.sessions.end_of(caller.actor, only, but=session_id(request.cookies[COOKIE]))
    return RedirectResponse(ACCOUNT_PATH, 303)


@router.post("/pin")
async def choose_pin(request: Request, readers: Given) -> Response:
    """Another PIN for the badge; asks for the password, and who has come in with a badge signs in with it first."""
    caller, _ = signed_in(request, readers)
    require_no_badge(caller)
    if not roles_by_badge(caller.roles):
        raise Problem(NOT_PERMITTED)
    accounts, colleague = await own_account(request, readers)
    chosen = await sent(request, NewPin)
    try:
        await accounts.require_own(colleague, chosen.current, address_of_sender(request))
        await badge_door_of(readers).choose_pin(UUID(colleague.id), chosen.pin, chosen.again)
    except Problem as refused:
        return await account_page(request, readers, refused)
    return RedirectResponse(ACCOUNT_PATH, 303)


@router.post("/password")
async def choose(request: Request, readers: Given) -> Response:
    """Another password; whoever else is signed in with the old one is out, and so is this browser."""
    accounts, colleague = await own_account(request, readers)
    chosen = await sent(request, NewPassword)
    try:
        await accounts.require_own(colleague, chosen.current, address_of_sender(request))
        await accounts.require_good(colleague, chosen.password, chosen.again)
    except Problem as refused:
        return await account_page(request, readers, refused)
    await accounts.choose(colleague, chosen.password)
    return RedirectResponse("/sign-in", 303)


async def own_account(request: Request, readers: Readers) -> tuple[Accounts, Colleague]:
    """With what somebody signs in who is signed in; `Problem` 404 for whoever is not in the register."""
    caller, door = signed_in(request, readers)
    account = await door.account(caller.actor)
    if account is None or account[1].provided:
        raise Problem(NO_SUCH_PAGE)
    return account


def door_of(readers: Readers) -> SignIn:
    """Where people come in; `Problem` 404 where another service signs them in."""
    if readers.sign_in is None:
        raise Problem(NO_SUCH_PAGE)
    return readers.sign_in


async def _codes_left(account: tuple[Accounts, Colleague] | None) -> int | None:
    """How many recovery codes somebody has left who has a second step."""
    return None if account is None else await account[0].second.factors.left(UUID(account[1].id))


def badge_door_of(readers: Readers) -> BadgeDoor:
    """Where badges are scanned; `Problem` 404 where none are."""
    door = door_of(readers).badges
    if door is None:
        raise Problem(NO_SUCH_PAGE)
    return door


async def _names_of_devices(door: SignIn) -> dict[UUID, str]:
    """What the devices are called at which badges are scanned."""
    return {} if door.badges is None else {device.id: device.name for device in await door.badges.devices.everyone()}


async def _badge_of(door: SignIn, caller: Caller) -> BadgeState | None:
    """Badge and PIN of whoever may have some, except for who came in with them."""
    if door.badges is None or caller.by_badge or not caller.name or not roles_by_badge(caller.roles):
        return None
    return await door.badges.badges.state(UUID(caller.actor))


def signed_in(request: Request, readers: Readers) -> tuple[Caller, SignIn]:
    """Whoever has a session; `Problem` 403 for a token."""
    caller: Caller = request.state.caller
    if COOKIE not in request.cookies or by_token(request):
        raise Problem(NOT_PERMITTED, "only somebody who is signed in has an account")
    return caller, door_of(readers)


def require_no_badge(caller: Caller) -> None:
    """`Problem` 403 for who has come in with badge and PIN: what a person signs in with is looked after elsewhere."""
    if caller.by_badge:
        raise Problem(NOT_PERMITTED, "sign in with your password for this")


async def sent(request: Request, form: type[F]) -> F:
    """What the form says. Read here and not by FastAPI, which would take the body before its proof is looked at."""
    try:
        return form.model_validate(dict(await request.form()))
    except ValidationError as error:
        raise from_validation(error, b"") from None


async def account_page(request: Request, readers: Readers, refused: Problem | None = None) -> Response:
    """The page, with what was refused on it."""
    caller, door = signed_in(request, readers)
    account = await door.account(caller.actor)
    answer = render(
        request,
        "account.html",
        here="account",
        status=200 if refused is None else refused.kind.status,
        csrf=csrf_token(request),
        sessions=await door.sessions.of(caller.actor),
        this=session_id(request.cookies[COOKIE]),
        devices=await _names_of_devices(door),
        refusal=refused,
        has_password=account is not None and not account[1].provided,
        provided=account is not None and account[1].provided,
        badge_state=None if account is None or account[1].provided else await _badge_of(door, caller),
        codes_left=await _codes_left(account),
    )
    answer.headers.update((refused.headers or {}) if refused else {})
    return answer
