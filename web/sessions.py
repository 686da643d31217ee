"""Sessions of people who signed in: kept here, not in what the browser carries, so that they can be ended.

Decides: when a session is over (signed out, idle for too long, too old, or its token is) and what counts as idle. The
cookie is a random name of the session and nothing else; it is no bearer token. Must not know: how anybody signs in,
cookies, pages.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, LiteralString, Protocol

from domain.roles import Role
from web.clock import now
from web.database import Pool, borrowed

LONGEST_SESSION: Final = timedelta(hours=12)
IDLE: Final = timedelta(minutes=30)
TRUSTED: Final = timedelta(seconds=5)
"""A session that was found is not looked up again for so long; another process's sign-out is seen that late."""
MOST_TRUSTED: Final = 10_000
LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Whose session it is."""

    actor: str
    role: Role


class Sessions(Protocol):
    """Where sessions are kept."""

    async def begin(self, person: Person, until: datetime | None = None) -> str:
        """A new session's name, for the cookie. `until`: the end of the token that it begins with, if it does."""
        ...

    async def find(self, name: str, *, attended: bool) -> Person | None:
        """Whose session this is; None if there is none or it is over. An `attended` request keeps it from idling."""
        ...

    async def end(self, name: str) -> None:
        """End it; nothing happens if there is none."""
        ...


class PostgresSessions:
    """Sessions in `web.session`."""

    BEGIN: Final[LiteralString] = (
        "INSERT INTO web.session (hash, actor, role, ends_at) VALUES (%s, %s, %s, least(now() + %s, %s))"
    )
    SWEEP: Final[LiteralString] = "DELETE FROM web.session WHERE ends_at < now()"
    FIND: Final[LiteralString] = (
        "UPDATE web.session SET seen_at = CASE WHEN %s THEN now() ELSE seen_at END "
        "WHERE hash = %s AND ends_at > now() AND seen_at > now() - %s RETURNING actor, role, ends_at"
    )
    END: Final[LiteralString] = "DELETE FROM web.session WHERE hash = %s"

    def __init__(self, pool: Pool, idle: timedelta = IDLE, clock: Callable[[], datetime] = now) -> None:
        self._pool = pool
        self._idle = idle
        self._clock = clock
        self._trusted: dict[tuple[bytes, bool], tuple[datetime, Person]] = {}

    async def begin(self, person: Person, until: datetime | None = None) -> str:
        """A new session's name; forgets those that are over for good."""
        name = secrets.token_urlsafe(24)
        async with borrowed(self._pool) as connection:
            await connection.execute(self.SWEEP)
            await connection.execute(self.BEGIN, (_hash(name), person.actor, person.role.value, LONGEST_SESSION, until))
        return name

    async def find(self, name: str, *, attended: bool) -> Person | None:
        """Whose session this is; `Problem` 503 while the database is away."""
        hashed = _hash(name)
        known = self._trusted.get((hashed, attended))
        if known is not None and self._clock() < known[0]:
            return known[1]
        async with borrowed(self._pool) as connection:
            found = await connection.execute(self.FIND, (attended, hashed, self._idle))
            row = await found.fetchone()
        self._trusted.pop((hashed, attended), None)
        if row is None:
            return None
        person = Person(row[0], Role(row[1]))
        if len(self._trusted) >= MOST_TRUSTED:
            del self._trusted[next(iter(self._trusted))]
        self._trusted[(hashed, attended)] = (min(self._clock() + TRUSTED, row[2]), person)
        return person

    async def end(self, name: str) -> None:
        """End it, here at once."""
        async with borrowed(self._pool) as connection:
            await connection.execute(self.END, (_hash(name),))
        for attended in (True, False):
            self._trusted.pop((_hash(name), attended), None)


@dataclass(frozen=True, slots=True)
class Kept:
    """A session in memory."""

    person: Person
    ends_at: datetime
    seen_at: datetime


class MemorySessions:
    """The same without a database, for tests."""

    def __init__(self, idle: timedelta = IDLE, clock: Callable[[], datetime] = now) -> None:
        self._idle = idle
        self._clock = clock
        self._kept: dict[str, Kept] = {}

    async def begin(self, person: Person, until: datetime | None = None) -> str:
        """A new session's name."""
        name, at = secrets.token_urlsafe(24), self._clock()
        self._kept[name] = Kept(person, min(at + LONGEST_SESSION, until or at + LONGEST_SESSION), at)
        return name

    async def find(self, name: str, *, attended: bool) -> Person | None:
        """Whose session this is."""
        kept, at = self._kept.get(name), self._clock()
        if kept is None or at >= kept.ends_at or at - kept.seen_at >= self._idle:
            return None
        if attended:
            self._kept[name] = replace(kept, seen_at=at)
        return kept.person

    async def end(self, name: str) -> None:
        """End it."""
        self._kept.pop(name, None)


def _hash(name: str) -> bytes:
    # 192 random bits cannot be guessed from a plain hash; no slow one is needed.
    return hashlib.sha256(name[:LONGEST_NAME].encode(errors="replace")).digest()
