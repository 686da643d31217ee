"""Commands about people. Administrators send them.

Must not know: how anybody signs in.
"""

from __future__ import annotations

from uuid import UUID

from domain.decider import Command
from domain.roles import Role
from domain.values import Day, PersonalText


class InvitePerson(Command):
    """Somebody is to work with us. The person is called by the id of this command, and may be renamed or forgotten."""

    name: PersonalText
    """As everybody reads it; no other person is called so."""
    email: PersonalText | None = None
    role: Role
    """The first of perhaps several."""


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


PersonCommand = InvitePerson | GrantRole | WithdrawRole | DeactivatePerson | ActivatePerson
