"""Everybody who works with us, and as what.

Decides: which roles somebody has on a day, and who may look after people for good. Must not know: sign-in, sessions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from domain.event_values import PersonalText
from domain.paged_map import PagedMap
from domain.person.events import ProviderIdentity
from domain.roles import Role


@dataclass(frozen=True, slots=True)
class Member:
    """One person."""

    id: UUID
    name: PersonalText
    email: PersonalText | None
    roles: tuple[tuple[Role, date | None], ...] = ()
    """Each with its last day, None for ever; those that have ended are here as well."""
    active: bool = True
    identity: ProviderIdentity | None = None
    """Of whoever came by the identity provider."""

    def roles_on(self, day: date) -> frozenset[Role]:
        """What the person works as on this day."""
        held = frozenset(role for role, until in self.roles if until is None or day <= until)
        return held if self.active else frozenset()

    def holds(self, role: Role, until: date | None) -> bool:
        """Whether the role was granted, with just this end."""
        return (role, until) in self.roles

    @property
    def stays_admin(self) -> bool:
        """Whether the person may look after people, and no day ends that."""
        return self.active and self.holds(Role.ADMIN, None)


@dataclass(frozen=True, slots=True)
class Register:
    """All of them, by id."""

    members: PagedMap[UUID, Member] = field(default_factory=PagedMap)

    @property
    def lasting_admins(self) -> int:
        """How many may look after people, without an end."""
        return sum(member.stays_admin for member in self.members.values())

    @property
    def active(self) -> int:
        """How many work with us."""
        return sum(member.active for member in self.members.values())
