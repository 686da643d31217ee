"""What is decided about people, over all of them at once: nobody grants himself a role, and the last admin stays.

Decides: who may be called what, and what would leave nobody to look after people. Must not know: which role may send
which command (`domain/access.py`), how anybody signs in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from domain.access import STAFF
from domain.decider import Rejected, require
from domain.person.commands import (
    ActivatePerson,
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


class LastAdmin(Rejected):
    """Nobody would be left to look after people. Make somebody else an administrator first."""


Happened = tuple[RegisterEvent, ...]


def decide(state: Register, command: PersonCommand, context: Context) -> Happened:
    """What happens upon `command`; nothing where it is so already."""
    if isinstance(command, InvitePerson):
        return _invite(state, command, context)
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
    require(not any(same_person(command.name, known.name) for known in state.members.values()), NameTaken)
    if command.email is not None:
        addresses = (known.email for known in state.members.values() if known.email is not None)
        require(not any(same_person(command.email, address) for address in addresses), EmailTaken)
    _require_for_people(command.role)
    person, at = context.command_id, context.occurred_at
    details = PersonalDetails(name=command.name, email=command.email)
    return (
        PersonInvited(person=person, details=details, occurred_at=at, reason=command.reason),
        RoleGranted(person=person, role=command.role, occurred_at=at),
    )


def _grant(member: Member, command: GrantRole, context: Context) -> Happened:
    require(str(member.id) != context.actor, OwnRole)
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
