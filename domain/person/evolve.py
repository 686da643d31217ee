"""What each event makes of the register. Total: any event in any state.

Must not know: why anything happened.
"""

from __future__ import annotations

from datetime import date
from typing import assert_never

from domain.person.events import (
    PersonActivated,
    PersonDeactivated,
    PersonInvited,
    RegisterEvent,
    RoleGranted,
    RoleWithdrawn,
)
from domain.person.state import Member, Register
from domain.replacing import replace
from domain.roles import Role


def initial(_stream: str) -> Register:
    """Nobody was ever invited."""
    return Register()


def evolve(state: Register, event: RegisterEvent) -> Register:
    """The register after `event`."""
    if isinstance(event, PersonInvited):
        return _with(state, Member(event.person, event.details.name, event.details.email, identity=event.identity))
    member = state.members.get(event.person)
    return state if member is None else _with(state, _changed(member, event))


def _changed(member: Member, event: RoleGranted | RoleWithdrawn | PersonDeactivated | PersonActivated) -> Member:
    match event:
        case RoleGranted():
            return replace(member, roles=(*_without(member, event.role), (event.role, event.until)))
        case RoleWithdrawn():
            return replace(member, roles=_without(member, event.role))
        case PersonDeactivated():
            return replace(member, active=False)
        case PersonActivated():
            return replace(member, active=True)
        case _:
            assert_never(event)


def _without(member: Member, role: Role) -> tuple[tuple[Role, date | None], ...]:
    return tuple(held for held in member.roles if held[0] is not role)


def _with(state: Register, member: Member) -> Register:
    return Register(state.members.set(member.id, member))
