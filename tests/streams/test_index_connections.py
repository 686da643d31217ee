"""The index's pool tries no connection before it is used: that would be a round trip for every look-up."""

import psycopg
from psycopg_pool import AsyncConnectionPool

from streams.index import NOTHING, PostgresIndex
from streams.postgres.migrate import migrate

END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def test_a_look_up_passes_over_connections_that_died_while_they_lay_idle(database_url: str) -> None:
    await migrate(database_url)
    pool = AsyncConnectionPool(database_url, min_size=3, max_size=3, open=False, kwargs={"autocommit": True})
    async with pool, await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
        await pool.wait()
        await other.execute(END_OTHERS)

        assert await PostgresIndex(pool).mark(0) == NOTHING
