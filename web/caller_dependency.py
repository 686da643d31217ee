"""The `caller` dependency: finds the token of a request, in its header or its cookie.

Decides: where a token may come from, and that a form needs proof that it is ours. Must not know: how tokens are made or
verified, commands, storage.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, FastAPI
from starlette.requests import Request

from web.problems import FORGED_FORM, Problem
from web.tokens import Caller, Tokens, form_token, unauthorised

COOKIE: Final = "ordertrail"
CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "x-csrf-token"
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Identity:
    """What an application needs to know its callers; `secret` makes the tokens of forms (`identity.form_secret`)."""

    tokens: Tokens
    secret: bytes


def use_identity(app: FastAPI, identity: Identity) -> None:
    """Let the `caller` dependency of this application work."""
    app.state.identity = identity


async def caller(request: Request) -> Caller:
    """Who is calling: by bearer token, else by cookie. `Problem` 401 or 403 otherwise."""
    identity = identity_of(request)
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return identity.tokens.caller(_bearer(authorization))
    session = request.cookies.get(COOKIE)
    if session is None:
        raise unauthorised()
    found = identity.tokens.caller(session)
    if request.method not in READING:
        await _require_own_form(request, form_token(identity.secret, session))
    return found


async def visitor(request: Request) -> Caller | None:
    """Who is reading, or None: for pages that strangers may see as well."""
    try:
        return await caller(request)
    except Problem:
        return None


def csrf_token(request: Request) -> str:
    """What a form on a page for this session must carry in its field `csrf`; empty without a session."""
    session = request.cookies.get(COOKIE)
    return form_token(identity_of(request).secret, session) if session else ""


def identity_of(request: Request) -> Identity:
    """The application's identity settings."""
    identity = request.app.state.identity
    if not isinstance(identity, Identity):
        raise TypeError("call use_identity when building the application")
    return identity


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorised("a bearer token is expected")
    return token.strip()


async def _require_own_form(request: Request, expected: str) -> None:
    given = request.headers.get(CSRF_HEADER)
    if given is None and request.headers.get("content-type", "").startswith(FORMS):
        given = str((await request.form()).get(CSRF_FIELD, ""))
    if not hmac.compare_digest((given or "").encode(), expected.encode()):
        raise Problem(FORGED_FORM)


def same_site(request: Request) -> None:
    """Refuse what another site's page sends; for the two forms that are used without a session."""
    if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise Problem(FORGED_FORM)


CallerDep = Annotated[Caller, Depends(caller)]
