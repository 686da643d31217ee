"""The people of the departments as HTTP clients: each acts under a token of its role and reads what everybody reads.

Decides: how a command is sent (its key, its retries) and measures how long answers took. Must not know: what is played.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import httpx

from domain.access import Role
from ordertrail import issuer
from web.tokens import Caller

if TYPE_CHECKING:
    from ordertrail.manifest import Manifest
    from ordertrail.settings import Settings

TOKEN_LIFETIME: Final = timedelta(hours=12)
STAFF_CONNECTIONS: Final = 64
TIMEOUT_S: Final = 30.0
GIVE_UP_S: Final = 120.0
"""How long a command is repeated while the server is unreachable."""
PAUSES_S: Final = (0.05, 0.1, 0.2, 0.5, 1.0)

JsonObject = dict[str, Any]
Token: TypeAlias = Callable[[Role, str | None], str]
"""A token for a role; for a carrier with its name."""


class Refused(Exception):
    """A command or a question was refused; the message names it and the problem, never what was sent."""


@dataclass(slots=True)
class Measured:
    """What was sent so far: commands, and the latency of each in milliseconds, from sending to its final answer."""

    latencies_ms: list[float] = field(default_factory=list)

    @property
    def commands(self) -> int:
        """How many commands were answered."""
        return len(self.latencies_ms)

    def percentile(self, share: float) -> float:
        """Nearest-rank percentile; 0 where nothing was measured."""
        ordered = sorted(self.latencies_ms)
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2) if ordered else 0.0


class Staff:
    """Everybody who works on the orders of one run. `run` makes the keys of this run its own."""

    def __init__(self, client: httpx.AsyncClient, token: Token, run: str) -> None:
        self.measured = Measured()
        self._client = client
        self._token = token
        self._run = run

    async def send(self, role: Role, path: str, body: JsonObject, key: str) -> JsonObject:
        """Have a command carried out, under the same key as often as it takes; its answer."""
        bearer = self._token(role, _carrier(role, body))
        headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": f"{self._run}/{key}"}
        begun = time.perf_counter()
        answer = await self._until_answered(self._client.build_request("POST", path, headers=headers, json=body))
        self.measured.latencies_ms.append((time.perf_counter() - begun) * 1000)
        return _accepted(answer, f"{path} {key}")

    async def look(self, path: str, after: str = "") -> JsonObject:
        """Read as JSON what the departments read; with `after`, not before that position is shown."""
        headers = {"Authorization": f"Bearer {self._token(Role.ANALYST, None)}", "Accept": "application/json"}
        question = {"after": after} if after else {}
        request = self._client.build_request("GET", path, headers=headers, params=question)
        return _accepted(await self._until_answered(request), path)

    async def _until_answered(self, request: httpx.Request) -> httpx.Response:
        """The first answer that does not say "try again"."""
        deadline = time.monotonic() + GIVE_UP_S
        attempt = 0
        while True:
            answer: httpx.Response | None = None
            with contextlib.suppress(httpx.TransportError):
                answer = await self._client.send(request)
            if answer is not None and answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return answer
            if time.monotonic() >= deadline:
                raise Refused(f"{request.url.path}: no answer within {GIVE_UP_S:.0f} s")
            await asyncio.sleep(PAUSES_S[min(attempt, len(PAUSES_S) - 1)])
            attempt += 1


def _carrier(role: Role, body: JsonObject) -> str | None:
    """A carrier speaks of its own parcels, by a token of its own."""
    return str(body["carrier"]) if role is Role.CARRIER else None


def _accepted(answer: httpx.Response, what: str) -> JsonObject:
    if answer.is_success:
        found: JsonObject = answer.json()
        return found
    code, detail = answer.status_code, answer.text[:200]
    with contextlib.suppress(ValueError):
        problem: JsonObject = answer.json()
        detail = f"{problem.get('code', '')} {problem.get('detail', '')}".strip()
    raise Refused(f"{what}: {code} {detail}")


@contextlib.asynccontextmanager
async def staff_of(settings: Settings, manifest: Manifest, run: str, url: str = "") -> AsyncGenerator[Staff]:
    """The staff of the company in the manifest, at work at `url`; tokens are issued with this data's own key."""
    signer = issuer.Issuer(settings, manifest)

    @cache
    def token(role: Role, carrier: str | None) -> str:
        caller = Caller(f"{role.value}.1", role, manifest.company, manifest.training, carrier)
        return signer.token(caller, TOKEN_LIFETIME)

    limits = httpx.Limits(max_connections=STAFF_CONNECTIONS, max_keepalive_connections=STAFF_CONNECTIONS)
    async with httpx.AsyncClient(base_url=url or settings.url, timeout=TIMEOUT_S, limits=limits) as client:
        yield Staff(client, token, run)
