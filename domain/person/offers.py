"""What can be done about people now: what the register would take, and what would change something.

Must not know: which role may send it (`domain/offers.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.access import STAFF
from domain.offering import Act, Offer, OneOf, Rank
from domain.person.commands import ActivatePerson, DeactivatePerson, GrantRole, InvitePerson, OfPerson, WithdrawRole
from domain.person.decisions import MOST_PEOPLE
from domain.roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from domain.decider import Command, Context
    from domain.person.state import Member, Register

FOR_PEOPLE: Final = OneOf(tuple(sorted(STAFF)))


def invitations(state: Register, version: int, context: Context) -> Iterator[Offer]:
    """To invite somebody, while there is room."""
    if len(state.members) < MOST_PEOPLE:
        yield Offer(Act.INVITE_PERSON, InvitePerson, context.stream, version, limits={"role": FOR_PEOPLE})


def about(state: Register, member: Member, version: int, context: Context) -> Iterator[Offer]:
    """What can be done about one person."""
    given = {"person": member.id}
    is_last = member.stays_admin and state.lasting_admins == 1
    ruled_here = member.identity is None
    if ruled_here and member.active and str(member.id) != context.actor:
        roles = tuple(role for role in FOR_PEOPLE.values if role is not Role.ADMIN or not is_last)
        yield Offer(
            Act.GRANT_ROLE,
            GrantRole,
            context.stream,
            version,
            given=given,
            limits={"role": OneOf(roles)},
            is_known=_is_known(member, context),
        )
    for role, _ in member.roles if ruled_here else ():
        if role is not Role.ADMIN or not is_last:
            yield Offer(
                Act.WITHDRAW_ROLE, WithdrawRole, context.stream, version, Rank.POSSIBLE, given={**given, "role": role}
            )
    if not member.active:
        yield Offer(Act.ACTIVATE_PERSON, ActivatePerson, context.stream, version, given=given)
    elif not is_last:
        yield Offer(Act.DEACTIVATE_PERSON, DeactivatePerson, context.stream, version, Rank.POSSIBLE, given=given)


def offers_of_kind(state: Register, command: Command, version: int, context: Context) -> Iterator[Offer]:
    """Those among which the command's own would be: about its person, or about people altogether."""
    if not isinstance(command, OfPerson):
        yield from invitations(state, version, context)
        return
    member = state.members.get(command.person)
    if member is not None:
        yield from about(state, member, version, context)


def _is_known(member: Member, context: Context) -> Callable[[GrantRole], bool]:
    def known(command: GrantRole) -> bool:
        """Nothing new, or an end that has passed."""
        ended = command.until is not None and command.until < context.today
        return ended or member.holds(command.role, command.until)

    return known
