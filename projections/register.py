"""The register of people as whoever lets people in asks for it, again and again: read anew only where it has changed.

Must not know: HTTP, who may read it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from psycopg import sql

from domain.person.state import Register
from domain.stream_names import PEOPLE, kind_of
from projections.projector.folds import FOLD
from projections.view import Connection, identifier
from streams import state_codec

TRUSTED_S: Final = 2.0
"""Within how long a change among people is noticed, once it is in the views."""

NEWER: Final = sql.SQL("SELECT version, state FROM {} WHERE stream = %s AND version <> %s").format(identifier(FOLD))

Borrow = Callable[[], AbstractAsyncContextManager[Connection]]


class RegisterReader:
    """The register, from memory while it is fresh."""

    def __init__(self, borrow: Borrow) -> None:
        self._borrow = borrow
        self._version = 0
        self._register = Register()
        self._trusted_until = 0.0

    async def read(self, *, anew: bool = False) -> Register:
        """Everybody, as of two seconds ago at most, or as the views have it now."""
        now = asyncio.get_running_loop().time()
        if anew or now >= self._trusted_until:
            async with self._borrow() as connection:
                row = await (await connection.execute(NEWER, (PEOPLE, self._version))).fetchone()
            if row is not None:
                self._version, self._register = row[0], _loaded(row[1])
            self._trusted_until = now + TRUSTED_S
        return self._register


def _loaded(state: bytes) -> Register:
    found = state_codec.load(kind_of(PEOPLE), state)
    if not isinstance(found, Register):
        raise TypeError("the stream of people holds no register")
    return found
