"""A key of our own, tokens signed with it, and a small application behind the edge."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, Query
from pydantic import BaseModel
from starlette.requests import Request

from domain.roles import Role
from web.bodies import BodyLimits
from web.caller_dependency import CallerDep, Identity, csrf_token, use_identity
from web.clock import now
from web.middleware import Edge
from web.paging import LARGEST_PAGE
from web.positions import After
from web.problems import add_problem_handlers, problem_pages
from web.sessions import MemorySessions
from web.tokens import Caller, Rules, Tokens, form_secret, issue_token, key_set

ISSUER = "https://tests.invalid/"
COMPANY = "test"
MakeToken = Callable[..., str]


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
def rules(key: Ed25519PrivateKey) -> Rules:
    return Rules(key_set(key), ISSUER, COMPANY)


@pytest.fixture
def token(key: Ed25519PrivateKey) -> MakeToken:
    def make(actor: str = "ada", role: Role = Role.SALES, seconds: float = 600, issuer: str = ISSUER) -> str:
        return issue_token(key, Caller(actor, role, COMPANY), issuer=issuer, lifetime=timedelta(seconds=seconds))

    return make


@dataclass
class Clock:
    """What the sessions take for the time."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock(now())


@pytest.fixture
def sessions(clock: Clock) -> MemorySessions:
    return MemorySessions(clock=clock)


class Thing(BaseModel):
    size: int


@pytest.fixture
def app(key: Ed25519PrivateKey, rules: Rules, sessions: MemorySessions) -> FastAPI:
    app = FastAPI()
    use_identity(app, Identity(Tokens(rules), form_secret(key), COMPANY, sessions=sessions))
    add_problem_handlers(app)
    app.add_middleware(Edge, limits=BodyLimits(1_000, {"/large": 5_000}, at_once=20_000))
    app.include_router(problem_pages(()))

    @app.get("/me")
    async def me(caller: CallerDep, request: Request) -> dict[str, str]:
        return {"actor": caller.actor, "role": caller.role, "csrf": csrf_token(request)}

    @app.post("/me")
    async def change(caller: CallerDep) -> dict[str, str]:
        return {"actor": caller.actor}

    @app.post("/things")
    async def thing(thing: Thing) -> int:
        return thing.size

    @app.get("/list")
    async def listed(after: After, limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50) -> dict[int, int]:
        return after

    @app.get("/broken/{order_id}")
    async def broken(order_id: str) -> None:
        raise KeyError(order_id)

    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client
