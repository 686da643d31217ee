"""Signing in with a badge and a PIN, at a registered device.

Decides: that a refusal tells neither whether there is such a badge nor whether the device is known, and that a device
which is not known costs no badge a try. Must not know: cookies, pages, how badges are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from web.badges import BADGE_PROBLEMS, Badges
from web.colleagues import Colleagues, roles_by_badge
from web.devices import Device, Devices
from web.problems import Problem, ProblemKind
from web.sessions import Person, Sessions
from web.sign_in_tries import SignInTries

BADGE_REFUSED: Final = ProblemKind("badge-refused", 403, "Badge or PIN is wrong, or cannot be used here.")
NO_ROLE_BY_BADGE: Final = ProblemKind(
    "no-role-by-badge", 403, "A badge is for work in the warehouse and in logistics; you have no such role today."
)
BADGE_DOOR_PROBLEMS: Final = (BADGE_REFUSED, NO_ROLE_BY_BADGE, *BADGE_PROBLEMS)


@dataclass(frozen=True, slots=True)
class BadgeDoor:
    """Lets people in who scan a badge."""

    badges: Badges
    devices: Devices
    colleagues: Colleagues
    tries: SignInTries
    sessions: Sessions

    async def device(self, cookie: str) -> Device | None:
        """Where somebody stands."""
        return await self.devices.known(cookie) if cookie else None

    async def enter(self, cookie: str, badge: str, pin: str, address: str) -> tuple[Person, str]:
        """Who comes in, and the session's name; `Problem` 403, 429 where it was tried too often from this address."""
        device = await self.device(cookie)
        tried = f"{badge} {device.id if device else 'elsewhere'}"  # nobody makes a bench wait from elsewhere
        await self.tries.count(tried, address, "badge")
        matched = await self.badges.matching(badge if device else "", pin)
        if device is None or matched is None:
            raise Problem(BADGE_REFUSED)
        person, mark = matched
        found = await self.colleagues.known(str(person))
        if found is None or not found.roles:  # has left: as unknown as any other badge
            raise Problem(BADGE_REFUSED)
        await self.tries.succeeded(tried, address, "badge")
        roles = roles_by_badge(found.roles)
        if not roles:
            raise Problem(NO_ROLE_BY_BADGE)
        entered = Person(found.id, roles[0], registered=True, device=device.id)
        return entered, await self._session(entered, cookie, mark)

    async def _session(self, person: Person, cookie: str, mark: str) -> str:
        session = await self.sessions.begin(person)
        stands = await self.badges.stands(UUID(person.actor), mark)
        if not stands or await self.device(cookie) is None:  # taken away or withdrawn meanwhile
            await self.sessions.end(session)
            raise Problem(BADGE_REFUSED)
        return session

    async def withdraw(self, device: UUID) -> None:
        """End a device, and whatever began there."""
        await self.devices.withdraw(device)
        await self.sessions.end_by_badge(device=device)

    async def give(self, person: UUID, code: str) -> str:
        """Give a badge; whoever is in with the earlier one is out."""
        given = await self.badges.give(person, code)
        await self.sessions.end_by_badge(actor=str(person))
        return given

    async def take_back(self, person: UUID) -> None:
        """Take the badge away, and whoever is in with it is out."""
        await self.badges.take_back(person)
        await self.sessions.end_by_badge(actor=str(person))

    async def choose_pin(self, person: UUID, pin: str, again: str) -> None:
        """Another PIN; whoever is in with the earlier one is out."""
        await self.badges.choose_pin(person, pin, again)
        await self.sessions.end_by_badge(actor=str(person))
