"""The two addresses by which people go to the company's identity provider and come back.

Decides: that an answer counts only in the browser that asked for it. Must not know: how a provider is spoken with, who
may sign in, how the page looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.own_addresses import is_own_address
from web.problems import Problem
from web.provider import ProviderAnswer
from web.provider_door import ProviderDoor
from web.provider_starts import START_LIFETIME
from web.random_words import LONGEST_WORD, random_word
from web.signin import LONGEST_NEXT, SIGN_IN_PATH, ShowSignIn, SignIn, SignInDesk, SignInPage

PROVIDER_PATH: Final = f"{SIGN_IN_PATH}/provider"
CALLBACK_PATH: Final = f"{SIGN_IN_PATH}/callback"
BROWSER_COOKIE: Final = "ordertrail-browser"
"""By which an answer of the provider is known to come to the browser that went there."""


def provider_routes(door: ProviderDoor, sign_in: SignIn, show: ShowSignIn) -> APIRouter:
    """To the identity provider, and back."""
    desk = ProviderDesk(door, SignInDesk(sign_in, show))
    router = APIRouter(tags=["sign-in"], include_in_schema=False)
    router.add_api_route(PROVIDER_PATH, desk.begin, methods=["GET"])
    router.add_api_route(CALLBACK_PATH, desk.finish, methods=["GET"])
    return router


class BroughtBack(BaseModel):
    """What the identity provider puts into the address that it leads back to (RFC 6749, 4.1.2; RFC 9207)."""

    model_config = ConfigDict(extra="ignore")

    state: str = Field("", max_length=LONGEST_WORD)
    code: str = Field("", max_length=4_000)
    error: str = Field("", max_length=200)
    iss: str = Field("", max_length=2_000)

    def told(self) -> ProviderAnswer:
        """What concerns the provider."""
        return ProviderAnswer(self.code, self.error, self.iss)


@dataclass(frozen=True, slots=True)
class ProviderDesk:
    """Sends people to the identity provider and takes them back."""

    door: ProviderDoor
    desk: SignInDesk

    async def begin(
        self,
        request: Request,
        next: Annotated[str, Query(max_length=LONGEST_NEXT)] = "",  # noqa: A002 - as the address calls it
    ) -> Response:
        """To the provider. What begins is bound to this browser."""
        wanted = next if is_own_address(next) else ""
        browser = request.cookies.get(BROWSER_COOKIE) or random_word()
        try:
            answer: Response = RedirectResponse(await self.door.begin(browser, wanted), 303)
        except Problem as refused:
            return await self.desk.shown(request, SignInPage(next=wanted, refusal=refused))
        answer.headers["Cache-Control"] = "no-store"
        # Lax: the provider leads back here from its own pages.
        answer.set_cookie(
            BROWSER_COOKIE,
            browser,
            max_age=int(START_LIFETIME.total_seconds()),
            path=SIGN_IN_PATH,
            httponly=True,
            samesite="lax",
            secure=self.desk.sign_in.https,
        )
        return answer

    async def finish(self, request: Request, answer: Annotated[BroughtBack, Query()]) -> Response:
        """Back from the provider, and into a session."""
        next_page = ""
        try:
            start = await self.door.starts.take(request.cookies.get(BROWSER_COOKIE, ""), answer.state)
            next_page = start.next
            person = await self.door.finish(start, answer.told())
            session = await self.desk.sign_in.sessions.begin(person)
        except Problem as refused:
            return await self.desk.shown(request, SignInPage(next=next_page, refusal=refused))
        return await self.desk.let_in(request, person, session, next_page)
