"""Passwords of people: which are good enough, and whether one is right.

Decides: length, and that what everybody chooses is refused; there are no rules about kinds of characters. Sources:
NIST SP 800-63B 5.1.1.2 (length, comparison with what is guessed first, no rules of composition), RFC 9106 (argon2id).
Must not know: who may sign in, sessions.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from typing import Final, LiteralString, ParamSpec, TypeVar
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from web.database import Pool, borrowed
from web.problems import Problem, ProblemKind

P = ParamSpec("P")
T = TypeVar("T")

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 200
COMPARED: Final = 72
"""Characters that are compared with what is guessed first; more take long and change nothing."""
GUESSED_SOON: Final = 10**8
"""A password that so few guesses would find is refused (zxcvbn calls fewer than these guessable)."""
HASHED_AT_ONCE: Final = 2
"""Each takes 64 MiB and a processor for a moment."""

TOO_SHORT: Final = ProblemKind("password-too-short", 422, f"A password has at least {SHORTEST_PASSWORD} characters.")
TOO_LONG: Final = ProblemKind("password-too-long", 422, f"A password has at most {LONGEST_PASSWORD} characters.")
TOO_EASY: Final = ProblemKind("password-too-easy", 422, "This password is among those that are guessed first.")
DIFFERENT: Final = ProblemKind("passwords-differ", 422, "The two passwords are not the same.")
PASSWORD_PROBLEMS: Final = (TOO_SHORT, TOO_LONG, TOO_EASY, DIFFERENT)


class Passwords:
    """Passwords in PostgreSQL (`web.password`): hashes, by person."""

    KEEP: Final[LiteralString] = (
        "INSERT INTO web.password (person, hash) VALUES (%s, %s) "
        "ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, set_at = now()"
    )
    FIND: Final[LiteralString] = "SELECT hash FROM web.password WHERE person = %s"

    def __init__(self, pool: Pool, hasher: PasswordHasher | None = None) -> None:
        self._pool = pool
        self._hasher = hasher or PasswordHasher()
        self._room = asyncio.Semaphore(HASHED_AT_ONCE)
        self._nobodys = self._hasher.hash("nobody's")

    async def require_good(self, password: str, again: str, *known: str) -> None:
        """`Problem` 422 unless the password may be chosen. `known` are words that are guessed first for this person."""
        if len(password) > LONGEST_PASSWORD:
            raise Problem(TOO_LONG)
        if len(password) < SHORTEST_PASSWORD:
            raise Problem(TOO_SHORT)
        if normalised(password) != normalised(again):
            raise Problem(DIFFERENT)
        if await self._in_turn(_is_guessed_soon, password, known):
            raise Problem(TOO_EASY)

    async def keep(self, person: UUID, password: str) -> None:
        """This is the person's password from now on."""
        hashed = await self._in_turn(self._hasher.hash, normalised(password))
        async with borrowed(self._pool) as connection:
            await connection.execute(self.KEEP, (person, hashed))

    async def is_right(self, person: UUID | None, password: str) -> bool:
        """Whether it is the person's; takes as long for nobody, and for whoever has none."""
        row = None
        if person is not None:
            async with borrowed(self._pool) as connection:
                row = await (await connection.execute(self.FIND, (person,))).fetchone()
        right = await self._in_turn(self._verified, row[0] if row else self._nobodys, normalised(password))
        return right and row is not None

    def _verified(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_turn(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        async with self._room:
            return await asyncio.to_thread(work, *given, **named)


def normalised(password: str) -> str:
    """Keyboards write the same character in several ways (NIST SP 800-63B: NFKC)."""
    return unicodedata.normalize("NFKC", password[:LONGEST_PASSWORD])


def _is_guessed_soon(password: str, known: tuple[str, ...]) -> bool:
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists take a while to load, and passwords are chosen seldom

    found = zxcvbn(password[:COMPARED], user_inputs=[word for text in known for word in (text, *text.split())])
    return bool(found["guesses"] < GUESSED_SOON)
