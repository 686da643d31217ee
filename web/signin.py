"""Signing in, with a one-time code or with a password, and out again.

Decides: what a code is used for, and the cookie that it is exchanged for. Opening the link only shows a button:
programs that preview links must not use the code up. Must not know: what a role may do, how the page looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Form, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.roles import Role
from web.accounts import ACCOUNT_PROBLEMS, Accounts, working
from web.badge_door import BADGE_DOOR_PROBLEMS, BadgeDoor
from web.badges import LONGEST_BADGE
from web.caller_dependency import COOKIE, address_of_sender, by_token, caller, same_site
from web.colleagues import Colleague
from web.devices import DEVICE_COOKIE, DEVICE_COOKIE_S
from web.own_addresses import is_own_address
from web.passwords import PASSWORD_PROBLEMS
from web.problems import Problem, fault, invalid
from web.provider_door import PROVIDER_DOOR_PROBLEMS, ProviderDoor
from web.second_factors import LONGEST_SECOND_CODE
from web.second_step import CODE_ASKED, SECOND_STEP_PROBLEMS, STEP_OVER
from web.sessions import LONGEST_SESSION, Person, Sessions
from web.sign_in_codes import CODE_PROBLEMS, CODE_UNKNOWN, Codes
from web.sign_in_tries import TOO_OFTEN

SIGN_IN_PATH: Final = "/sign-in"
LONGEST_NEXT: Final = 2_000
SIGN_IN_PROBLEMS: Final = (
    *CODE_PROBLEMS,
    TOO_OFTEN,
    *ACCOUNT_PROBLEMS,
    *PASSWORD_PROBLEMS,
    *SECOND_STEP_PROBLEMS,
    *BADGE_DOOR_PROBLEMS,
    *PROVIDER_DOOR_PROBLEMS,
)


class SignInForm(BaseModel):
    """What the page sends: a code, a code and the password that is chosen with it, who comes and a password, what the
    password has led to and the code of a telephone, or a badge and its PIN.
    """

    model_config = ConfigDict(extra="ignore")

    code: str = Field("", max_length=200)
    who: str = Field("", max_length=200)
    next: str = Field("", max_length=LONGEST_NEXT)
    password: str = Field("", max_length=1_000)
    again: str = Field("", max_length=1_000)
    step: str = Field("", max_length=1_000)
    otp: str = Field("", max_length=LONGEST_SECOND_CODE)
    badge: str = Field("", max_length=LONGEST_BADGE)
    pin: str = Field("", max_length=LONGEST_BADGE)


@dataclass(frozen=True, slots=True)
class SignInPage:
    """What the page shows."""

    code: str = ""
    """Where somebody came with one that is worth something."""
    chooser: str = ""
    """Who chooses a password with the code; empty where it needs none."""
    who: str = ""
    step: str = ""
    """Where the password was right, and the code of a telephone is asked for."""
    device: str = ""
    """What this browser is called, where badges are scanned at it."""
    next: str = ""
    """Where to go on; empty for the page that the role starts on."""
    refusal: Problem | None = None
    provider: str = ""
    """What the identity provider is called; empty where there is none."""
    left: bool = False
    """Whether somebody has just signed out, whom the provider may still know."""


ShowSignIn: TypeAlias = Callable[[Request, SignInPage], Response]


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
    badges: BadgeDoor | None = None
    """Badges and PINs at registered devices; None where no register is kept."""
    provider: ProviderDoor | None = None
    """The identity provider; None where there is none."""

    async def look(self, code: str) -> SignInPage:
        """The page for whoever comes with this code; `Problem` 403 where it is worth nothing."""
        if not code:
            return SignInPage()
        actor, role = await self.codes.look(code)
        if role is not None:
            return SignInPage(code)
        _, chooser = await self._choosing(actor)
        return SignInPage(code, chooser.name)

    async def enter(self, form: SignInForm, address: str, device: str = "") -> tuple[Person, str]:
        """Who signs in, and the session's name; `Problem` where it is nobody. `device` is its cookie."""
        if form.code:
            return await self._by_code(form)
        if self.badges is not None and form.badge:
            return await self.badges.enter(device, form.badge, form.pin, address)
        if self.accounts is None or not (form.who or form.step):
            raise invalid(fault(["code"], "a sign-in code is needed"))
        if form.step:
            return await self.accounts.enter_with_code(form.step, form.otp, address)
        return await self.accounts.enter(form.who, form.password, address)

    async def _by_code(self, form: SignInForm) -> tuple[Person, str]:
        actor, role = await self.codes.look(form.code)
        if role is not None:
            await self.codes.redeem(form.code)
            person = Person(actor, role, one_role=True)
            return person, await self.sessions.begin(person)
        accounts, chooser = await self._choosing(actor)
        working(chooser)
        await accounts.require_good(chooser, form.password, form.again)
        await self.codes.redeem(form.code)
        return await accounts.begin(chooser, await accounts.choose(chooser, form.password))

    async def device(self, cookie: str) -> str:
        """What the device with this cookie is called; empty for any other browser."""
        found = await self.badges.device(cookie) if self.badges else None
        return "" if found is None else found.name

    async def account(self, actor: str) -> tuple[Accounts, Colleague] | None:
        """Somebody of the register, with what they sign in with; None for anybody else."""
        found = await self.accounts.colleagues.known(actor) if self.accounts else None
        return None if self.accounts is None or found is None else (self.accounts, found)

    async def _choosing(self, actor: str) -> tuple[Accounts, Colleague]:
        account = await self.account(actor)
        if account is None:
            raise Problem(CODE_UNKNOWN)
        return account


def sign_in_routes(sign_in: SignIn, show: ShowSignIn) -> APIRouter:
    """`GET /sign-in?code=`, `POST /sign-in`, `POST /sign-out`."""
    desk = SignInDesk(sign_in, show)
    router = APIRouter(tags=["sign-in"], include_in_schema=False)
    router.add_api_route(SIGN_IN_PATH, desk.page, methods=["GET"])
    router.add_api_route(SIGN_IN_PATH, desk.enter, methods=["POST"])
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
        left: Annotated[bool, Query()] = False,  # noqa: FBT002 - as above
    ) -> Response:
        """The page with button or fields; does not use a code up."""
        try:
            page = await self.sign_in.look(code)
        except Problem as refused:
            page = SignInPage(refusal=refused)
        return await self.shown(request, replace(page, next=next, left=left))

    async def enter(self, request: Request, form: Annotated[SignInForm, Form()]) -> Response:
        """Exchange the code, the password or a bearer token for a session."""
        same_site(request)
        try:
            person, session = await _entered(self.sign_in, request, form)
        except Problem as refused:
            if "text/html" not in request.headers.get("accept", ""):
                raise
            return await self.shown(request, await _asked_again(self.sign_in, form, refused))
        return await self.let_in(request, person, session, form.next)

    async def let_in(self, request: Request, person: Person, session: str, next_page: str) -> Response:
        """To the page that was wanted, or on which the role starts, in this session."""
        if COOKIE in request.cookies:  # nobody could end the session whose cookie is replaced
            await self.sign_in.sessions.end(request.cookies[COOKIE])
        landing = next_page if is_own_address(next_page) else self.sign_in.landing(person.role)
        answer = _signed_in(self.sign_in, landing, session)
        if person.device is not None:
            keep_device(answer, request.cookies[DEVICE_COOKIE], https=self.sign_in.https)
        return answer

    async def leave(self, request: Request) -> Response:
        """End the session, wherever its cookie may be."""
        same_site(request)
        if COOKIE in request.cookies:
            await self.sign_in.sessions.end(request.cookies[COOKIE])
        # Nobody is led there to be signed out: few providers can, and others at work in this browser would be, too.
        answer = RedirectResponse(SIGN_IN_PATH if self.sign_in.provider is None else f"{SIGN_IN_PATH}?left=yes", 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=self.sign_in.https)
        return answer

    async def shown(self, request: Request, page: SignInPage) -> Response:
        """The page, kept nowhere."""
        device = await self.sign_in.device(request.cookies.get(DEVICE_COOKIE, ""))
        provider = "" if self.sign_in.provider is None else self.sign_in.provider.name
        answer = self.show(request, replace(page, device=device, provider=provider))
        answer.headers["Cache-Control"] = "no-store"
        if page.refusal is not None:
            answer.status_code = page.refusal.kind.status
            answer.headers.update(page.refusal.headers or {})
        return answer


async def _entered(sign_in: SignIn, request: Request, form: SignInForm) -> tuple[Person, str]:
    """Whom the form or the token names, and the session's name; it ends with the token."""
    if by_token(request):
        known = await caller(request)
        person = Person(known.actor, known.role, registered=bool(known.name), one_role=True)
        return person, await sign_in.sessions.begin(person, known.until)
    return await sign_in.enter(form, address_of_sender(request), request.cookies.get(DEVICE_COOKIE, ""))


async def _asked_again(sign_in: SignIn, form: SignInForm, refused: Problem) -> SignInPage:
    """The page with what was wrong, and what is still worth something: a code, or the step after the password."""
    if refused.kind is CODE_ASKED:
        return SignInPage(step=str(refused.members["step"]), next=form.next)
    if form.step and refused.kind is not STEP_OVER:
        return SignInPage(step=form.step, next=form.next, refusal=refused)
    try:
        page = await sign_in.look(form.code)
    except Problem:
        page = SignInPage()
    return replace(page, who=form.who, next=form.next, refusal=refused)


def keep_device(answer: Response, cookie: str, *, https: bool) -> None:
    """Let the browser go on as the registered device that it is."""
    answer.set_cookie(DEVICE_COOKIE, cookie, DEVICE_COOKIE_S, httponly=True, samesite="lax", secure=https)


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
