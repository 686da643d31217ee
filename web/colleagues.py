"""Who works here, as the HTTP edge asks for it: who an actor is, and as what that person works today.

Decides: whom what somebody types names. Must not know: how the register is kept, sessions, passwords.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol
from uuid import UUID

from domain.access import BY_BADGE
from domain.person.state import Member, Register
from domain.roles import Role, as_compared

LONGEST_WORD: Final = 200
MOST_STRANGERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whom the register names, as today has it."""

    id: str
    """The actor of all that this person does."""
    name: str
    email: str
    """Empty where none is known."""
    roles: tuple[Role, ...]
    """Those that are held today, in the order in which they were granted; none for whoever is deactivated."""
    provided: bool = False
    """Whether the person comes by the identity provider, and has no password here."""


class ReadRegister(Protocol):
    """Gives the register, from memory while it is fresh, or anew."""

    async def __call__(self, *, anew: bool = False) -> Register:
        """Everybody."""
        ...


class Colleagues:
    """The register of people. Whom it lacks is looked for once more: somebody may have been invited a moment ago."""

    def __init__(self, read: ReadRegister, today: Callable[[], date]) -> None:
        self._read = read
        self._today = today
        self._latest = Register()
        self._strangers: set[str] = set()
        """Written as ids, and nobody's: a provider may call its programs so. None is looked for anew a second time."""

    async def known(self, actor: str) -> Colleague | None:
        """Who this actor is; None for programs, and for names that the register does not have."""
        if _id_in(actor) is None:  # programs go on while the database is away
            return None
        await self.refresh()
        if self._member(actor) is None and actor not in self._strangers:
            await self.refresh(anew=True)
        member = self._member(actor)
        if member is not None:
            return self._colleague(member)
        if len(self._strangers) < MOST_STRANGERS:
            self._strangers.add(actor)
        return None

    async def called(self, word: str) -> Colleague | None:
        """Whose e-mail address or name somebody has typed, in capitals or not."""
        return next(iter(await self.all_called(word)), None)

    async def all_called(self, word: str) -> tuple[Colleague, ...]:
        """Everybody whose e-mail address or name that is: whose address it is comes first."""
        await self.refresh(anew=True)
        asked = as_compared(word[:LONGEST_WORD])
        members = list(self._latest.members.values())
        by_email = [member for member in members if member.email is not None and as_compared(member.email) == asked]
        by_name = [member for member in members if as_compared(member.name) == asked]
        return tuple(self._colleague(member) for member in (*by_email, *by_name))

    async def deactivated(self) -> frozenset[str]:
        """By id, who works here no more."""
        await self.refresh()
        return frozenset(str(member.id) for member in self._latest.members.values() if not member.active)

    def has_left(self, actor: str) -> bool:
        """Whether the register, as it was last read, knows that this person works here no more."""
        member = self._member(actor)
        return member is not None and not member.active

    async def refresh(self, *, anew: bool = False) -> None:
        """Take the register as it is now."""
        self._latest = await self._read(anew=anew)

    def name_of(self, actor: str) -> str:
        """What the actor is called; the actor itself where the register, as it was last read, does not have it."""
        member = self._member(actor)
        return actor if member is None else member.name

    def _member(self, actor: str) -> Member | None:
        person = _id_in(actor)
        return None if person is None else self._latest.members.get(person)

    def _colleague(self, member: Member) -> Colleague:
        today = self._today()
        held = member.roles_on(today)
        roles = tuple(role for role, _ in member.roles if role in held)
        return Colleague(str(member.id), member.name, member.email or "", roles, provided=member.identity is not None)


def roles_by_badge(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Of somebody's roles, those in which a badge lets work."""
    return tuple(role for role in roles if role in BY_BADGE)


def _id_in(actor: str) -> UUID | None:
    """The person's id, where the actor is written as one is."""
    try:
        person = UUID(actor)
    except ValueError:
        return None
    return person if str(person) == actor.lower() else None
