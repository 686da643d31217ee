"""Both applications behind one port, separated by path, with what they depend on.

Decides: which path is whose. Must not know: what any route does.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

import httpx

import commands.app
import commands.problems
import query_api.app
from commands.bulk import NDJSON
from domain.company_time import day_in
from domain.roles import Role
from ordertrail.issuer import Issuer
from ordertrail.provider_setup import provider_door
from ordertrail.settings import PICTURES
from projections.register import RegisterReader
from projections.registry import BOARDS
from query_api.company import CompanyCard, Logo
from query_api.dependencies import Readers
from web.accounts import Accounts, keep_shut
from web.badge_door import BadgeDoor
from web.badges import Badges
from web.caller_dependency import Identity
from web.clock import now
from web.colleagues import Colleagues
from web.command_addresses import BULK_PATH
from web.database import borrowed
from web.devices import Devices
from web.kept_forms import PostgresForms
from web.passwords import Passwords
from web.sealing import Seal
from web.second_factors import FACTOR_PURPOSE, SecondFactors
from web.second_step import STEP_PURPOSE, SecondStep
from web.sessions import PostgresSessions
from web.sign_in_codes import SignInCodes
from web.sign_in_tries import SignInTries
from web.signin import SignIn
from web.slow_hashes import SlowHashes
from web.tokens import Caller, Tokens

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from ordertrail.manifest import Manifest
    from ordertrail.settings import Settings
    from projections.freshness import PositionWaiter
    from streams.writing.writers import Writers
    from web.database import Pool
    from web.health import Check
    from web.sessions import Sessions

COMMANDS_PATH: Final = "/commands"


@dataclass(frozen=True, slots=True)
class Parts:
    """What the applications stand on."""

    settings: Settings
    manifest: Manifest
    reading: Pool
    door: Pool
    """Connections for sign-in and sessions."""
    writers: Writers
    waiter: PositionWaiter
    durability: str
    """What was found of the log, for the status page."""


class ByPath:
    """Serves `/commands/...` by one application and everything else by the other."""

    def __init__(self, command_api: ASGIApp, query_api: ASGIApp) -> None:
        self._command_api = command_api
        self._query_api = query_api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("path", "")
        commanded = path == COMMANDS_PATH or path.startswith(f"{COMMANDS_PATH}/")
        await (self._command_api if commanded else self._query_api)(scope, receive, send)


@dataclass(frozen=True, slots=True)
class CommandDoor:
    """How pages reach the command API: within this process, in the name of who is signed in."""

    client: httpx.AsyncClient
    issuer: Issuer

    async def look(self, caller: Caller, lines: bytes) -> httpx.Response:
        """Have lines of commands looked at."""
        headers = {"Authorization": f"Bearer {self.issuer.form_token(caller)}", "Content-Type": NDJSON}
        return await self.client.post(f"{BULK_PATH}?preview=true", content=lines, headers=headers)


@contextlib.asynccontextmanager
async def both(parts: Parts, checks: Mapping[str, Check]) -> AsyncGenerator[ASGIApp]:
    """The two applications as one, while it may be called."""
    settings, manifest = parts.settings, parts.manifest
    issuer = Issuer(settings, manifest)
    sessions = PostgresSessions(parts.door, timedelta(minutes=settings.session_idle_minutes))
    forms = PostgresForms(parts.door)
    https = settings.links.startswith("https://")
    colleagues = Colleagues(RegisterReader(partial(borrowed, parts.door)).read, lambda: day_in(settings.zone, now()))
    accounts, badges = people_doors(parts, colleagues, sessions, issuer.form_secret())
    async with contextlib.AsyncExitStack() as stack:
        identity = await stack.enter_async_context(identified(issuer, manifest, sessions, colleagues))
        codes = SignInCodes(parts.door)
        shutting = asyncio.create_task(keep_shut(colleagues, sessions.end_of, codes.revoke, badges.badges.forget))
        stack.callback(shutting.cancel)
        command_api = commands.app.build(parts.writers, identity, forms, https=https)
        by_provider = await stack.enter_async_context(provider_door(parts, colleagues))
        client = httpx.AsyncClient(transport=httpx.ASGITransport(command_api), base_url=settings.url)
        door = CommandDoor(await stack.enter_async_context(client), issuer)

        async def ends() -> Mapping[int, int]:
            return {writer.partition.number: writer.partition.sequence for writer in parts.writers.all}

        readers = Readers(
            pool=parts.reading,
            waiter=parts.waiter,
            identity=identity,
            company=card_of(settings),
            training=manifest.training,
            durability=parts.durability,
            look=door.look,
            forms=forms,
            partitions=manifest.partitions,
            links=settings.links,
            https=https,
            sign_in=SignIn(codes, sessions, landing, https, accounts, badges, by_provider),
            checks=checks,
            problems=commands.problems.kinds(),
            ends=ends,
            versions=versions(settings),
        )
        yield ByPath(command_api, query_api.app.build(readers))


def people_doors(parts: Parts, colleagues: Colleagues, sessions: Sessions, secret: bytes) -> tuple[Accounts, BadgeDoor]:
    """What people of the register sign in with; `secret` is the one of the forms."""
    tries, hashes, company = SignInTries(parts.door), SlowHashes(), parts.settings.company_name
    factors = SecondFactors(parts.door, Seal(secret, FACTOR_PURPOSE))
    second = SecondStep(factors, Seal(secret, STEP_PURPOSE), tries)
    accounts = Accounts(colleagues, Passwords(parts.door, hashes), tries, sessions, company, second)
    badges = Badges(parts.door, hashes, secret)
    return accounts, BadgeDoor(badges, Devices(parts.door), colleagues, tries, sessions)


def card_of(settings: Settings) -> CompanyCard:
    """What the company says of itself."""
    logo = settings.company_logo
    return CompanyCard(
        name=settings.company_name,
        address=settings.company_address or "",
        phone=settings.company_phone or "",
        email=settings.company_email or "",
        hours=settings.company_hours or "",
        zone=settings.zone,
        logo=None if logo is None else Logo(logo.read_bytes(), PICTURES[logo.suffix.lower()]),
    )


@contextlib.asynccontextmanager
async def identified(
    issuer: Issuer, manifest: Manifest, sessions: Sessions, colleagues: Colleagues | None = None
) -> AsyncGenerator[Identity]:
    """How callers are known, while it may be used: an identity provider's keys are kept up to date."""
    provider = issuer.provider()
    tokens = Tokens(issuer.form_rules(), provider.rules if provider else issuer.own_rules())
    known = Identity(tokens, issuer.form_secret(), manifest.company, manifest.training, sessions, colleagues)
    if provider is None:
        yield known
        return
    await provider.refresh(tokens)
    keeping = asyncio.create_task(provider.keep(tokens))
    try:
        yield replace(known, refresh_keys=partial(provider.refresh, tokens))
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


def landing(role: Role) -> str:
    """The page that a role starts on: its department's board, where it has one."""
    return next((f"/boards/{board.name}" for board in BOARDS if role in board.roles), "/")


def versions(settings: Settings) -> dict[str, str]:
    """What the status page says of this program and its log."""
    return {"ordertrail": version("ordertrail"), "log": settings.log.value}
