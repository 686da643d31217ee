"""How it is noticed that PostgreSQL is away, also where it neither answers nor ends the connection.

Decides: which errors mean that it is away, and that a connection which was silent for too long is hung up. A coroutine
that waits in psycopg cannot just be cancelled: psycopg then asks the server to stop and waits for its answer.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

import psycopg

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from streams.postgres.migrate import Connection

OUTAGE: Final = (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError)
"""PostgreSQL is away, silent, or was in the middle of something: the same is tried again. All else is a bug."""


@asynccontextmanager
async def within(connection: Connection, limit_s: float) -> AsyncGenerator[None]:
    """Statements inside fail with psycopg's OperationalError after so many seconds; the connection is then closed."""
    alarm = asyncio.get_running_loop().call_later(limit_s, hang_up, connection)
    try:
        yield
    finally:
        alarm.cancel()


def hang_up(connection: Connection) -> None:
    """End the connection from our side: whoever waits on it reads an end of file and gets an error."""
    if connection.closed:
        return
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as peer:
        peer.shutdown(socket.SHUT_RDWR)
