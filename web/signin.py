"""Signing in, with a one-time code or with a password, and out again.

Decides: what a code is worth (one sign-in as a role for ten minutes, or one choice of a password for a day) and the
cookie that it is exchanged for. Opening the link only shows a button: programs that preview links must not use the code
up. Must not know: what a role may do, how the page looks.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Final, LiteralString, Protocol, TypeAlias

from fastapi import APIRouter, Form, Query
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.roles import Role
from web.accounts import ACCOUNT_PROBLEMS, Accounts, working
from web.caller_dependency import COOKIE, caller, same_site
from web.colleagues import Colleague
from web.database import Pool, borrowed
from web.own_addresses import is_own_address
from web.passwords import PASSWORD_PROBLEMS
from web.problems import Problem, ProblemKind, fault, invalid
from web.sessions import LONGEST_SESSION, Person, Sessions
from web.sign_in_tries import TOO_OFTEN

CODE_LIFETIME: Final = timedelta(minutes=10)
LONGEST_NEXT: Final = 2_000
INVITATION_LIFETIME: Final = timedelta(days=1)
"""Of a code with which somebody chooses a password: whoever is invited may read it tomorrow."""

CODE_UNKNOWN: Final = ProblemKind("sign-in-code-unknown", 403, "There is no such sign-in code.")
CODE_USED: Final = ProblemKind("sign-in-code-used", 403, "This sign-in code has been used. Ask for a new link.")
CODE_EXPIRED: Final = ProblemKind("sign-in-code-expired", 403, "This sign-in code has expired. Ask for a new link.")
SIGN_IN_PROBLEMS: Final = (CODE_UNKNOWN, CODE_USED, CODE_EXPIRED, TOO_OFTEN, *ACCOUNT_PROBLEMS, *PASSWORD_PROBLEMS)


class SignInForm(BaseModel):
    """What the page sends: a code, a code and the password that is chosen with it, or who comes and a password."""

    model_config = ConfigDict(extra="ignore")

    code: str = Field("", max_length=200)
    who: str = Field("", max_length=200)
    next: str = Field("", max_length=LONGEST_NEXT)
    password: str = Field("", max_length=1_000)
    again: str = Field("", max_length=1_000)


@dataclass(frozen=True, slots=True)
class SignInPage:
    """What the page shows."""

    code: str = ""
    """Where somebody came with one that is worth something."""
    chooser: str = ""
    """Who chooses a password with the code; empty where it needs none."""
    who: str = ""
    next: str = ""
    """Where to go on; empty for the page that the role starts on."""
    refusal: Problem | None = None


ShowSignIn: TypeAlias = Callable[[Request, SignInPage], Response]


class Codes(Protocol):
    """Where codes are kept. One without a role is for the person who is its actor to choose a password."""

    async def new_code(self, actor: str, role: Role | None) -> str:
        """A fresh one."""
        ...

    async def look(self, code: str) -> tuple[str, Role | None]:
        """Actor and role of a code, which is not used up; `Problem` if it is worth nothing."""
        ...

    async def redeem(self, code: str) -> tuple[str, Role | None]:
        """Actor and role of a code, which is used up by this; `Problem` if it is worth nothing."""
        ...


class SignInCodes:
    """One-time codes in PostgreSQL (`web.sign_in_code`). Only their hash is stored."""

    NEW: Final[LiteralString] = (
        "INSERT INTO web.sign_in_code (hash, actor, role, expires_at) VALUES (%s, %s, %s, now() + %s)"
    )
    SWEEP: Final[LiteralString] = "DELETE FROM web.sign_in_code WHERE expires_at < now() - interval '1 day'"
    REVOKE: Final[LiteralString] = (
        "UPDATE web.sign_in_code SET used_at = now() WHERE actor = %s AND role IS NULL AND used_at IS NULL"
    )
    LOOK: Final[LiteralString] = (
        "SELECT actor, role FROM web.sign_in_code WHERE hash = %s AND used_at IS NULL AND expires_at > now()"
    )
    REDEEM: Final[LiteralString] = (
        "UPDATE web.sign_in_code SET used_at = now() "
        "WHERE hash = %s AND used_at IS NULL AND expires_at > now() RETURNING actor, role"
    )
    WHY_NOT: Final[LiteralString] = "SELECT used_at FROM web.sign_in_code WHERE hash = %s"

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def new_code(self, actor: str, role: Role | None) -> str:
        """A fresh code with which `actor` can sign in once as `role`, or choose a password."""
        code = secrets.token_urlsafe(24)
        lifetime = INVITATION_LIFETIME if role is None else CODE_LIFETIME
        if role is None:  # whoever has an earlier link of this person need not get in with it
            await self.revoke(actor)
        async with borrowed(self._pool) as connection:
            await connection.execute(self.SWEEP)
            await connection.execute(self.NEW, (_hash(code), actor, None if role is None else role.value, lifetime))
        return code

    async def revoke(self, actor: str) -> None:
        """Nobody chooses a password with a code that this person was given."""
        async with borrowed(self._pool) as connection:
            await connection.execute(self.REVOKE, (actor,))

    async def look(self, code: str) -> tuple[str, Role | None]:
        """Actor and role; `Problem` 403 that says whether the code is unknown, used or expired."""
        return await self._taken(self.LOOK, code)

    async def redeem(self, code: str) -> tuple[str, Role | None]:
        """The same, and the code is used up."""
        return await self._taken(self.REDEEM, code)

    async def _taken(self, statement: LiteralString, code: str) -> tuple[str, Role | None]:
        async with borrowed(self._pool) as connection:
            row = await (await connection.execute(statement, (_hash(code),))).fetchone()
            if row is None:
                raise Problem(await self._why_not(connection, code))
        return row[0], None if row[1] is None else Role(row[1])

    async def _why_not(self, connection: AsyncConnection[TupleRow], code: str) -> ProblemKind:
        row = await (await connection.execute(self.WHY_NOT, (_hash(code),))).fetchone()
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
    accounts: Accounts | None = None
    """People of the register; None where no register is kept."""

    async def look(self, code: str) -> SignInPage:
        """The page for whoever comes with this code; `Problem` 403 where it is worth nothing."""
        if not code:
            return SignInPage()
        actor, role = await self.codes.look(code)
        return SignInPage(code, (await self._chooser(actor)).name if role is None else "")

    async def enter(self, form: SignInForm, address: str) -> tuple[Person, str]:
        """Who signs in, and the session's name; `Problem` where it is nobody."""
        if form.code:
            person = await self._by_code(form)
            return person, await self.sessions.begin(person)
        if self.accounts is None or not form.who:
            raise invalid(fault(["code"], "a sign-in code is needed"))
        return await self.accounts.enter(form.who, form.password, address)

    async def _by_code(self, form: SignInForm) -> Person:
        actor, role = await self.codes.look(form.code)
        if role is not None:
            await self.codes.redeem(form.code)
            return Person(actor, role)
        chooser = await self._chooser(actor)
        person = working(chooser)
        if self.accounts is not None:
            await self.accounts.require_good(chooser, form.password, form.again)
            await self.codes.redeem(form.code)
            await self.accounts.choose(chooser, form.password)
        return person

    async def _chooser(self, actor: str) -> Colleague:
        found = await self.accounts.colleagues.known(actor) if self.accounts else None
        if found is None:
            raise Problem(CODE_UNKNOWN)
        return found


def sign_in_routes(sign_in: SignIn, show: ShowSignIn) -> APIRouter:
    """`GET /sign-in?code=`, `POST /sign-in`, `POST /sign-out`."""
    desk = SignInDesk(sign_in, show)
    router = APIRouter(tags=["sign-in"], include_in_schema=False)
    router.add_api_route("/sign-in", desk.page, methods=["GET"])
    router.add_api_route("/sign-in", desk.enter, methods=["POST"])
    router.add_api_route("/sign-out", desk.leave, methods=["POST"])
    return router


@dataclass(frozen=True, slots=True)
class SignInDesk:
    """Answers the three of them."""

    sign_in: SignIn
    show: ShowSignIn

    async def page(
        self,
        request: Request,
        code: Annotated[str, Query(max_length=200)] = "",
        next: Annotated[str, Query(max_length=LONGEST_NEXT)] = "",  # noqa: A002 - as the address calls it
    ) -> Response:
        """The page with button or fields; does not use a code up."""
        try:
            page = await self.sign_in.look(code)
        except Problem as refused:
            page = SignInPage(refusal=refused)
        return self._shown(request, replace(page, next=next))

    async def enter(self, request: Request, form: Annotated[SignInForm, Form()]) -> Response:
        """Exchange the code, the password or a bearer token for a session."""
        same_site(request)
        try:
            person, session = await _entered(self.sign_in, request, form)
        except Problem as refused:
            if "text/html" not in request.headers.get("accept", ""):
                raise
            return self._shown(request, await _asked_again(self.sign_in, form, refused))
        if COOKIE in request.cookies:  # nobody could end the session whose cookie is replaced
            await self.sign_in.sessions.end(request.cookies[COOKIE])
        landing = form.next if is_own_address(form.next) else self.sign_in.landing(person.role)
        return _signed_in(self.sign_in, landing, session)

    async def leave(self, request: Request) -> Response:
        """End the session, wherever its cookie may be."""
        same_site(request)
        if COOKIE in request.cookies:
            await self.sign_in.sessions.end(request.cookies[COOKIE])
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=self.sign_in.https)
        return answer

    def _shown(self, request: Request, page: SignInPage) -> Response:
        answer = self.show(request, page)
        answer.headers["Cache-Control"] = "no-store"
        if page.refusal is not None:
            answer.status_code = page.refusal.kind.status
            answer.headers.update(page.refusal.headers or {})
        return answer


async def _entered(sign_in: SignIn, request: Request, form: SignInForm) -> tuple[Person, str]:
    """Whom the form or the token names, and the session's name; it ends with the token."""
    if "authorization" in request.headers:
        known = await caller(request)
        person = Person(known.actor, known.role, registered=bool(known.name))
        return person, await sign_in.sessions.begin(person, known.until)
    return await sign_in.enter(form, request.client.host if request.client else "")


async def _asked_again(sign_in: SignIn, form: SignInForm, refused: Problem) -> SignInPage:
    """The page with what was wrong; the code, where it is still worth something."""
    try:
        page = await sign_in.look(form.code)
    except Problem:
        page = SignInPage()
    return replace(page, who=form.who, next=form.next, refusal=refused)


def _signed_in(sign_in: SignIn, landing: str, session: str) -> Response:
    answer = RedirectResponse(landing, 303)
    # Lax: whoever follows a link in a mail comes signed in. Everything that changes something needs a form's token.
    answer.set_cookie(
        COOKIE,
        session,
        max_age=int(LONGEST_SESSION.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=sign_in.https,
    )
    return answer
