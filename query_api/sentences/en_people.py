"""English: people and their roles; what happened to them, and what the page about them says."""

from __future__ import annotations

from typing import Final, assert_never

from domain.offering import Act
from domain.person import events as person
from query_api.sentences.en_words import ROLES, day

PEOPLE_ACTS: Final[dict[Act, str]] = {
    Act.INVITE_PERSON: "Invite",
    Act.GRANT_ROLE: "Grant role",
    Act.WITHDRAW_ROLE: "Withdraw role",
    Act.DEACTIVATE_PERSON: "Deactivate",
    Act.ACTIVATE_PERSON: "Activate again",
}

PEOPLE_FIELDS: Final[dict[str, str]] = {
    "email": "E-mail",
    "name": "Name",
    "person": "Person",
    "role": "Role",
    "until": "Deputy until (last day; leave it empty for good)",
}

PEOPLE_TEXTS: Final[dict[str, str]] = {
    "people": "People",
    "people_hint": "Who works with us, and as what. Whoever is here signs in with a password, or at the identity provider; programs, and links that the command line makes, come with a role of their own.",
    "empty_people": "Nobody has been invited yet.",
    "role_list": "Roles",
    "no_role": "No role at present",
    "deputy_until": "Deputy until {day}",
    "role_ended": "ended {day}",
    "person_state": "State",
    "person_active": "Active",
    "person_inactive": "Deactivated",
    "person_id": "Acts under the id",
    "lasting_admins": "Administrators without an end",
    "ruled_by_provider": "Signs in with the company's identity provider. It rules the roles, at each sign-in; they cannot be granted or withdrawn here. Whoever is deactivated here stays out whatever it says.",
    "unknown-person_title": "No such person",
    "unknown-person_text": "Nobody was invited under this address. Please look in the list.",
}


def sentence(event: person.RegisterEvent) -> str:
    """One event as one sentence."""
    match event:
        case person.PersonInvited():
            at = f" ({event.details.email})" if event.details.email else ""
            return f"{'Came by the identity provider' if event.identity else 'Invited'}: {event.details.name}{at}."
        case person.RoleGranted():
            until = f", as a deputy until {day(event.until)}" if event.until else ""
            return f"Role granted: {ROLES[event.role]}{until}."
        case person.RoleWithdrawn():
            return f"Role withdrawn: {ROLES[event.role]}."
        case person.PersonDeactivated():
            return "Deactivated."
        case person.PersonActivated():
            return "Activated again."
        case _:
            assert_never(event)
