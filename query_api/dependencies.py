"""What the query API needs from outside, in one place, and how a route gets at it.

Decides: which parts may be exchanged (a test's, a company's). Must not know: settings, which log runs, SQL.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Protocol, TypeAlias

from fastapi import Depends
from starlette.requests import Request

from projections.freshness import Collected
from query_api.company import CompanyCard
from query_api.server_sent_events import Followers
from web.caller_dependency import Identity
from web.clock import now
from web.database import Pool
from web.health import Check
from web.kept_forms import KeptForms
from web.problems import ProblemKind
from web.signin import SignIn
from web.tokens import Caller


class LookedAt(Protocol):
    """What the command API answers to a page of ours; `httpx.Response` is one."""

    @property
    def status_code(self) -> int:
        """HTTP status."""
        ...

    @property
    def content(self) -> bytes:
        """A line of JSON for each line, or a problem document."""
        ...


LookAhead: TypeAlias = Callable[[Caller, bytes], Awaitable[LookedAt]]
"""Has the command API look at lines of commands (NDJSON) as this caller; nothing is carried out."""


class Waiter(Protocol):
    """Knows when the views have reached a position of the log."""

    async def reached(self, wanted: Mapping[int, int], deadline_s: float) -> bool:
        """Whether everything up to these sequences, by partition, is applied within `deadline_s` seconds."""
        ...

    @property
    def positions(self) -> Mapping[int, int]:
        """The newest sequence in the views, by partition, as far as it has been heard."""
        ...

    def watch(self, stream: str) -> AbstractContextManager[asyncio.Event]:
        """An event that is set whenever the rows of a stream may have changed."""
        ...

    def collect(self) -> AbstractContextManager[Collected]:
        """Every stream whose rows change from now on."""
        ...


@dataclass(frozen=True, slots=True)
class Readers:
    """Everything that the pages stand on. Filled by the composition root, or by a test."""

    pool: Pool
    """Connections to the database of the views."""
    waiter: Waiter
    identity: Identity
    """Who may call, and the secret of the forms."""
    company: CompanyCard
    training: bool
    """Whether every page carries the banner of a training company."""
    durability: str
    """One English sentence: what a committed order survives."""
    look: LookAhead
    forms: KeptForms
    """Where the command API keeps forms that it refused."""
    partitions: int
    links: str = ""
    """What comes before the path of a link that is given away: `https://orders.example`."""
    https: bool = False
    """Whether the company is reached by TLS."""
    sign_in: SignIn | None = None
    """Where one-time codes are redeemed; None where another service signs people in."""
    checks: Mapping[str, Check] = field(default_factory=dict)
    """What `/health/ready` looks at."""
    problems: Sequence[ProblemKind] = ()
    """Kinds of problems that the command API answers with, for `/problems`."""
    ends: Callable[[], Awaitable[Mapping[int, int]]] | None = None
    """Newest sequence of each partition of the log; None where this process cannot know it."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Names and versions for the status page."""
    clock: Callable[[], datetime] = now
    wait_s: float = 2.0
    """How long a read waits for the positions in `after`."""
    followers: Followers = field(default_factory=Followers)
    """The event streams that are open."""
    heartbeat_s: float = 15.0
    """How long an event source may be silent."""
    follow_s: float = 900.0
    """When an event source ends and the browser asks again, so that nobody keeps reading without the right to."""

    @property
    def has_passwords(self) -> bool:
        """Whether people sign in with passwords."""
        return self.sign_in is not None and self.sign_in.accounts is not None


def readers_of(request: Request) -> Readers:
    """The application's readers."""
    readers = request.app.state.readers
    if not isinstance(readers, Readers):
        raise TypeError("build the application with query_api.app.build")
    return readers


async def _given(request: Request) -> Readers:
    return readers_of(request)  # a coroutine: FastAPI would run a plain function in a thread


Given = Annotated[Readers, Depends(_given)]
