"""The own second step: a secret for an application that makes codes, its first code, and how it is given up again.

Decides: that administrators may have one, and that the password is asked for before one begins or ends. Must not know:
how codes are made and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.roles import Role
from query_api.codes import qr
from query_api.dependencies import Given, Readers
from query_api.reads import staff
from query_api.rendering import render
from query_api.routes.account import (
    ACCOUNT_PATH,
    SECOND_PATH,
    PostedForm,
    account_page,
    own_account,
    require_no_badge,
    sent,
    signed_in,
)
from web.caller_dependency import CallerDep, address_of_sender, csrf_token
from web.problems import NOT_PERMITTED, Problem
from web.second_factors import LONGEST_SECOND_CODE, otpauth


async def with_a_password(caller: CallerDep) -> None:
    """No page about the second step for who has come in with badge and PIN."""
    require_no_badge(caller)


router = APIRouter(
    prefix=SECOND_PATH,
    tags=["account"],
    dependencies=[Depends(staff), Depends(with_a_password)],
    include_in_schema=False,
)


class SecretAsked(PostedForm):
    """The password, before a secret is made."""

    current: str = Field(max_length=1_000)


class FirstCode(PostedForm):
    """The first code that the application has made of the secret."""

    otp: str = Field(max_length=LONGEST_SECOND_CODE)


class SecondStepEnded(PostedForm):
    """Password and code of whoever goes on without."""

    current: str = Field(max_length=1_000)
    otp: str = Field(max_length=LONGEST_SECOND_CODE)


@router.post("")
async def begin(request: Request, readers: Given) -> Response:
    """Make a secret; leads to the page that shows it."""
    caller, _ = signed_in(request, readers)
    if Role.ADMIN not in caller.roles:
        raise Problem(NOT_PERMITTED, "administrators have a second step")
    accounts, colleague = await own_account(request, readers)
    current = (await sent(request, SecretAsked)).current
    try:
        await accounts.require_own(colleague, current, address_of_sender(request))
        await accounts.second.factors.begin(UUID(colleague.id))
    except Problem as refused:
        return await account_page(request, readers, refused)
    return RedirectResponse(SECOND_PATH, 303)


@router.get("")
async def show(request: Request, readers: Given) -> Response:
    """The secret that waits for its first code; where none does, the account."""
    return await _secret(request, readers)


@router.post("/confirm")
async def confirm(request: Request, readers: Given) -> Response:
    """The first code; shows the recovery codes, this once."""
    accounts, colleague = await own_account(request, readers)
    code = (await sent(request, FirstCode)).otp
    try:
        recovery = await accounts.second.confirm(UUID(colleague.id), code, address_of_sender(request))
    except Problem as refused:
        return await _secret(request, readers, refused)
    return _shown(request, recovery=recovery)


@router.post("/remove")
async def remove(request: Request, readers: Given) -> Response:
    """Go on without a second step; asks for the password and a code."""
    accounts, colleague = await own_account(request, readers)
    given, address = await sent(request, SecondStepEnded), address_of_sender(request)
    try:
        await accounts.require_own(colleague, given.current, address)
        await accounts.second.require(UUID(colleague.id), given.otp, address)
    except Problem as refused:
        return await account_page(request, readers, refused)
    await accounts.second.factors.remove(UUID(colleague.id))
    return RedirectResponse(ACCOUNT_PATH, 303)


async def _secret(request: Request, readers: Readers, refused: Problem | None = None) -> Response:
    accounts, colleague = await own_account(request, readers)
    secret = await accounts.second.factors.pending(UUID(colleague.id))
    if secret is None:
        return await account_page(request, readers, refused) if refused else RedirectResponse(ACCOUNT_PATH, 303)
    link = otpauth(secret, colleague.name, readers.company.name)
    return _shown(request, refused, secret=secret, link=link, code=qr(link))


def _shown(
    request: Request, refused: Problem | None = None, *, recovery: Sequence[str] = (), **secret: str
) -> Response:
    status = 200 if refused is None else refused.kind.status
    values = {"secret": "", "link": "", "code": "", **secret}
    answer = render(
        request,
        "second_factor.html",
        here="account",
        status=status,
        csrf=csrf_token(request),
        refusal=refused,
        recovery=recovery,
        **values,
    )
    answer.headers.update((refused.headers or {}) if refused else {})
    return answer
