"""One-time codes of sign-in links, and where they are kept.

Decides: what a code is worth: one sign-in as a role for ten minutes, or one choice of a password for a day. Must not
know: who may make one, what its page shows.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, LiteralString, Protocol

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.roles import Role
from web.database import Pool, borrowed
from web.problems import Problem, ProblemKind
from web.random_words import hash_of_word, random_word

CODE_LIFETIME: Final = timedelta(minutes=10)
INVITATION_LIFETIME: Final = timedelta(days=1)
"""Of a code with which somebody chooses a password: whoever is invited may read it tomorrow."""

CODE_UNKNOWN: Final = ProblemKind("sign-in-code-unknown", 403, "There is no such sign-in code.")
CODE_USED: Final = ProblemKind("sign-in-code-used", 403, "This sign-in code has been used. Ask for a new link.")
CODE_EXPIRED: Final = ProblemKind("sign-in-code-expired", 403, "This sign-in code has expired. Ask for a new link.")
CODE_PROBLEMS: Final = (CODE_UNKNOWN, CODE_USED, CODE_EXPIRED)


class Codes(Protocol):
    """Where codes are kept. One without a role is for the person who is its actor to choose a password."""

    async def new_code(self, actor: str, role: Role | None) -> str:
        """A fresh one."""
        ...

    async def look(self, code: str) -> tuple[str, Role | None]:
        """Actor and role of a code, which is not used up; `Problem` if it is worth nothing."""
        ...

    async def redeem(self, code: str) -> tuple[str, Role | None]:
        """Actor and role of a code, which is used up by this; `Problem` if it is worth nothing."""
        ...


class SignInCodes:
    """One-time codes in PostgreSQL (`web.sign_in_code`). Only their hash is stored."""

    NEW: Final[LiteralString] = (
        "INSERT INTO web.sign_in_code (hash, actor, role, expires_at) VALUES (%s, %s, %s, now() + %s)"
    )
    SWEEP: Final[LiteralString] = "DELETE FROM web.sign_in_code WHERE expires_at < now() - interval '1 day'"
    REVOKE: Final[LiteralString] = (
        "UPDATE web.sign_in_code SET used_at = now() WHERE actor = %s AND role IS NULL AND used_at IS NULL"
    )
    LOOK: Final[LiteralString] = (
        "SELECT actor, role FROM web.sign_in_code WHERE hash = %s AND used_at IS NULL AND expires_at > now()"
    )
    REDEEM: Final[LiteralString] = (
        "UPDATE web.sign_in_code SET used_at = now() "
        "WHERE hash = %s AND used_at IS NULL AND expires_at > now() RETURNING actor, role"
    )
    WHY_NOT: Final[LiteralString] = "SELECT used_at FROM web.sign_in_code WHERE hash = %s"

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def new_code(self, actor: str, role: Role | None) -> str:
        """A fresh code with which `actor` can sign in once as `role`, or choose a password."""
        code = random_word()
        lifetime = INVITATION_LIFETIME if role is None else CODE_LIFETIME
        if role is None:  # whoever has an earlier link of this person need not get in with it
            await self.revoke(actor)
        async with borrowed(self._pool) as connection:
            await connection.execute(self.SWEEP)
            await connection.execute(
                self.NEW, (hash_of_word(code), actor, None if role is None else role.value, lifetime)
            )
        return code

    async def revoke(self, actor: str) -> None:
        """Nobody chooses a password with a code that this person was given."""
        async with borrowed(self._pool) as connection:
            await connection.execute(self.REVOKE, (actor,))

    async def look(self, code: str) -> tuple[str, Role | None]:
        """Actor and role; `Problem` 403 that says whether the code is unknown, used or expired."""
        return await self._taken(self.LOOK, code)

    async def redeem(self, code: str) -> tuple[str, Role | None]:
        """The same, and the code is used up."""
        return await self._taken(self.REDEEM, code)

    async def _taken(self, statement: LiteralString, code: str) -> tuple[str, Role | None]:
        async with borrowed(self._pool) as connection:
            row = await (await connection.execute(statement, (hash_of_word(code),))).fetchone()
            if row is None:
                raise Problem(await self._why_not(connection, code))
        return row[0], None if row[1] is None else Role(row[1])

    async def _why_not(self, connection: AsyncConnection[TupleRow], code: str) -> ProblemKind:
        row = await (await connection.execute(self.WHY_NOT, (hash_of_word(code),))).fetchone()
        if row is None:
            return CODE_UNKNOWN
        return CODE_EXPIRED if row[0] is None else CODE_USED
