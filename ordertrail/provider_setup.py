"""The company's identity provider at which people sign in: made of the settings, and led to the register of people.

Decides: which settings belong together, and under which name the register is told of somebody. Must not know: the
protocol.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx

from commands.execution import command_hash
from commands.problems import problem_of
from domain.access import STAFF
from domain.roles import Role, program
from domain.stream_names import PEOPLE
from ordertrail.settings import SettingsError
from streams.writing.errors import WriteError
from streams.writing.submission import Submission
from web.database import UNAVAILABLE
from web.fetching import FETCH_S
from web.problems import Problem
from web.provider import Provider, ProviderTerms
from web.provider_desk import CALLBACK_PATH
from web.provider_door import ProviderDoor
from web.provider_starts import ProviderStarts

if TYPE_CHECKING:
    from domain.person.commands import AdmitPerson
    from ordertrail.applications import Parts
    from ordertrail.settings import Settings
    from projections.freshness import PositionWaiter
    from streams.writing.writers import Writers
    from web.colleagues import Colleagues

KNOWN_S: Final = 5.0
"""For the views to know somebody who comes for the first time."""


def provider_terms(settings: Settings) -> ProviderTerms | None:
    """What is agreed with the provider; None where people do not sign in at one."""
    if settings.provider_issuer is None:
        return None
    if settings.provider_client_id is None:
        raise SettingsError("PROVIDER_ISSUER needs PROVIDER_CLIENT_ID, as whom this instance is known there.")
    return ProviderTerms(
        name=settings.provider_name,
        issuer=settings.provider_issuer,
        client_id=settings.provider_client_id,
        secret=settings.provider_client_secret.get_secret_value(),
        scope=settings.provider_scope,
        claim=settings.provider_roles_claim,
        roles=settings.provider_roles or {role.value: role for role in STAFF},
        redirect=f"{settings.links}{CALLBACK_PATH}",
    )


@contextlib.asynccontextmanager
async def provider_door(parts: Parts, colleagues: Colleagues) -> AsyncGenerator[ProviderDoor | None]:
    """Where people of the provider come in, while it may be asked; None where there is none."""
    terms = provider_terms(parts.settings)
    if terms is None:
        yield None
        return
    people = ProvidedPeople(terms.name, parts.writers, parts.waiter)
    async with httpx.AsyncClient(timeout=FETCH_S) as client:
        yield ProviderDoor(Provider(terms, client), ProviderStarts(parts.door), people.admit, colleagues)


@dataclass(frozen=True, slots=True)
class ProvidedPeople:
    """Tells the register what the provider says."""

    name: str
    writers: Writers
    waiter: PositionWaiter

    async def admit(self, command: AdmitPerson) -> None:
        """Record it, and wait until pages know it. A `Rejected` where the register does not take it; `Problem` 503."""
        ident = self.writers.runtime.new_id()
        told = Submission(
            stream=PEOPLE,
            command=command,
            command_id=ident,
            command_hash=command_hash(PEOPLE, command, command.model_dump(mode="json")),
            actor=program(self.name),
            role=Role.WORKFLOW,
            correlation_id=ident,
            lookup=False,
        )
        try:
            result = await self.writers.submit(told)
        except WriteError as error:
            raise problem_of(error) from None
        place = result.position
        if place is not None and not await self.waiter.reached({place.partition: place.sequence}, KNOWN_S):
            raise Problem(UNAVAILABLE, headers={"Retry-After": "1"})
