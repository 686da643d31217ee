"""People who come by the company's identity provider: how a sign-in begins there, and whom its answer lets in.

Decides: as whom the register comes to know somebody, and what is said to whoever stays out. Must not know: pages,
cookies, how a provider is spoken with, what the register's rules are.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pydantic import TypeAdapter, ValidationError

from domain.decider import Rejected
from domain.person.commands import AdmitPerson
from domain.person.decisions import LastAdmin, NotActive
from domain.values import PersonalText
from web.accounts import working
from web.colleagues import Colleagues
from web.database import UNAVAILABLE
from web.problems import Problem, ProblemKind
from web.provider import ANSWER_REFUSED, PROVIDER_PROBLEMS, Proofs, Provider, ProviderAnswer
from web.provider_starts import ANSWERS_NOTHING, ProviderStarts, Start
from web.random_words import random_word
from web.sessions import Person

SHUT_OUT: Final = ProblemKind("sign-in-deactivated", 403, "You are deactivated here. An administrator can change that.")
ONLY_ADMIN: Final = ProblemKind(
    "sign-in-last-admin",
    403,
    "You would be an administrator no more, and are the only one. Let another one sign in first.",
)
NOT_ADMITTED: Final = ProblemKind("sign-in-not-admitted", 403, "The register of people can take nobody more.")
NO_ROLE_THERE: Final = ProblemKind("no-role-at-provider", 403, "The identity provider gives you no role here.")
REFUSED_AT_THE_DOOR: Final[Mapping[type[Rejected], ProblemKind]] = {NotActive: SHUT_OUT, LastAdmin: ONLY_ADMIN}
PROVIDER_DOOR_PROBLEMS: Final = (*PROVIDER_PROBLEMS, ANSWERS_NOTHING, SHUT_OUT, ONLY_ADMIN, NOT_ADMITTED, NO_ROLE_THERE)

NAMED_BY: Final = ("name", "preferred_username", "email", "sub")
"""Claims that say how somebody is called; the first that can be read on a page."""

LONGEST_TEXT: Final = 200
"""Of a name, as the register takes it; a subject may have 255 characters (OpenID Connect Core 1.0, 8)."""

Admit: TypeAlias = Callable[[AdmitPerson], Awaitable[None]]
"""Has the register take what the provider says, until pages know it. A `Rejected` where it does not; `Problem` 503."""

TEXT: Final = TypeAdapter[str](PersonalText)


@dataclass(frozen=True, slots=True)
class ProviderDoor:
    """Where people come in who sign in at the provider."""

    provider: Provider
    starts: ProviderStarts
    admit: Admit
    colleagues: Colleagues

    @property
    def name(self) -> str:
        """What people call the provider."""
        return self.provider.terms.name

    async def begin(self, browser: str, next_page: str) -> str:
        """The provider's address, for the browser that is known by this name."""
        state, proofs = random_word(), Proofs(random_word(), secrets.token_urlsafe(48))
        address = await self.provider.address(state, proofs)  # nothing is kept while the provider is away
        await self.starts.begin(browser, state, Start(proofs, next_page))
        return address

    async def finish(self, start: Start, answer: ProviderAnswer) -> Person:
        """Who came; `Problem` 403 for whoever stays out."""
        told = _admission(self.provider, await self.provider.claims(answer, start.proofs))
        try:
            await self.admit(told)
        except Rejected as refused:
            raise Problem(REFUSED_AT_THE_DOOR.get(type(refused), NOT_ADMITTED)) from None
        await self.colleagues.refresh(anew=True)
        found = await self.colleagues.known(str(told.person))
        if not told.roles:
            raise Problem(NO_ROLE_THERE)
        if found is None:
            raise Problem(UNAVAILABLE)
        return working(found)


def _admission(provider: Provider, claims: Mapping[str, Any]) -> AdmitPerson:
    """What the provider says, as the register takes it."""
    roles = provider.terms.roles_in(claims)
    unsure = str(claims.get("email_verified", True)).lower() == "false"  # some say it as a text
    email = None if unsure else _text(claims.get("email"))
    if email is not None and "@" not in email:  # somebody would be reached by another person's name
        email = None
    name = next(filter(None, (_text(claims.get(claim), LONGEST_TEXT) for claim in NAMED_BY)), None)
    try:
        return AdmitPerson.model_validate(
            {"issuer": provider.terms.issuer, "subject": claims["sub"], "name": name, "email": email, "roles": roles}
        )
    except ValidationError:
        raise Problem(ANSWER_REFUSED) from None


def _text(value: object, most: int | None = None) -> str | None:
    """What can be read on a page; of a text that may be cut, so much."""
    try:
        return TEXT.validate_python(value[:most] if isinstance(value, str) else value, strict=True)
    except ValidationError:
        return None
