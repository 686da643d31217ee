"""Sign-ins that were begun at the identity provider, each good for one answer in the browser that began it.

Decides: how long an answer is waited for, and that no second one counts. Must not know: the provider, who signs in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, LiteralString

from web.database import Pool, borrowed, one_row
from web.problems import Problem, ProblemKind
from web.provider import Proofs
from web.random_words import hash_of_word

START_LIFETIME: Final = timedelta(minutes=10)

ANSWERS_NOTHING: Final = ProblemKind(
    "sign-in-not-begun",
    403,
    "This sign-in was not begun in this browser, took too long, or has been used. Begin again.",
)


@dataclass(frozen=True, slots=True)
class Start:
    """A sign-in that was begun."""

    proofs: Proofs
    next: str


class ProviderStarts:
    """Those in PostgreSQL (`web.provider_start`)."""

    SWEEP: Final[LiteralString] = "DELETE FROM web.provider_start WHERE ends_at < now()"
    NEW: Final[LiteralString] = (
        "INSERT INTO web.provider_start (state, browser, nonce, verifier, next, ends_at) "
        "VALUES (%s, %s, %s, %s, %s, now() + %s)"
    )
    TAKE: Final[LiteralString] = (
        "DELETE FROM web.provider_start WHERE state = %s AND browser = %s AND ends_at > now() "
        "RETURNING nonce, verifier, next"
    )

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def begin(self, browser: str, state: str, start: Start) -> None:
        """Keep what was begun until the provider gives the state back to this browser."""
        kept = (hash_of_word(state), hash_of_word(browser), start.proofs.nonce, start.proofs.verifier, start.next)
        async with borrowed(self._pool) as connection:
            await connection.execute(self.SWEEP)
            await connection.execute(self.NEW, (*kept, START_LIFETIME))

    async def take(self, browser: str, state: str) -> Start:
        """What was begun, which ends with this; `Problem` 403 where nothing was, in this browser."""
        row = await one_row(self._pool, self.TAKE, (hash_of_word(state), hash_of_word(browser)))
        if row is None:
            raise Problem(ANSWERS_NOTHING)
        return Start(Proofs(row[0], row[1]), row[2])
