"""Signing in with a one-time code, and out again.

Decides: what a code is worth (one sign-in, ten minutes, one actor and role) and the cookie that it is exchanged for.
Opening the link only shows a button: programs that preview links must not use the code up. Must not know: what a role
may do.
"""

from __future__ import annotations

import hashlib
import html
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Protocol, TypeAlias

from fastapi import APIRouter, Form, Query
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from domain.roles import Role
from web.caller_dependency import COOKIE, caller, same_site
from web.database import Pool, borrowed
from web.problems import Problem, ProblemKind, fault, invalid
from web.sessions import LONGEST_SESSION, Person, Sessions

CODE_LIFETIME: Final = timedelta(minutes=10)

CODE_UNKNOWN: Final = ProblemKind("sign-in-code-unknown", 403, "There is no such sign-in code.")
CODE_USED: Final = ProblemKind("sign-in-code-used", 403, "This sign-in code has been used. Ask for a new link.")
CODE_EXPIRED: Final = ProblemKind("sign-in-code-expired", 403, "This sign-in code has expired. Ask for a new link.")
SIGN_IN_PROBLEMS: Final = (CODE_UNKNOWN, CODE_USED, CODE_EXPIRED)

Code = Annotated[str, Form(max_length=200)]
Render: TypeAlias = Callable[[Request, str], Response]
"""Makes the page that shows the button for a code; the code is empty where somebody came without one."""


class Codes(Protocol):
    """Where codes are kept."""

    async def redeem(self, code: str) -> tuple[str, Role]:
        """Actor and role of a code, which is used up by this; `Problem` if it is worth nothing."""
        ...


class SignInCodes:
    """One-time codes in PostgreSQL (`web.sign_in_code`). Only their hash is stored."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def new_code(self, actor: str, role: Role) -> str:
        """A fresh code with which `actor` can sign in once as `role`, within ten minutes."""
        code = secrets.token_urlsafe(24)
        async with borrowed(self._pool) as connection:
            await connection.execute("DELETE FROM web.sign_in_code WHERE expires_at < now() - interval '1 day'")
            await connection.execute(
                "INSERT INTO web.sign_in_code (hash, actor, role, expires_at) VALUES (%s, %s, %s, now() + %s)",
                (_hash(code), actor, role.value, CODE_LIFETIME),
            )
        return code

    async def redeem(self, code: str) -> tuple[str, Role]:
        """Actor and role of the code; `Problem` 403 that says whether it is unknown, used or expired."""
        async with borrowed(self._pool) as connection:
            taken = await connection.execute(
                "UPDATE web.sign_in_code SET used_at = now() "
                "WHERE hash = %s AND used_at IS NULL AND expires_at > now() RETURNING actor, role",
                (_hash(code),),
            )
            row = await taken.fetchone()
            if row is None:
                raise Problem(await self._why_not(connection, code))
        return row[0], Role(row[1])

    @staticmethod
    async def _why_not(connection: AsyncConnection[TupleRow], code: str) -> ProblemKind:
        found = await connection.execute("SELECT used_at FROM web.sign_in_code WHERE hash = %s", (_hash(code),))
        row = await found.fetchone()
        if row is None:
            return CODE_UNKNOWN
        return CODE_EXPIRED if row[0] is None else CODE_USED


def _hash(code: str) -> bytes:
    # 192 random bits cannot be guessed from a plain hash; no slow one is needed.
    return hashlib.sha256(code.encode(errors="replace")).digest()


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the routes need."""

    codes: Codes
    sessions: Sessions
    landing: Callable[[Role], str] = lambda _: "/"
    """The page that each role starts on."""
    https: bool = False
    """Whether the cookie may only travel by TLS."""


def sign_in_routes(sign_in: SignIn, render: Render | None = None) -> APIRouter:
    """`GET /sign-in?code=`, `POST /sign-in`, `POST /sign-out`."""
    router = APIRouter(tags=["sign-in"], include_in_schema=False)
    show = render or plain_page

    @router.get("/sign-in")
    async def page(request: Request, code: Annotated[str, Query(max_length=200)] = "") -> Response:
        """The page with the button; does not use the code up."""
        answer = show(request, code)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @router.post("/sign-in")
    async def enter(request: Request, code: Code = "") -> Response:
        """Exchange the code, or a bearer token, for a session."""
        same_site(request)
        try:
            person, until = await _person(sign_in, request, code)
        except Problem as refused:
            if "text/html" in request.headers.get("accept", ""):
                return refusal_page(refused.kind)
            raise
        if COOKIE in request.cookies:  # nobody could end the session whose cookie is replaced
            await sign_in.sessions.end(request.cookies[COOKIE])
        return _signed_in(sign_in, person.role, await sign_in.sessions.begin(person, until))

    @router.post("/sign-out")
    async def leave(request: Request) -> Response:
        """End the session, wherever its cookie may be."""
        same_site(request)
        if COOKIE in request.cookies:
            await sign_in.sessions.end(request.cookies[COOKIE])
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=sign_in.https)
        return answer

    return router


async def _person(sign_in: SignIn, request: Request, code: str) -> tuple[Person, datetime | None]:
    """Whom the code or the token names, and the token's end."""
    if "authorization" in request.headers:
        known = await caller(request)
        return Person(known.actor, known.role), known.until
    if not code:
        raise invalid(fault(["code"], "a sign-in code is needed"))
    return Person(*await sign_in.codes.redeem(code)), None


def _signed_in(sign_in: SignIn, role: Role, session: str) -> Response:
    answer = RedirectResponse(sign_in.landing(role), 303)
    answer.set_cookie(
        COOKIE,
        session,
        max_age=int(LONGEST_SESSION.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=sign_in.https,
    )
    return answer


SIGN_IN_PAGE: Final = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>登录 · Sign in</title></head><body><main><h1>登录 · Sign in</h1>{content}</main></body></html>"""

FORM: Final = """<form method="post" action="/sign-in"><input type="hidden" name="code" value="{code}">
<button>登录 · Sign in</button></form>"""

NO_CODE: Final = "<p>请使用您收到的登录链接。 · Please use the sign-in link that you were given.</p>"


IN_CHINESE: Final = {
    CODE_UNKNOWN: "没有这个登录码。",
    CODE_USED: "这个登录码已经用过，请索取新的链接。",
    CODE_EXPIRED: "这个登录码已经过期，请索取新的链接。",
}


def refusal_page(kind: ProblemKind) -> Response:
    """The page for a person whose code is worth nothing."""
    content = f"<p>{html.escape(IN_CHINESE.get(kind, ''))} · {html.escape(kind.title)}</p>"
    return HTMLResponse(SIGN_IN_PAGE.format(content=content), kind.status)


def plain_page(_: Request, code: str) -> Response:
    """The page as it is where nobody gave a nicer one."""
    content = FORM.format(code=html.escape(code, quote=True)) if code else NO_CODE
    return HTMLResponse(SIGN_IN_PAGE.format(content=content))
