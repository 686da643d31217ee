"""Passwords of people: which are good enough, and whether one is right.

Decides: length, and that what everybody chooses is refused; there are no rules about kinds of characters. Source:
NIST SP 800-63B 5.1.1.2 (length, comparison with what is guessed first, no rules of composition).
Must not know: who may sign in, sessions.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import unicodedata
from typing import Final, LiteralString
from uuid import UUID

from web.database import Pool, borrowed, one_row
from web.problems import Problem, ProblemKind
from web.slow_hashes import SlowHashes

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 200
COMPARED: Final = 24
"""Characters that are compared with what is guessed first. Of more, some take a processor for seconds."""
GUESSED_SOON: Final = 10**8
"""A password that so few guesses would find is refused (zxcvbn calls fewer than these guessable)."""
WORD: Final = re.compile(r"\w{3,}")

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

    def __init__(self, pool: Pool, hashes: SlowHashes) -> None:
        self._pool = pool
        self._hashes = hashes
        self._one_judged = asyncio.Semaphore(1)

    async def require_good(self, password: str, again: str, *known: str) -> None:
        """`Problem` 422 unless the password may be chosen. `known` are words that are guessed first for this person."""
        if len(password) > LONGEST_PASSWORD:
            raise Problem(TOO_LONG)
        chosen = normalised(password)
        if len(chosen) < SHORTEST_PASSWORD:
            raise Problem(TOO_SHORT)
        if chosen != normalised(again):
            raise Problem(DIFFERENT)
        async with self._one_judged:
            if await asyncio.to_thread(_is_guessed_soon, chosen, known):
                raise Problem(TOO_EASY)

    async def keep(self, person: UUID, password: str) -> str:
        """This is the person's password from now on: its mark."""
        hashed = await self._hashes.made_of(normalised(password))
        async with borrowed(self._pool) as connection:
            await connection.execute(self.KEEP, (person, hashed))
        return _mark(hashed)

    async def matching(self, person: UUID | None, password: str) -> str:
        """The mark of the person's password, if this is it, else empty. Takes as long where there is none."""
        known = "" if person is None else await self._hash_of(person)
        right = await self._hashes.matches(known, normalised(password))
        return _mark(known) if right else ""

    async def stands(self, person: UUID, mark: str) -> bool:
        """Whether the person still has the password of this mark."""
        return _mark(await self._hash_of(person)) == mark

    async def _hash_of(self, person: UUID) -> str:
        row = await one_row(self._pool, self.FIND, (person,))
        return "" if row is None else str(row[0])


def normalised(password: str) -> str:
    """Keyboards write the same character in several ways (NIST SP 800-63B: NFKC)."""
    return unicodedata.normalize("NFKC", password[:LONGEST_PASSWORD])


def _mark(hashed: str) -> str:
    """By which a password is known again, and from which nobody learns its hash."""
    return hashlib.sha256(hashed.encode()).hexdigest()


def _is_guessed_soon(password: str, known: tuple[str, ...]) -> bool:
    """What is known of the person adds nothing: the rest has to be good by itself."""
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists take a while to load, and passwords are chosen seldom

    rest = password.casefold()
    for word in sorted({part for text in known for part in WORD.findall(normalised(text).casefold())}, key=len)[::-1]:
        rest = rest.replace(word, "")
    return not rest or bool(zxcvbn(rest[:COMPARED])["guesses"] < GUESSED_SOON)
