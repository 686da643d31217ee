"""The command API over real writers and a log in memory."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from commands.app import build
from commands.execution import Submit
from domain.decider import Event
from domain.recorded import Recorded
from domain.roles import Role
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker, MemoryLog
from streams.runtime import Runtime
from streams.writing.submission import CommandResult, Submission
from tests.timing import DEADLINE_S
from tests.writing import Running, everything, with_workflow
from web.caller_dependency import Identity
from web.kept_forms import MemoryForms
from web.sessions import MemorySessions
from web.tokens import Caller, Rules, Tokens, form_secret, issue_token, key_set

ISSUER = "https://tests.invalid/"
COMPANY = "test"
KEY = Ed25519PrivateKey.generate()
SESSIONS = MemorySessions()
FORMS = MemoryForms()
IDENTITY = Identity(Tokens(Rules(key_set(KEY), ISSUER, COMPANY)), form_secret(KEY), COMPANY, sessions=SESSIONS)


def bearer(role: Role = Role.ADMIN, actor: str = "ada", seconds: float = 600, carrier: str | None = None) -> str:
    token = issue_token(
        KEY, Caller(actor, role, COMPANY, carrier=carrier), issuer=ISSUER, lifetime=timedelta(seconds=seconds)
    )
    return f"Bearer {token}"


def line(sku: str = "85123A", quantity: object = 2, **other: object) -> dict[str, object]:
    return {
        "sku": sku,
        "name": "White hanging heart",
        "quantity": quantity,
        "unit_price": {"amount": "2.55", "currency": "EUR"},
        **other,
    }


def order(*lines: dict[str, object], **terms: object) -> dict[str, object]:
    return {"ship_to": {"country": "France"}, "lines": list(lines or (line(),)), **terms}


@dataclass
class Api:
    """The API as a program sees it, and the log behind it."""

    client: httpx.AsyncClient
    log: MemoryLog
    running: Running

    async def post(self, path: str, body: object = None, **headers: str) -> httpx.Response:
        """Post JSON (or bytes as they are) as an administrator; header names with underscores."""
        given = {"authorization": bearer(), "content_type": "application/json"} | headers
        content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]
        return await self.client.post(path, content=content, headers=raw)

    async def placed(self, *lines: dict[str, object], **terms: object) -> str:
        """The id of a new order, when everything it set in motion has come to rest."""
        answer = await self.post("/commands/orders", order(*lines, **terms))
        assert answer.status_code == 201, answer.text
        await self.running.until_idle()
        return str(answer.json()["order_id"])

    async def events(self) -> list[Recorded[Event]]:
        """Everything in the log."""
        return await everything(self.log)


@dataclass
class WritersOfTheTest:
    """Hands on to the writers of the test that runs; each test has its own."""

    running: Running | None = None

    @property
    def runtime(self) -> Runtime:
        assert self.running is not None
        return self.running.writers.runtime

    async def submit(self, submission: Submission) -> CommandResult:
        assert self.running is not None
        return await self.running.writers.submit(submission)


@pytest.fixture(scope="session")
def shared() -> tuple[FastAPI, WritersOfTheTest]:
    """The application keeps nothing between requests, and building it takes longer than most tests that use it."""
    writers = WritersOfTheTest()
    return build(writers, IDENTITY, FORMS), writers


@pytest.fixture
async def api(shared: tuple[FastAPI, WritersOfTheTest]) -> AsyncIterator[Api]:
    app, writers = shared
    log = MemoryLog(MemoryBroker())
    await log.open()
    async with with_workflow(log, MemoryIndex()) as running, client_of_app(app) as client:
        writers.running = running
        yield Api(client, log, running)


def client_of(writers: Submit) -> httpx.AsyncClient:
    """A client of a command API over these writers."""
    return client_of_app(build(writers, IDENTITY, MemoryForms()))


def client_of_app(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@contextlib.asynccontextmanager
async def served(writers: Submit) -> AsyncIterator[str]:
    """The address of a real server with a command API over these writers."""
    server = uvicorn.Server(
        uvicorn.Config(build(writers, IDENTITY, MemoryForms()), port=0, log_level="error", lifespan="off")
    )
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(DEADLINE_S):
        while not server.started:  # noqa: ASYNC110 - uvicorn tells by a flag only
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving


def problem(answer: httpx.Response, status: int, code: str) -> Mapping[str, Any]:
    """The problem document, which must be of this kind."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: Mapping[str, Any] = answer.json()
    assert told["code"] == code
    return told
