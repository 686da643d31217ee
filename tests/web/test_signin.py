"""A one-time code signs in once, for ten minutes, and only when somebody presses the button."""

import html
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from domain.roles import Role
from tests.web.conftest import Clock, MakeToken
from web.caller_dependency import COOKIE
from web.problems import Problem
from web.sessions import MemorySessions
from web.sign_in_codes import CODE_UNKNOWN, CODE_USED, SignInCodes
from web.signin import SignIn, SignInPage, sign_in_routes
from web.tokens import LEEWAY


class CodesInMemory:
    def __init__(self) -> None:
        self.fresh: dict[str, tuple[str, Role | None]] = {}
        self.used: set[str] = set()

    async def new_code(self, actor: str, role: Role | None) -> str:
        code = secrets.token_urlsafe()
        self.fresh[code] = (actor, role)
        return code

    async def look(self, code: str) -> tuple[str, Role | None]:
        if code in self.used:
            raise Problem(CODE_USED)
        if code not in self.fresh:
            raise Problem(CODE_UNKNOWN)
        return self.fresh[code]

    async def redeem(self, code: str) -> tuple[str, Role | None]:
        found = await self.look(code)
        self.used.add(code)
        return found


@pytest.fixture
def codes() -> CodesInMemory:
    return CodesInMemory()


@pytest.fixture
async def browser(app: FastAPI, codes: CodesInMemory, sessions: MemorySessions) -> AsyncIterator[httpx.AsyncClient]:
    def show(_: Request, page: SignInPage) -> Response:
        refused = page.refusal.kind.code if page.refusal else ""
        return HTMLResponse(f"code={html.escape(page.code, quote=True)} refused={refused}")

    app.include_router(sign_in_routes(SignIn(codes, sessions, landing=lambda role: f"/boards/{role}"), show))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_opening_the_link_does_not_use_the_code_up(browser: httpx.AsyncClient, codes: CodesInMemory) -> None:
    code = await codes.new_code("ada", Role.SALES)
    for _ in range(3):
        page = await browser.get("/sign-in", params={"code": code})
        assert page.status_code == 200
        assert f"code={code} refused=" in page.text
        assert page.headers["cache-control"] == "no-store"
    assert not codes.used


async def test_pressing_the_button_signs_in_and_leads_to_the_roles_page(
    browser: httpx.AsyncClient, codes: CodesInMemory
) -> None:
    code = await codes.new_code("ada", Role.SALES)
    answer = await browser.post("/sign-in", data={"code": code})
    assert (answer.status_code, answer.headers["location"]) == (303, "/boards/sales")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert (await browser.get("/me")).json()["actor"] == "ada"


async def test_a_used_code_is_refused_by_name(browser: httpx.AsyncClient, codes: CodesInMemory) -> None:
    code = await codes.new_code("ada", Role.SALES)
    await browser.post("/sign-in", data={"code": code})
    again = await browser.post("/sign-in", data={"code": code})
    assert (again.status_code, again.json()["code"]) == (403, "sign-in-code-used")
    page = await browser.post("/sign-in", data={"code": code}, headers={"Accept": "text/html"})
    assert (page.status_code, "refused=sign-in-code-used" in page.text) == (403, True)


async def test_a_link_that_is_worth_nothing_says_so_before_anybody_presses(
    browser: httpx.AsyncClient, codes: CodesInMemory
) -> None:
    code = await codes.new_code("ada", Role.SALES)
    await browser.post("/sign-in", data={"code": code})
    for link, said in ((code, "sign-in-code-used"), ("x", "sign-in-code-unknown")):
        page = await browser.get("/sign-in", params={"code": link})
        assert (page.status_code, page.text) == (403, f"code= refused={said}")


async def test_without_a_code_the_page_says_what_is_needed(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/sign-in")).text == "code= refused="
    missing = await browser.post("/sign-in", data={})
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (422, "code")


async def test_another_sites_page_cannot_sign_anybody_in(browser: httpx.AsyncClient, codes: CodesInMemory) -> None:
    code = await codes.new_code("eve", Role.SALES)
    answer = await browser.post("/sign-in", data={"code": code}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert not codes.used


async def test_signing_out_ends_the_session_wherever_its_cookie_is(
    browser: httpx.AsyncClient, codes: CodesInMemory
) -> None:
    await browser.post("/sign-in", data={"code": await codes.new_code("ada", Role.SALES)})
    kept = browser.cookies[COOKIE]
    assert (await browser.post("/sign-out")).status_code == 303
    assert (await browser.get("/me")).status_code == 401
    browser.cookies.set(COOKIE, kept)
    assert (await browser.get("/me")).status_code == 401


async def test_signing_in_again_ends_the_session_whose_cookie_it_replaces(
    browser: httpx.AsyncClient, codes: CodesInMemory
) -> None:
    await browser.post("/sign-in", data={"code": await codes.new_code("ada", Role.SALES)})
    replaced = browser.cookies[COOKIE]
    await browser.post("/sign-in", data={"code": await codes.new_code("ada", Role.SALES)})
    assert (await browser.get("/me")).status_code == 200
    browser.cookies.clear()
    browser.cookies.set(COOKIE, replaced)
    assert (await browser.get("/me")).status_code == 401


async def test_what_the_cookie_holds_is_no_token(browser: httpx.AsyncClient, codes: CodesInMemory) -> None:
    await browser.post("/sign-in", data={"code": await codes.new_code("ada", Role.SALES)})
    session = browser.cookies[COOKIE]
    browser.cookies.clear()
    assert (await browser.get("/me", headers={"Authorization": f"Bearer {session}"})).status_code == 401


async def test_a_token_in_the_cookie_is_no_session(browser: httpx.AsyncClient, token: MakeToken) -> None:
    browser.cookies.set(COOKIE, token())
    assert (await browser.get("/me")).status_code == 401


async def test_a_bearer_token_signs_in_where_another_service_knows_people(
    browser: httpx.AsyncClient, token: MakeToken
) -> None:
    answer = await browser.post("/sign-in", headers={"Authorization": f"Bearer {token('grace')}"})
    assert answer.status_code == 303
    assert (await browser.get("/me")).json()["actor"] == "grace"


async def test_a_token_and_a_link_for_a_role_open_the_door_to_that_role_alone(
    browser: httpx.AsyncClient, codes: CodesInMemory, sessions: MemorySessions, token: MakeToken
) -> None:
    code = await codes.new_code("grace", Role.SALES)
    for headers, data in (({"Authorization": f"Bearer {token('grace')}"}, {}), ({}, {"code": code})):
        await browser.post("/sign-in", headers=headers, data=data)
        person = await sessions.find(browser.cookies[COOKIE], attended=True)
        assert person is not None
        assert person.one_role


async def test_whoever_signs_in_with_a_token_is_out_again_when_the_token_ends(
    browser: httpx.AsyncClient, token: MakeToken, clock: Clock
) -> None:
    await browser.post("/sign-in", headers={"Authorization": f"Bearer {token(seconds=600)}"})
    clock.at += timedelta(minutes=9)
    assert (await browser.get("/me")).status_code == 200
    clock.at += timedelta(minutes=2) + LEEWAY
    assert (await browser.get("/me")).status_code == 401


async def test_a_token_that_ends_after_all_dates_signs_in(
    browser: httpx.AsyncClient, key: Ed25519PrivateKey, token: MakeToken
) -> None:
    claims = {**jwt.decode(token(), options={"verify_signature": False}), "exp": 10**18}
    endless = jwt.encode(claims, key, algorithm="EdDSA")
    answer = await browser.post("/sign-in", headers={"Authorization": f"Bearer {endless}"})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "sent",
    [{"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://["}],
    ids=["neighbour", "origin", "no origin", "no address"],
)
async def test_a_form_from_elsewhere_signs_nobody_in_in_any_browser(
    browser: httpx.AsyncClient, codes: CodesInMemory, sent: dict[str, str]
) -> None:
    code = await codes.new_code("eve", Role.SALES)
    assert (await browser.post("/sign-in", data={"code": code}, headers=sent)).status_code == 403
    assert not codes.used
    assert (await browser.post("/sign-in", data={"code": code}, headers={"Origin": "http://test"})).status_code == 303


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[AsyncConnectionPool]:
    async with AsyncConnectionPool(database_url, min_size=1, max_size=4, open=False) as pool:
        yield pool


async def test_a_code_in_the_database_is_good_once(pool: AsyncConnectionPool) -> None:
    codes = SignInCodes(pool)
    code = await codes.new_code("ada", Role.FINANCE)
    assert await codes.redeem(code) == ("ada", Role.FINANCE)
    with pytest.raises(Problem, match="has been used"):
        await codes.redeem(code)


async def test_a_code_in_the_database_expires(pool: AsyncConnectionPool) -> None:
    codes = SignInCodes(pool)
    code = await codes.new_code("ada", Role.FINANCE)
    async with pool.connection() as connection:
        await connection.execute("UPDATE web.sign_in_code SET expires_at = now() - interval '1 second'")
    with pytest.raises(Problem, match="has expired"):
        await codes.redeem(code)


@pytest.mark.parametrize("code", ["", "x", "\x00", "' OR 1=1 --", "💥" * 50, "\udc80"])
async def test_a_code_that_nobody_gave_is_unknown(pool: AsyncConnectionPool, code: str) -> None:
    with pytest.raises(Problem, match="no such sign-in code"):
        await SignInCodes(pool).redeem(code)


async def test_the_database_holds_no_code_that_could_be_used(pool: AsyncConnectionPool) -> None:
    code = await SignInCodes(pool).new_code("ada", Role.FINANCE)
    async with pool.connection() as connection:
        rows = await (await connection.execute("SELECT c::text FROM web.sign_in_code AS c")).fetchall()
    assert len(rows) == 1
    assert code not in rows[0][0]
    assert code.encode().hex() not in rows[0][0]
