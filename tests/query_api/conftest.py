"""The query API on a database that a projector has filled from the shop's history, and callers of several roles."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool

from domain.roles import Role
from projections.freshness import PositionWaiter
from query_api.app import build, read_by
from query_api.company import CompanyCard
from query_api.dependencies import Readers
from tests.conftest import FreshDatabase, Run
from tests.life import Life
from tests.projections.company import Shelf, eventually, project, projecting
from tests.query_api.shop import shop
from web.caller_dependency import COOKIE, Identity
from web.kept_forms import MemoryForms
from web.sessions import MemorySessions, Person
from web.tokens import Caller, Rules, Tokens, form_secret, issue_token, key_set

COMPANY = "test"
ISSUER = "https://issuer.example"
PARTITIONS = 2
KEY = Ed25519PrivateKey.generate()
SESSIONS = MemorySessions()
FORMS = MemoryForms()
IDENTITY = Identity(
    Tokens(Rules(key_set(KEY), ISSUER, COMPANY, training=True)),
    form_secret(KEY),
    COMPANY,
    training=True,
    sessions=SESSIONS,
)

APPS: list[FastAPI] = []
"""Built and used by no test at present. An application keeps nothing between requests but its readers, and to build one
with all its routes takes longer than most tests that use it."""
BUILT_FROM = {"checks", "https", "identity", "problems", "sign_in"}
"""Members of the readers from which the application is built; all others are read when a request comes."""

PAGE = {"Accept": "text/html"}
CHINESE = {**PAGE, "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.3"}


def token(role: Role, actor: str = "ada") -> str:
    return issue_token(KEY, Caller(actor, role, COMPANY, training=True), issuer=ISSUER, lifetime=timedelta(hours=1))


@dataclass
class Api:
    """The API as a program or a browser meets it."""

    client: httpx.AsyncClient
    app: FastAPI

    async def get(
        self, path: str, role: Role | None = Role.SALES, *, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        sent = {**(headers or {}), **({"Authorization": f"Bearer {token(role)}"} if role else {})}
        return await self.client.get(path, headers=sent)

    async def head(self, path: str, *, headers: dict[str, str] | None = None) -> httpx.Response:
        """As sales."""
        return await self.client.head(path, headers={**(headers or {}), "Authorization": f"Bearer {token(Role.SALES)}"})

    async def page(self, path: str, role: Role | None = Role.SALES, *, chinese: bool = False) -> httpx.Response:
        return await self.get(path, role, headers=CHINESE if chinese else PAGE)

    async def sign_in(self, role: Role) -> None:
        self.client.cookies.set(COOKIE, await SESSIONS.begin(Person("ada", role)))


@contextlib.asynccontextmanager
async def api_on(url: str, **changed: Any) -> AsyncIterator[Api]:
    """The API on the database at `url`."""

    async def look(_caller: Caller, _lines: bytes) -> httpx.Response:
        return httpx.Response(503, json={"code": "stub", "title": "nobody answers", "status": 503})

    waiter = PositionWaiter(url)
    await waiter.open()
    async with AsyncConnectionPool(url, min_size=1, max_size=8, open=False) as pool:
        readers = Readers(
            pool=pool,
            waiter=waiter,
            identity=IDENTITY,
            company=CompanyCard("Northwind Gifts"),
            training=True,
            durability="A confirmed order survives the loss of this process.",
            forms=FORMS,
            look=look,
            partitions=PARTITIONS,
            versions={"ordertrail": "0.1.0"},
            clock=lambda: shop().life.now,
        )
        readers = replace(readers, **changed)
        app = APPS.pop() if APPS and not changed.keys() & BUILT_FROM else build(readers)
        read_by(app, readers)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
            yield Api(client, app)
        if not changed.keys() & BUILT_FROM:
            APPS.append(app)
    await waiter.close()


Filled = Callable[[Life], contextlib.AbstractContextManager[str]]


@pytest.fixture(scope="session")
def filled(fresh_database: FreshDatabase, run_beside: Run[Any]) -> Filled:
    """Makes databases with all views of a life, up to its end; for reading only."""

    @contextlib.contextmanager
    def database(life: Life) -> Iterator[str]:
        with fresh_database() as url:
            run_beside(fill(url, life))
            yield url

    return database


async def fill(url: str, life: Life) -> None:
    shelf = Shelf(PARTITIONS)
    await project(shelf.log, url, await shelf.put(life.log))
    async with projecting(shelf.log, url):
        await eventually(url, "SELECT 1 FROM views.checkpoint HAVING bool_and(caught_up_at IS NOT NULL)")


@pytest.fixture(scope="session")
def shop_url(filled: Filled) -> Iterator[str]:
    """A database with all views of the shop."""
    with filled(shop().life) as url:
        yield url


@pytest.fixture
async def api(shop_url: str) -> AsyncIterator[Api]:
    """Readers on the shop."""
    async with api_on(shop_url) as opened:
        yield opened
