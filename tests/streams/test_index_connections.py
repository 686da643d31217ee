"""The index's pool tries no connection before it is used: that would be a round trip for every look-up."""

import asyncio
import time
from urllib.parse import urlsplit

import psycopg
import pytest
import uvloop
from psycopg_pool import AsyncConnectionPool

from ordertrail.wiring import open_index_pool
from streams.index import NOT_INDEXED, IndexUnavailable, PostgresIndex
from streams.postgres.connection import CONNECTION_LIMITS, answered_within, limited
from streams.postgres.migrate import connect
from streams.runtime import Limits, Runtime
from tests.streams.proxy import Proxy
from tests.timing import DEADLINE_S

AWAY_S = 2.0
LOCKED_OUT = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""

END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def test_a_look_up_passes_over_connections_that_died_while_they_lay_idle(database_url: str) -> None:
    pool = AsyncConnectionPool(database_url, min_size=3, max_size=3, open=False, kwargs={"autocommit": True})
    async with pool, await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
        await pool.wait()
        await other.execute(END_OTHERS)

        assert await PostgresIndex(pool).mark(0) == NOT_INDEXED


async def test_a_database_that_stands_still_costs_a_look_up_no_more_than_its_limit(database_url: str) -> None:
    parts = urlsplit(database_url)
    async with Proxy(str(parts.hostname), parts.port or 5432).running() as proxy:
        url = database_url.replace(f":{proxy.port}/", f":{proxy.address[1]}/")
        async with open_index_pool(url) as pool:
            assert await PostgresIndex(pool, Runtime(limits=Limits(index_s=DEADLINE_S))).mark(0) == NOT_INDEXED
            index = PostgresIndex(pool, Runtime(limits=Limits(index_s=0.1)))
            proxy.thawed.clear()
            for _ in range(3):
                async with asyncio.timeout(AWAY_S):
                    with pytest.raises(IndexUnavailable):
                        await index.mark(0)
            proxy.thawed.set()
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    try:
                        assert await index.mark(0) == NOT_INDEXED
                        break
                    except IndexUnavailable:
                        await asyncio.sleep(0.01)


async def test_a_database_that_is_away_costs_a_look_up_no_more_than_its_limit() -> None:
    async with AsyncConnectionPool(
        limited("postgresql://u:p@127.0.0.1:1/x"), min_size=0, max_size=2, open=False
    ) as pool:
        async with asyncio.timeout(AWAY_S):
            with pytest.raises(IndexUnavailable):
                await PostgresIndex(pool, Runtime(limits=Limits(index_s=0.2))).mark(0)


def test_every_url_has_the_limits_that_it_does_not_name_itself() -> None:
    url = limited("postgresql://u:p@h/x?connect_timeout=9")
    assert "connect_timeout=9" in url
    assert [name for name in CONNECTION_LIMITS if f"{name}=" not in url] == []


async def test_a_look_up_that_was_cut_while_it_waited_for_a_lock_leaves_no_session_behind(database_url: str) -> None:
    async with (
        open_index_pool(database_url) as pool,
        await psycopg.AsyncConnection.connect(database_url) as locking,
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as looking,
    ):
        index = PostgresIndex(pool, Runtime(limits=Limits(index_s=0.2)))
        await locking.execute('LOCK TABLE "index".event IN ACCESS EXCLUSIVE MODE')
        for _ in range(3):
            with pytest.raises(IndexUnavailable):
                await index.mark(0)
        async with asyncio.timeout(DEADLINE_S):
            while await waiting(looking):  # noqa: ASYNC110 - PostgreSQL tells nobody that a session has ended
                await asyncio.sleep(0.1)
        await locking.rollback()


async def waiting(looking: psycopg.AsyncConnection) -> int:
    """How many sessions wait for somebody's lock."""
    row = await (await looking.execute(LOCKED_OUT)).fetchone()
    return int(row[0]) if row else 0


async def test_who_gives_up_says_so_and_accuses_no_server(database_url: str) -> None:
    async with await connect(database_url) as connection:
        gave_up = pytest.raises(psycopg.OperationalError, match=r"no answer within 0\.1 s; we cut the connection")
        with gave_up, answered_within(connection, 0.1):
            await connection.execute("SELECT pg_sleep(10)")


def test_an_answer_that_came_while_our_own_loop_was_busy_counts(database_url: str) -> None:
    async def busy() -> None:
        async with await connect(database_url) as connection:
            with answered_within(connection, 0.2):
                asked = asyncio.ensure_future(connection.execute("SELECT pg_sleep(0.05)"))
                await asyncio.sleep(0.01)  # it is on its way
                time.sleep(0.5)  # noqa: ASYNC251 - the loop is busy
                await asked
            await connection.execute("SELECT 1")

    # The loop that servers run on: it looks at its timers before it reads.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(busy())
