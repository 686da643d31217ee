"""Clients that ask and do not read, or hold what others need, cost themselves their connection and nobody else anything."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator

import httpx
import psycopg
import pytest

from domain.roles import Role
from tests.instance import NO_TLS, Instance
from tests.people import line

pytestmark = [pytest.mark.server, pytest.mark.slow]

SOCKETS = 9
"""One more than the readers' connections to the database."""
ASKED_S = 20.0
PAGE = {"Accept": "text/html"}
LINES = 1_000
REQUESTS = 200
"""Together answers of 20 MB: more than the system keeps for a reader."""
ATTACKED_S = 6.0


@pytest.fixture
def instance(embedded_victim: Instance) -> Instance:
    return embedded_victim


@contextlib.asynccontextmanager
async def unread(instance: Instance, requests: bytes) -> AsyncIterator[None]:
    """Nine connections with requests that nobody reads the answers of."""
    loop = asyncio.get_running_loop()
    sockets = [socket.socket() for _ in range(SOCKETS)]
    for one in sockets:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        one.setblocking(False)
        await loop.sock_connect(one, ("127.0.0.1", instance.settings.port))
        await loop.sock_sendall(one, requests)
    try:
        yield
    finally:
        for one in sockets:
            one.close()


async def test_nine_sockets_that_do_not_read_stop_nobody(instance: Instance) -> None:
    link = instance.run("sign-in", "--role", "sales", "--actor", "ann").stdout.strip()
    async with instance.people() as people:
        placed = await people.place(*(line(f"LONG{number}", 1) for number in range(LINES)))
        await people.settled()
    asked = f"GET {placed.tracking} HTTP/1.1\r\nHost: test\r\n\r\n".encode() * REQUESTS
    async with (
        unread(instance, asked),
        httpx.AsyncClient(base_url=instance.url, timeout=ASKED_S, verify=NO_TLS) as others,
    ):
        await _answered(others, instance)
        entered = await others.post("/sign-in", data={"code": link.partition("code=")[2]})
        assert entered.status_code == 303


async def _answered(others: httpx.AsyncClient, instance: Instance) -> None:
    bearer = {"Authorization": f"Bearer {instance.token(Role.SALES, 'ann')}"}
    ends = time.monotonic() + ATTACKED_S
    while time.monotonic() < ends:
        assert (await others.get("/", headers=PAGE)).status_code == 200
        assert (await others.get("/orders", headers=bearer)).status_code == 200
        assert (await others.get("/health/ready")).status_code == 200


async def test_a_reader_that_gets_no_connection_is_answered_with_503_and_may_ask_again(
    instance: Instance,
) -> None:
    async with (
        await psycopg.AsyncConnection.connect(instance.database_url) as locking,
        httpx.AsyncClient(base_url=instance.url, timeout=30, verify=NO_TLS) as client,
    ):
        bearer = {"Authorization": f"Bearer {instance.token(Role.SALES, 'ann')}"}
        await locking.execute("LOCK TABLE views.checkpoint IN ACCESS EXCLUSIVE MODE")
        answers = await asyncio.gather(*(client.get("/orders", headers=bearer) for _ in range(2 * SOCKETS)))
        assert {answer.status_code for answer in answers} == {503}
        assert {answer.json()["code"] for answer in answers} == {"unavailable"}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers)
        await locking.rollback()
        assert (await client.get("/orders", headers=bearer)).status_code == 200
