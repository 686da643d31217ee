"""A door that knows the shop's people, and what somebody does there; for the tests of signing in and of accounts."""

import contextlib
import html
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final
from uuid import UUID

import httpx
from argon2 import PasswordHasher

from domain.company_time import day_in
from domain.roles import Role
from projections.register import RegisterReader
from tests.query_api.conftest import IDENTITY, PAGE, SESSIONS, Api, api_on
from tests.query_api.shop import shop
from web.accounts import Accounts
from web.badge_door import BadgeDoor
from web.badges import Badges
from web.caller_dependency import COOKIE
from web.clock import now
from web.colleagues import Colleagues, ReadRegister
from web.database import borrowed, edge_pool
from web.devices import Devices
from web.passwords import Passwords
from web.sealing import Seal
from web.second_factors import FACTOR_PURPOSE, SecondFactors
from web.second_step import STEP_PURPOSE, SecondStep
from web.sign_in_codes import SignInCodes
from web.sign_in_tries import SignInTries
from web.signin import SignIn
from web.slow_hashes import SlowHashes
from web.tokens import form_token

SHOP = shop()
MEMBERS = {member.name: member for member in SHOP.people.members.values()}
TOM, GONE, MEI = MEMBERS["Tom Baker"], MEMBERS["Pat Gone"], MEMBERS["陈梅"]
GOOD, BETTER = "lantern orbit velvet 71", "kettle granite Meadow 40"
LINK: Final = re.compile(r'value="(http://shop\.example/sign-in\?code=[^"]+)"')
SECRET: Final = IDENTITY.secret


@dataclass
class Watch:
    """The time on telephones and here."""

    at: datetime = field(default_factory=now)

    def __call__(self) -> datetime:
        return self.at


@contextlib.asynccontextmanager
async def door_on(
    url: str, watch: Callable[[], datetime] = now, read: ReadRegister | None = None
) -> AsyncIterator[Api]:
    """Pages behind a door that knows the shop's people, or those that `read` gives."""
    async with edge_pool(url, 4) as pool:
        known = read or RegisterReader(partial(borrowed, pool)).read
        colleagues = Colleagues(known, lambda: day_in(UTC, SHOP.life.now))
        quick = SlowHashes(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        tries = SignInTries(pool)
        second = SecondStep(SecondFactors(pool, Seal(SECRET, FACTOR_PURPOSE), watch), Seal(SECRET, STEP_PURPOSE), tries)
        accounts = Accounts(colleagues, Passwords(pool, quick), tries, SESSIONS, "Northwind Gifts", second)
        badges = BadgeDoor(Badges(pool, quick, SECRET), Devices(pool), colleagues, tries, SESSIONS)
        door = SignIn(SignInCodes(pool), SESSIONS, lambda role: f"/boards/{role}", accounts=accounts, badges=badges)
        identity = replace(IDENTITY, colleagues=colleagues)
        async with api_on(url, sign_in=door, identity=identity, links="http://shop.example") as opened:
            yield opened


async def send(api: Api, path: str, **fields: str) -> httpx.Response:
    """A form of the page, as whoever is signed in."""
    proof = form_token(IDENTITY.secret, str(api.client.cookies.get(COOKIE, "")))
    return await api.client.post(path, data={"csrf": proof, **fields}, headers=PAGE)


async def link_for(api: Api, person: UUID = TOM.id) -> str:
    """What an administrator is shown, once."""
    await api.sign_in(Role.ADMIN)
    page = await send(api, f"/people/{person}/sign-in-link")
    assert page.status_code == 200, page.text
    assert page.headers["cache-control"] == "no-store"
    found = LINK.search(page.text)
    assert found
    assert "sign-in?code" not in (await api.client.get(f"/people/{person}", headers=PAGE)).text
    api.client.cookies.clear()
    return html.unescape(found[1])


async def choose(api: Api, link: str, password: str = GOOD, again: str = "") -> httpx.Response:
    code = httpx.URL(link).params["code"]
    fields = {"code": code, "password": password, "again": again or password}
    return await api.client.post("/sign-in", data=fields, headers=PAGE)


async def enter(api: Api, who: str, password: str) -> httpx.Response:
    return await api.client.post("/sign-in", data={"who": who, "password": password}, headers=PAGE)
