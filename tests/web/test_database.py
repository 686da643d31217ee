"""A database that stands still costs a request no more than its limit, whatever it was doing."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.streams.proxy import Proxy
from web import database
from web.database import Pool, borrowed, edge_pool
from web.problems import Problem

READING_S = 0.2
SOON_S = 4.0
"""More than the limits of a request and of a connection's check, and less than psycopg takes to cancel a statement."""


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    server = conninfo_to_dict(database_url)
    async with Proxy(str(server["host"]), int(str(server["port"]))).running() as running:
        yield running


@pytest.fixture
async def pool(database_url: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pool]:
    monkeypatch.setattr(database, "READING_S", READING_S)
    host, port = proxy.address
    async with edge_pool(make_conninfo(database_url, host=host, port=port), 1) as opened:
        yield opened
        proxy.thawed.set()


async def read(pool: Pool, proxy: Proxy) -> None:
    async with borrowed(pool) as connection:
        proxy.thawed.clear()
        await connection.execute("SELECT 1")


async def test_a_request_whose_statement_is_not_answered_ends_in_time(pool: Pool, proxy: Proxy) -> None:
    async with asyncio.timeout(SOON_S):
        with pytest.raises(Problem):
            await read(pool, proxy)


async def test_a_request_that_finds_the_database_standing_still_ends_in_time(pool: Pool, proxy: Proxy) -> None:
    async with borrowed(pool):
        pass
    proxy.thawed.clear()
    async with asyncio.timeout(SOON_S):
        with pytest.raises(Problem):
            await read(pool, proxy)


@pytest.mark.parametrize("limit", ["statement_timeout", "idle_in_transaction_session_timeout"])
async def test_the_database_itself_ends_what_a_request_leaves_behind(database_url: str, limit: str) -> None:
    async with edge_pool(database_url, 1) as opened, borrowed(opened) as connection:
        found = await connection.execute("SELECT setting::int FROM pg_settings WHERE name = %s", (limit,))
        row = await found.fetchone()
    assert row is not None
    assert 0 < row[0] <= database.READING_S * 1000
