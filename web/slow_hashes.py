"""Hashes of what people remember: slow on purpose (argon2id, RFC 9106), and few at a time.

Decides: how many are made at once, and that comparing takes as long where there is nothing to compare with. Must not
know: whose secret it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import Final, ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

P = ParamSpec("P")
T = TypeVar("T")

HASHED_AT_ONCE: Final = 2
"""Each takes 64 MiB and a processor for a moment."""


class SlowHashes:
    """Makes and compares them, in threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._room = asyncio.Semaphore(HASHED_AT_ONCE)

    @cached_property
    def _nobodys(self) -> str:
        """What is compared with where there is nothing. Made by the first who signs in, whoever it is."""
        return self._hasher.hash("nobody's")

    async def made_of(self, secret: str) -> str:
        """The hash of a secret, with a salt of its own."""
        return await self._in_turn(self._hasher.hash, secret)

    async def matches(self, hashed: str, secret: str) -> bool:
        """Whether the hash is of this secret; an empty one, which takes as long, is of none."""
        return await self._in_turn(self._verified, hashed, secret)

    def _verified(self, hashed: str, secret: str) -> bool:
        nobodys = self._nobodys
        try:
            self._hasher.verify(hashed or nobodys, secret)
        except (VerificationError, InvalidHashError):
            return False
        return bool(hashed)

    async def _in_turn(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        async with self._room:
            return await asyncio.to_thread(work, *given, **named)
