"""How often signing in may be tried: after a few failures each further one is waited for, longer and longer.

Decides: how many failures are free, how long one waits. By account, so that nobody guesses one password for long, and
by address, so that nobody guesses at many accounts. Must not know: passwords, who may sign in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, LiteralString

from domain.roles import as_compared
from web.database import Pool, borrowed
from web.problems import Problem, ProblemKind

FREE_OF_ACCOUNT: Final = 5
FREE_OF_ADDRESS: Final = 50
"""A whole company may come from one address."""
LONGEST_DELAY: Final = timedelta(minutes=15)
FORGOTTEN: Final = timedelta(days=1)

TOO_OFTEN: Final = ProblemKind("sign-in-too-often", 429, "Signing in failed too often; try again later.")


class SignInTries:
    """Failures in PostgreSQL (`web.sign_in_try`). A try counts as a failure until it is known to be none, so that many
    at the same moment are as many.
    """

    # A second, two, four ... for each failure beyond the free ones. Whoever has to wait is not counted again.
    # What began a day ago is forgotten: from a company's address somebody comes in, and somebody mistypes, every day.
    COUNT: Final[LiteralString] = """
        INSERT INTO web.sign_in_try AS known (hash, failed, next_at) VALUES (%(hash)s, 1, now())
        ON CONFLICT (hash) DO UPDATE SET (failed, since, next_at) = (
            SELECT failed, since, CASE
                WHEN failed < %(free)s THEN known.next_at
                ELSE clock_timestamp()
                    + least(%(longest)s, interval '1 second' * power(2, least(failed - %(free)s, 20)))
            END
            FROM (SELECT
                CASE WHEN known.since < now() - %(forgotten)s THEN 1 ELSE known.failed + 1 END AS failed,
                CASE WHEN known.since < now() - %(forgotten)s THEN now() ELSE known.since END AS since
            ) AS counted
        )
        WHERE known.next_at <= clock_timestamp()
        RETURNING failed
    """
    WAIT: Final[LiteralString] = "SELECT ceil(extract(epoch FROM next_at - now())) FROM web.sign_in_try WHERE hash = %s"
    TAKE_BACK: Final[LiteralString] = (
        "UPDATE web.sign_in_try SET failed = greatest(failed - 1, 0), next_at = now() WHERE hash = %s"
    )
    FORGET: Final[LiteralString] = "DELETE FROM web.sign_in_try WHERE hash = %s OR next_at < now() - %s"

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def count(self, account: str, address: str, what: str = "account") -> None:
        """One more try; `Problem` 429 with Retry-After where it comes too early. `what`: what is tried there."""
        counted: list[bytes] = []
        async with borrowed(self._pool) as connection:
            for hashed, free in _counted(account, address, what):
                values = {"hash": hashed, "free": free, "longest": LONGEST_DELAY, "forgotten": FORGOTTEN}
                if await (await connection.execute(self.COUNT, values)).fetchone() is None:
                    for of_address in counted:  # or one account at which somebody hammers would delay the whole house
                        await connection.execute(self.TAKE_BACK, (of_address,))
                    found = await (await connection.execute(self.WAIT, (hashed,))).fetchone()
                    wait = max(1, int(found[0])) if found else 1
                    raise Problem(TOO_OFTEN, headers={"Retry-After": str(wait)}, wait_s=wait)
                counted.append(hashed)

    async def succeeded(self, account: str, address: str, what: str = "account") -> None:
        """The last try was none of the failures."""
        (of_address, _), (of_account, _) = _counted(account, address, what)
        async with borrowed(self._pool) as connection:
            await connection.execute(self.FORGET, (of_account, FORGOTTEN))
            await connection.execute(self.TAKE_BACK, (of_address,))


def _counted(account: str, address: str, what: str) -> Sequence[tuple[bytes, int]]:
    """What failures are counted under, and how many of each are free.

    The address first: one that has to wait holds up no account. An account is counted as it was typed, for a count by
    person would tell which names and e-mail addresses are the same one's.
    """
    return (
        (hashlib.sha256(f"address {address}".encode(errors="replace")).digest(), FREE_OF_ADDRESS),
        (hashlib.sha256(f"{what} {as_compared(account)}".encode(errors="replace")).digest(), FREE_OF_ACCOUNT),
    )
