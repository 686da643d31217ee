"""Commands about people. Administrators send them.

Must not know: how anybody signs in.
"""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID, uuid5

from pydantic import StringConstraints

from domain.decider import Command
from domain.event_values import PERSONAL
from domain.roles import Role
from domain.values import Day, PersonalText

PEOPLE_OF_PROVIDERS: Final = UUID("8d6f1c53-2a0b-5e0e-9c4e-5b1f0a7d3e62")
"""Namespace of the ids of people who come by an identity provider. Part of the data: never changed."""


ProviderSubject = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{1,255}$"), PERSONAL]
"""As OpenID Connect bounds what a provider calls somebody by; compared as it is."""


class InvitePerson(Command):
    """Somebody is to work with us. The person is called by the id of this command, and may be renamed or forgotten."""

    name: PersonalText
    """As everybody reads it; no other person is called so."""
    email: PersonalText | None = None
    role: Role
    """The first of perhaps several."""


class AdmitPerson(Command):
    """The identity provider says who signs in there, and as what. Whom it names first is known from then on."""

    issuer: PersonalText
    subject: ProviderSubject
    name: PersonalText
    email: PersonalText | None = None
    roles: tuple[Role, ...]
    """All of them: what else was granted by the provider is withdrawn."""

    @property
    def person(self) -> UUID:
        """Under which id this person acts. Of issuer and subject alone: names and addresses pass to other people."""
        return uuid5(PEOPLE_OF_PROVIDERS, f"{self.issuer} {self.subject}")


class OfPerson(Command):
    """Base of what is done about somebody who is known."""

    person: UUID


class GrantRole(OfPerson):
    """Somebody works as this, too; for a deputy until a day. A role that is held already takes the new end."""

    role: Role
    until: Day | None = None
    """The last day; None for ever."""


class WithdrawRole(OfPerson):
    """Somebody does not work as this any more."""

    role: Role


class DeactivatePerson(OfPerson):
    """Somebody works with us no more: signs in no more, and keeps the roles for the day of coming back."""


class ActivatePerson(OfPerson):
    """Somebody has come back."""


PersonCommand = InvitePerson | AdmitPerson | GrantRole | WithdrawRole | DeactivatePerson | ActivatePerson
