"""Browsers that were registered for signing in with a badge: each carries a cookie of its own.

Decides: that only the cookie's hash is kept, and that a withdrawn device is as unknown as any other browser. Must not
know: who registers devices, badges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from web.database import Pool, borrowed, one_row
from web.random_words import hash_of_word, random_word

DEVICE_COOKIE: Final = "ordertrail_device"
DEVICE_COOKIE_S: Final = 400 * 24 * 3600
"""As long as browsers keep one; it is given anew whenever somebody signs in there."""
LONGEST_DEVICE_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Device:
    """A registered browser."""

    id: UUID
    name: str
    registered_by: str
    registered_at: datetime


class Devices:
    """In PostgreSQL (`web.device`)."""

    REGISTER: Final[LiteralString] = "INSERT INTO web.device (hash, name, registered_by) VALUES (%s, %s, %s)"
    KNOWN: Final[LiteralString] = "SELECT id, name, registered_by, registered_at FROM web.device WHERE hash = %s"
    ALL: Final[LiteralString] = "SELECT id, name, registered_by, registered_at FROM web.device ORDER BY name, id"
    WITHDRAW: Final[LiteralString] = "DELETE FROM web.device WHERE id = %s"

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def register(self, name: str, actor: str) -> str:
        """A new device: what its cookie says."""
        cookie = random_word()
        async with borrowed(self._pool) as connection:
            await connection.execute(self.REGISTER, (hash_of_word(cookie), name, actor))
        return cookie

    async def known(self, cookie: str) -> Device | None:
        """The device with this cookie."""
        row = await one_row(self._pool, self.KNOWN, (hash_of_word(cookie),))
        return None if row is None else Device(*row)

    async def everyone(self) -> Sequence[Device]:
        """All of them, by name."""
        async with borrowed(self._pool) as connection:
            rows = await (await connection.execute(self.ALL)).fetchall()
        return [Device(*row) for row in rows]

    async def withdraw(self, device: UUID) -> None:
        """It is a browser like every other one again."""
        async with borrowed(self._pool) as connection:
            await connection.execute(self.WITHDRAW, (device,))
