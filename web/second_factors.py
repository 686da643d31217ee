"""Time-based codes of people (RFC 6238), and the recovery codes for whoever has lost the telephone that makes them.

Decides: that a code counts once, and no later one of an earlier step of time; how far two clocks may be apart; how
long a secret waits for its first right code. Must not know: who has to have one, how often one may try, pages.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

import pyotp
from pyotp.utils import strings_equal

from web.clock import now
from web.database import Pool, one_row
from web.problems import Problem, ProblemKind
from web.sealing import Seal

DRIFT: Final = 1
"""Steps of 30 seconds that the telephone's clock may be early or late (RFC 6238, 5.2)."""
CONFIRMED_WITHIN: Final = timedelta(minutes=10)
FACTOR_PURPOSE: Final = "second factors"
RECOVERY_CODES: Final = 10
RECOVERY_LETTERS: Final = 16
"""Of base 32: 80 random bits cannot be guessed from a plain hash."""
LONGEST_SECOND_CODE: Final = 100

WRONG_SECOND_CODE: Final = ProblemKind("second-code-wrong", 403, "This code is wrong, or it was used already.")
NO_SECRET: Final = ProblemKind("second-factor-not-begun", 409, "There is no secret to confirm. Begin again.")
HAS_ONE: Final = ProblemKind("second-factor-there", 409, "There is a second step already; take it away first.")
SECOND_FACTOR_PROBLEMS: Final = (WRONG_SECOND_CODE, NO_SECRET, HAS_ONE)


class SecondFactors:
    """In PostgreSQL (`web.second_factor`): sealed secrets, and hashes of recovery codes."""

    BEGIN: Final[LiteralString] = (
        "INSERT INTO web.second_factor AS known (person, secret) VALUES (%s, %s) ON CONFLICT (person) DO UPDATE "
        "SET secret = excluded.secret, begun_at = now() WHERE NOT known.confirmed RETURNING person"
    )
    PENDING: Final[LiteralString] = (
        "SELECT secret FROM web.second_factor WHERE person = %s AND NOT confirmed AND begun_at > now() - %s"
    )
    CONFIRM: Final[LiteralString] = (
        "UPDATE web.second_factor SET confirmed = true, last_step = %s, recovery = %s "
        "WHERE person = %s AND secret = %s AND NOT confirmed RETURNING person"
    )
    FIND: Final[LiteralString] = "SELECT secret FROM web.second_factor WHERE person = %s AND confirmed"
    USE: Final[LiteralString] = (
        "UPDATE web.second_factor SET last_step = %s "
        "WHERE person = %s AND secret = %s AND confirmed AND last_step < %s RETURNING person"
    )
    RECOVER: Final[LiteralString] = (
        "UPDATE web.second_factor SET recovery = array_remove(recovery, %(hash)s) "
        "WHERE person = %(person)s AND confirmed AND %(hash)s = ANY(recovery) RETURNING person"
    )
    LEFT: Final[LiteralString] = "SELECT cardinality(recovery) FROM web.second_factor WHERE person = %s AND confirmed"
    REMOVE: Final[LiteralString] = "DELETE FROM web.second_factor WHERE person = %s RETURNING person"

    def __init__(self, pool: Pool, seal: Seal, clock: Callable[[], datetime] = now) -> None:
        self._pool = pool
        self._seal = seal
        self._clock = clock

    async def begin(self, person: UUID) -> None:
        """A new secret, to be confirmed; `Problem` 409 where there is a confirmed one."""
        if await one_row(self._pool, self.BEGIN, (person, self._seal.closed(pyotp.random_base32()))) is None:
            raise Problem(HAS_ONE)

    async def pending(self, person: UUID) -> str | None:
        """The secret that waits for its first code; None where none does."""
        row = await one_row(self._pool, self.PENDING, (person, CONFIRMED_WITHIN))
        return None if row is None else self._seal.opened(row[0]) or None

    async def confirm(self, person: UUID, code: str) -> Sequence[str]:
        """The secret is the person's second step from now on: its recovery codes, which are told this once."""
        row = await one_row(self._pool, self.PENDING, (person, CONFIRMED_WITHIN))
        if row is None:
            raise Problem(NO_SECRET)
        step = self._step_of(row[0], code)
        if step is None:
            raise Problem(WRONG_SECOND_CODE)
        recovery = [_recovery_code() for _ in range(RECOVERY_CODES)]
        kept = (step, [_hash(_plain(one)) for one in recovery], person, row[0])
        if await one_row(self._pool, self.CONFIRM, kept) is None:  # begun anew, or confirmed, in another window
            raise Problem(NO_SECRET)
        return recovery

    async def left(self, person: UUID) -> int | None:
        """How many recovery codes are left to whoever has a second step; None for whoever has none."""
        row = await one_row(self._pool, self.LEFT, (person,))
        return None if row is None else int(row[0])

    async def use(self, person: UUID, code: str) -> bool:
        """Whether this is the person's code of now, or a recovery code. It is used up by this."""
        row = await one_row(self._pool, self.FIND, (person,))
        step = None if row is None else self._step_of(row[0], code)
        if row is not None and step is not None:
            return await one_row(self._pool, self.USE, (step, person, row[0], step)) is not None
        return await one_row(self._pool, self.RECOVER, {"person": person, "hash": _hash(_plain(code))}) is not None

    async def remove(self, person: UUID) -> None:
        """The person signs in without a second step."""
        await one_row(self._pool, self.REMOVE, (person,))

    def _step_of(self, sealed: str, code: str) -> int | None:
        """The step of time whose code this is; None for a wrong one, and where the key of the seal was lost."""
        secret = self._seal.opened(sealed)
        if not secret:
            return None
        made, at, given = pyotp.TOTP(secret), self._clock(), _plain(code)
        steps = [(made.timecode(at) + drift, made.at(at, counter_offset=drift)) for drift in range(-DRIFT, DRIFT + 1)]
        return next((step for step, right in steps if strings_equal(given, right)), None)


def otpauth(secret: str, person: str, company: str) -> str:
    """The link with which an application on a telephone takes the secret over."""
    return pyotp.TOTP(secret).provisioning_uri(name=person, issuer_name=company)


def _recovery_code() -> str:
    """`abcd-efgh-ijkl-mnop`."""
    letters = pyotp.random_base32().lower()
    return "-".join(letters[start : start + 4] for start in range(0, RECOVERY_LETTERS, 4))


def _plain(code: str) -> str:
    """As it is compared: people type blanks and hyphens, or in full width."""
    wide = unicodedata.normalize("NFKC", code[:LONGEST_SECOND_CODE]).casefold()
    return "".join(wide.replace("-", " ").split())


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode(errors="replace")).digest()
