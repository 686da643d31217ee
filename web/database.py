"""PostgreSQL as the HTTP edge meets it: connections from a pool, and no wait without an end.

Decides: how long a request may wait for a connection, a statement and all of its reading, and that a database which
does not answer is a 503. Must not know: what is read.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, LiteralString, TypeAlias

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from streams.postgres.connection import answered_within, checked
from web.problems import Problem, ProblemKind

logger = logging.getLogger(__name__)

Pool: TypeAlias = AsyncConnectionPool[AsyncConnection[TupleRow]]

POOL_WAIT_S: Final = 2.5
MOST_WAITING: Final = 256
READING_S: Final = 10.0
"""Everything that one request does with a connection."""

STATEMENT_LIMITS: Final[tuple[LiteralString, ...]] = (
    "SET statement_timeout = '5s'",
    "SET idle_in_transaction_session_timeout = '10s'",
)

UNAVAILABLE: Final = ProblemKind("unavailable", 503, "This cannot be read right now; ask again in a moment.")


def edge_pool(url: str, size: int) -> Pool:
    """Connections for requests, each statement committed by itself; to be opened as a context."""
    return AsyncConnectionPool(
        url,
        min_size=1,
        max_size=size,
        max_waiting=MOST_WAITING,
        timeout=POOL_WAIT_S,
        open=False,
        kwargs={"autocommit": True},
        configure=_limited,
        check=checked,
    )


async def _limited(connection: AsyncConnection[TupleRow]) -> None:
    for limit in STATEMENT_LIMITS:
        await connection.execute(limit)


@asynccontextmanager
async def borrowed(pool: Pool) -> AsyncIterator[AsyncConnection[TupleRow]]:
    """A connection for one request; `Problem` 503 with Retry-After where none is free, or the database is away."""
    try:
        # Not asyncio's timeout: psycopg would first ask a server that stands still to cancel, twice for five seconds.
        async with pool.connection() as connection:
            with answered_within(connection, READING_S):
                yield connection
    except psycopg.OperationalError as error:
        logger.warning("a request could not read: %s", type(error).__name__)
        raise Problem(UNAVAILABLE, headers={"Retry-After": "1"}) from error


async def one_row(
    pool: Pool, statement: LiteralString, values: Sequence[object] | Mapping[str, object]
) -> TupleRow | None:
    """The first row that a statement gives; None where it gives none."""
    async with borrowed(pool) as connection:
        return await (await connection.execute(statement, values)).fetchone()
