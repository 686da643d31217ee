"""How long we wait for PostgreSQL: for a connection, for a dead network, for one answer.

Decides: the limits that every connection has unless its URL names others. Must not know: statements, schemas.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from psycopg import InterfaceError, OperationalError, errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool

if TYPE_CHECKING:
    from collections.abc import Generator

    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

CONNECTION_LIMITS: Final = {
    "connect_timeout": "3",
    "tcp_user_timeout": "10000",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "options": "-c client_connection_check_interval=2s",
}
"""libpq's own words: what was sent and not received within 10 s, or a peer that is silent for 25 s, is gone.

The server, for its part, looks every 2 s whether we are still there: what waits for somebody's lock when we cut its
connection would otherwise wait on, and every next attempt would leave one more behind until nobody can connect."""


def limited(url: str) -> str:
    """The URL with every limit that it does not name itself."""
    given = conninfo_to_dict(url)
    return make_conninfo(url, **{name: value for name, value in CONNECTION_LIMITS.items() if name not in given})


OUTAGE: Final = (
    OperationalError,
    InterfaceError,
    errors.ReadOnlySqlTransaction,  # a standby that answers after a failover
    OSError,
)
"""PostgreSQL is away, silent, or was in the middle of something: the same is tried again. All else is a bug."""

LAST_LOOK_S: Final = 0.05

POOL_S: Final = 2.0
"""How long somebody waits for a connection of a pool, and it for its check."""


async def checked(connection: AsyncConnection[TupleRow]) -> None:
    """For a pool: psycopg's OperationalError when the connection does not answer soon."""
    with answered_within(connection, POOL_S):
        await AsyncConnectionPool.check_connection(connection)


@contextmanager
def answered_within(connection: AsyncConnection[TupleRow], seconds: float) -> Generator[None]:
    """Cut the connection when the block takes longer; what waits there fails with psycopg's OperationalError.

    A peer that is frozen answers no request to cancel either, so that asyncio's own timeout would wait for it.
    """
    cutting = Cutting(connection, seconds)
    try:
        yield
    except OUTAGE as error:
        if cutting.done:  # psycopg calls it a server that has terminated abnormally
            raise OperationalError(f"no answer within {seconds:g} s; we cut the connection") from error
        raise
    finally:
        cutting.cancel()


class Cutting:
    """A connection that is going to be cut unless that is cancelled."""

    def __init__(self, connection: AsyncConnection[TupleRow], seconds: float) -> None:
        self.done = False
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(seconds, self._last_look)

    def cancel(self) -> None:
        """The answer is there."""
        self._timer.cancel()

    def _last_look(self) -> None:
        """It may have been our own loop that was busy: what has arrived meanwhile is read first."""
        self._timer = self._loop.call_later(LAST_LOOK_S, self._cut)

    def _cut(self) -> None:
        self.done = True
        with suppress(OSError, OperationalError), socket.socket(fileno=os.dup(self._connection.fileno())) as peer:
            peer.shutdown(socket.SHUT_RDWR)


def is_unanswered(error: BaseException, connection: AsyncConnection[TupleRow]) -> bool:
    """Whether the server may have committed all the same: it answered nothing, or was going down as it answered."""
    if connection.closed:
        return True
    return isinstance(error, OperationalError) and (error.sqlstate or "08").startswith(("08", "57P"))
