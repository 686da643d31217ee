"""What happened to people of ours."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.decider import Event
from domain.event_values import Model, PersonalText
from domain.roles import Role


class PersonalDetails(Model):
    """What says who a person is."""

    name: PersonalText
    email: PersonalText | None = None


class ProviderIdentity(Model):
    """As whom the company's identity provider knows somebody: by both together, for ever."""

    issuer: PersonalText
    subject: PersonalText


class PersonEvent(Event):
    """Base of what happened to somebody. `person` is the id under which the person acts for ever."""

    person: UUID


class PersonInvited(PersonEvent):
    """Somebody is to work with us."""

    details: PersonalDetails
    identity: ProviderIdentity | None = None
    """Of somebody who came by the identity provider, which rules the person's roles from then on."""


class RoleGranted(PersonEvent):
    """Somebody works as this, for ever or until a day; replaces an earlier end."""

    role: Role
    until: date | None = None
    """The last day; None for ever."""


class RoleWithdrawn(PersonEvent):
    """Somebody does not work as this any more."""

    role: Role


class PersonDeactivated(PersonEvent):
    """Somebody works with us no more."""


class PersonActivated(PersonEvent):
    """Somebody who was deactivated works with us again."""


RegisterEvent = PersonInvited | RoleGranted | RoleWithdrawn | PersonDeactivated | PersonActivated
