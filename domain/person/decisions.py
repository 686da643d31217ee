"""What is decided about people, over all of them at once: nobody grants himself a role, and the last admin stays.

Decides: who may be called what, and what would leave nobody to look after people. Must not know: which role may send
which command (`domain/access.py`), how anybody signs in.
"""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING, Final, assert_never

from domain.access import STAFF
from domain.decider import Rejected, require
from domain.person.commands import (
    ActivatePerson,
    AdmitPerson,
    DeactivatePerson,
    GrantRole,
    InvitePerson,
    PersonCommand,
    WithdrawRole,
)
from domain.person.events import (
    PersonActivated,
    PersonalDetails,
    PersonDeactivated,
    PersonInvited,
    ProviderIdentity,
    RegisterEvent,
    RoleGranted,
    RoleWithdrawn,
)
from domain.person.evolve import evolve
from domain.person.state import Member, Register
from domain.roles import same_person

if TYPE_CHECKING:
    from uuid import UUID

    from domain.decider import Context
    from domain.roles import Role

LONGEST_OWN_NAME: Final = 90
"""Of a name that something is put to, and of an address that is: together they are a name again."""
MOST_PEOPLE: Final = 5_000
"""The register is one state in memory, and a name is compared with all others."""


class UnknownPerson(Rejected):
    """There is no such person."""


class NameTaken(Rejected):
    """Somebody else is called so. Add what tells them apart: everybody reads the name."""


class EmailTaken(Rejected):
    """Somebody else has this e-mail address."""


class TooManyPeople(Rejected):
    """The register is full."""


class RoleOfPrograms(Rejected):
    """Only programs have this role."""


class OwnRole(Rejected):
    """Nobody grants himself a role. Somebody else has to."""


class RoleEndsInThePast(Rejected):
    """The role would have ended before it begins."""


class NotActive(Rejected):
    """The person is deactivated."""


class RuledByProvider(Rejected):
    """The company's identity provider rules this person's roles: they are changed there."""


class LastAdmin(Rejected):
    """Nobody would be left to look after people. Make somebody else an administrator first."""


Happened = tuple[RegisterEvent, ...]


def decide(state: Register, command: PersonCommand, context: Context) -> Happened:
    """What happens upon `command`; nothing where it is so already."""
    if isinstance(command, InvitePerson):
        return _invite(state, command, context)
    if isinstance(command, AdmitPerson):
        events = _admit(state, command, context)
    else:
        events = _about_somebody(state, command, context)
    _require_an_admin(state, events)
    return events


def _about_somebody(
    state: Register, command: GrantRole | WithdrawRole | DeactivatePerson | ActivatePerson, context: Context
) -> Happened:
    member = _known(state, command.person)
    match command:
        case GrantRole():
            return _grant(member, command, context)
        case WithdrawRole():
            return _withdraw(member, command, context)
        case DeactivatePerson():
            gone = PersonDeactivated(person=member.id, occurred_at=context.occurred_at, reason=command.reason)
            return (gone,) if member.active else ()
        case ActivatePerson():
            back = PersonActivated(person=member.id, occurred_at=context.occurred_at, reason=command.reason)
            return () if member.active else (back,)
        case _:
            assert_never(command)


def _invite(state: Register, command: InvitePerson, context: Context) -> Happened:
    require(len(state.members) < MOST_PEOPLE, TooManyPeople, people=len(state.members))
    require(not _means_somebody(state, command.name), NameTaken)
    require(command.email is None or not _means_somebody(state, command.email), EmailTaken)
    _require_for_people(command.role)
    person, at = context.command_id, context.occurred_at
    details = PersonalDetails(name=command.name, email=command.email)
    return (
        PersonInvited(person=person, details=details, occurred_at=at, reason=command.reason),
        RoleGranted(person=person, role=command.role, occurred_at=at),
    )


def _admit(state: Register, command: AdmitPerson, context: Context) -> Happened:
    """Known by the provider's word alone: somebody who is called alike, or has the address, is somebody else."""
    for role in command.roles:
        _require_for_people(role)
    at, person = context.occurred_at, command.person
    member = state.members.get(person)
    if member is not None:
        require(member.active, NotActive)
        return _as_the_provider_says(member, command, context)
    if not command.roles:
        return ()
    require(len(state.members) < MOST_PEOPLE, TooManyPeople, people=len(state.members))
    email = None if command.email is None or _means_somebody(state, command.email) else command.email
    identity = ProviderIdentity(issuer=command.issuer, subject=command.subject)
    details = PersonalDetails(name=_free_name(state, command), email=email)
    return (
        PersonInvited(person=person, details=details, identity=identity, occurred_at=at),
        *(RoleGranted(person=person, role=role, occurred_at=at) for role in dict.fromkeys(command.roles)),
    )


def _as_the_provider_says(member: Member, command: AdmitPerson, context: Context) -> Happened:
    """Grants first: one who goes from role to role has one all the time."""
    at, held = context.occurred_at, dict(member.roles)
    new = (role for role in dict.fromkeys(command.roles) if not member.holds(role, None))
    return (
        *(RoleGranted(person=member.id, role=role, occurred_at=at) for role in new),
        *(RoleWithdrawn(person=member.id, role=role, occurred_at=at) for role in held if role not in command.roles),
    )


def _free_name(state: Register, command: AdmitPerson) -> str:
    """The name, with what tells it from others: a page and a record always mean the same person."""
    name = command.name[:LONGEST_OWN_NAME]
    told = f"{name} ({command.email[:LONGEST_OWN_NAME]})" if command.email is not None else f"{name} 2"
    numbered = (f"{name} {number}" for number in count(3))
    return next(each for each in chain((command.name, told), numbered) if not _means_somebody(state, each))


def _means_somebody(state: Register, word: str) -> bool:
    """Whether somebody is called so, or reached so: at the door people type either, and it names one person."""
    return any(
        same_person(word, called)
        for known in state.members.values()
        for called in (known.name, known.email)
        if called is not None
    )


def _grant(member: Member, command: GrantRole, context: Context) -> Happened:
    require(str(member.id) != context.actor, OwnRole)
    require(member.identity is None, RuledByProvider)
    require(member.active, NotActive)
    _require_for_people(command.role)
    if member.holds(command.role, command.until):
        return ()
    require(command.until is None or context.today <= command.until, RoleEndsInThePast)
    return (
        RoleGranted(
            person=member.id,
            role=command.role,
            until=command.until,
            occurred_at=context.occurred_at,
            reason=command.reason,
        ),
    )


def _withdraw(member: Member, command: WithdrawRole, context: Context) -> Happened:
    require(member.identity is None, RuledByProvider)
    if command.role not in dict(member.roles):
        return ()
    return (RoleWithdrawn(person=member.id, role=command.role, occurred_at=context.occurred_at, reason=command.reason),)


def _require_for_people(role: Role) -> None:
    require(role in STAFF, RoleOfPrograms)


def _require_an_admin(state: Register, events: Happened) -> None:
    """Where somebody looks after people without an end, somebody does so afterwards."""
    after = state
    for event in events:
        after = evolve(after, event)
    require(after.lasting_admins > 0 or state.lasting_admins == 0, LastAdmin)


def _known(state: Register, person: UUID) -> Member:
    member = state.members.get(person)
    if member is None:
        raise UnknownPerson
    return member
