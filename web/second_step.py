"""The second step of signing in: a code of the telephone, asked for once the password is known to be right.

Decides: what carries somebody from the first step to the second, and for how long; that wrong codes are counted like
wrong passwords. Must not know: how codes are made and kept, who has to have a second step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from web.problems import Problem, ProblemKind
from web.sealing import Seal
from web.second_factors import SECOND_FACTOR_PROBLEMS, WRONG_SECOND_CODE, SecondFactors
from web.sign_in_tries import SignInTries

STEP_LIFETIME: Final = timedelta(minutes=5)
STEP_PURPOSE: Final = "second step"

CODE_ASKED: Final = ProblemKind("second-code-asked", 403, "The code of your authenticator app is asked for as well.")
STEP_OVER: Final = ProblemKind("second-step-over", 403, "That took too long, or the password was changed. Begin again.")
SECOND_STEP_PROBLEMS: Final = (CODE_ASKED, STEP_OVER, *SECOND_FACTOR_PROBLEMS)


@dataclass(frozen=True, slots=True)
class SecondStep:
    """Asks for codes."""

    factors: SecondFactors
    seal: Seal
    """Closes what a browser carries from the first step to the second."""
    tries: SignInTries

    async def ask(self, person: UUID, mark: str) -> None:
        """`Problem` 403 with a `step` to be sent along with the code, where this person has a second step. `mark` is
        the password's.
        """
        if await self.factors.left(person) is not None:
            raise Problem(CODE_ASKED, step=self.seal.closed(f"{person} {mark}"))

    def asked(self, step: str) -> tuple[UUID, str]:
        """Whom a code was asked of, and the mark of the password; `Problem` 403 where it was too long ago."""
        opened = self.seal.opened(step, STEP_LIFETIME)
        if not opened:
            raise Problem(STEP_OVER)
        person, _, mark = opened.partition(" ")
        return UUID(person), mark

    async def require(self, person: UUID, code: str, address: str) -> None:
        """`Problem` 403 unless this is the person's code of now, 429 where too many were tried."""
        await self._count(person, address)
        if not await self.factors.use(person, code):
            raise Problem(WRONG_SECOND_CODE)
        await self._succeeded(person, address)

    async def confirm(self, person: UUID, code: str, address: str) -> Sequence[str]:
        """From now on the person is asked; the recovery codes, told this once."""
        await self._count(person, address)
        recovery = await self.factors.confirm(person, code)
        await self._succeeded(person, address)
        return recovery

    async def _count(self, person: UUID, address: str) -> None:
        # Apart from passwords: whoever knows one could try as many codes as there are, each after a right password.
        await self.tries.count(str(person), address, "code")

    async def _succeeded(self, person: UUID, address: str) -> None:
        await self.tries.succeeded(str(person), address, "code")
