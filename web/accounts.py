"""People of the register at the door: by name and password, and how a password is chosen.

Decides: that nobody learns from a refusal whether there is such a person, and that a new password ends all sessions.
Must not know: pages, cookies, how a password is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from web.colleagues import Colleague, Colleagues
from web.passwords import Passwords
from web.problems import Problem, ProblemKind
from web.second_step import STEP_OVER, SecondStep
from web.sessions import Person, Sessions
from web.sign_in_tries import SignInTries

LOOK_S: Final = 5.0
PRODUCT: Final = "Ordertrail"
WRONG_PASSWORD: Final = ProblemKind("sign-in-refused", 403, "Name or password is wrong.")
NO_ROLE: Final = ProblemKind("no-role-today", 403, "You have no role at present; an administrator can grant one.")
ACCOUNT_PROBLEMS: Final = (WRONG_PASSWORD, NO_ROLE)


@dataclass(frozen=True, slots=True)
class Accounts:
    """What somebody can sign in with who is in the register."""

    colleagues: Colleagues
    passwords: Passwords
    tries: SignInTries
    sessions: Sessions
    company: str
    """Guessed first in a password."""
    second: SecondStep

    async def enter(self, word: str, password: str, address: str) -> tuple[Person, str]:
        """Who signs in with this name or e-mail address, and the session's name; `Problem` 403, also where a code is
        asked for, 429 where it was tried too often.
        """
        found = await self.colleagues.called(word)
        matched = await self._matching(found, word, password, address)
        if found is None or not matched:
            raise Problem(WRONG_PASSWORD)
        return await self.begin(found, matched)

    async def begin(self, colleague: Colleague, mark: str) -> tuple[Person, str]:
        """Let somebody in whose password of this mark was right; `Problem` 403 where a code is asked for as well."""
        person = working(colleague)
        await self.second.ask(UUID(colleague.id), mark)
        return person, await self._session(person, mark)

    async def enter_with_code(self, step: str, code: str, address: str) -> tuple[Person, str]:
        """The same after the second step: `step` is what the first one gave."""
        asked, mark = self.second.asked(step)
        found = await self.colleagues.known(str(asked))
        if found is None or not await self.passwords.stands(asked, mark):
            raise Problem(STEP_OVER)
        person = working(found)
        await self.second.require(asked, code, address)
        return person, await self._session(person, mark)

    async def _session(self, person: Person, mark: str) -> str:
        session = await self.sessions.begin(person)
        if not await self.passwords.stands(UUID(person.actor), mark):  # another one was chosen meanwhile
            await self.sessions.end(session)
            raise Problem(WRONG_PASSWORD)
        return session

    async def require_own(self, colleague: Colleague, password: str, address: str) -> None:
        """`Problem` 403 unless this is the person's password, 429 where too many were tried."""
        if not await self._matching(colleague, colleague.id, password, address):
            raise Problem(WRONG_PASSWORD)

    async def _matching(self, colleague: Colleague | None, word: str, password: str, address: str) -> str:
        await self.tries.count(word, address)
        matched = await self.passwords.matching(None if colleague is None else UUID(colleague.id), password)
        if matched:
            await self.tries.succeeded(word, address)
        return matched

    async def require_good(self, colleague: Colleague, password: str, again: str) -> None:
        """`Problem` 422 unless this person may choose this password."""
        await self.passwords.require_good(password, again, colleague.name, colleague.email, self.company, PRODUCT)

    async def choose(self, colleague: Colleague, password: str) -> str:
        """This is the person's password from now on: its mark. Whoever knew the old one is out."""
        mark = await self.passwords.keep(UUID(colleague.id), password)
        await self.sessions.end_of(colleague.id)
        return mark


def working(colleague: Colleague) -> Person:
    """The person as what was granted first; `Problem` 403 where nothing is held today."""
    if not colleague.roles:
        raise Problem(NO_ROLE)
    return Person(colleague.id, colleague.roles[0], registered=True)


async def keep_shut(colleagues: Colleagues, *ends: Callable[[str], Awaitable[None]]) -> None:
    """For ever: end what somebody has who was deactivated, so that nothing of it is good once the person comes back."""
    shut: frozenset[str] = frozenset()
    while True:
        with suppress(Problem):  # the database is away
            gone = await colleagues.deactivated()
            for actor in gone - shut:
                for end in ends:
                    await end(actor)
            shut = gone
        await asyncio.sleep(LOOK_S)
