"""Sessions of people who signed in: kept here, not in what the browser carries, so that they can be ended.

Decides: when a session is over (signed out, idle for too long, too old, or its token is) and what counts as idle. The
cookie is a random name of the session and nothing else; it is no bearer token. Others see a session by its id, with
which nobody is signed in. Must not know: how anybody signs in, cookies, pages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, LiteralString, Protocol
from uuid import UUID

from domain.roles import Role
from web.clock import now
from web.database import Pool, borrowed, one_row
from web.random_words import hash_of_word, random_word

LONGEST_SESSION: Final = timedelta(hours=12)
IDLE: Final = timedelta(minutes=30)
IDLE_AT_DEVICE: Final = timedelta(minutes=10)
"""Of a session that began with a badge: whoever passes the bench next would be somebody else."""
TRUSTED: Final = timedelta(seconds=5)
"""A session that was found is not looked up again for so long; another process's sign-out is seen that late."""
MOST_TRUSTED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Person:
    """Whose session it is."""

    actor: str
    role: Role
    registered: bool = field(default=False, compare=False)
    """Whether it is somebody of the register, without whom the session is nobody's."""
    device: UUID | None = field(default=None, compare=False)
    """Where a badge was scanned; None for whoever came in another way."""
    one_role: bool = field(default=False, compare=False)
    """Whether a token or a link let the person in, which is good for this role and no other."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A session as its owner sees it."""

    id: str
    begun_at: datetime
    seen_at: datetime
    device: UUID | None = None
    """Where a badge was scanned."""


class Sessions(Protocol):
    """Where sessions are kept."""

    async def begin(self, person: Person, until: datetime | None = None) -> str:
        """A new session's name, for the cookie. `until`: the end of the token that it begins with, if it does."""
        ...

    async def find(self, name: str, *, attended: bool) -> Person | None:
        """Whose session this is; None if there is none or it is over. An `attended` request keeps it from idling."""
        ...

    async def owner(self, name: str) -> str:
        """Whose session this is, or was, if that is still known; empty otherwise."""
        ...

    async def end(self, name: str) -> None:
        """End it; nothing happens if there is none."""
        ...

    async def work_as(self, name: str, role: Role) -> None:
        """Let its person go on as this."""
        ...

    async def of(self, actor: str) -> Sequence[Begun]:
        """Those of somebody that are not over, the one seen last first."""
        ...

    async def end_of(self, actor: str, only: str | None = None, *, but: str | None = None) -> None:
        """End all of somebody's, or only the one with this id, or all but the one with that id."""
        ...

    async def end_by_badge(self, *, actor: str | None = None, device: UUID | None = None) -> None:
        """End those that began with a badge: somebody's, or at a device."""
        ...


class PostgresSessions:
    """Sessions in `web.session`."""

    BEGIN: Final[LiteralString] = (
        "INSERT INTO web.session (hash, actor, role, registered, device, one_role, ends_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, least(now() + %s, %s))"
    )
    SWEEP: Final[LiteralString] = "DELETE FROM web.session WHERE ends_at < now() - interval '15 minutes'"
    FIND: Final[LiteralString] = (
        "UPDATE web.session SET seen_at = CASE WHEN %s THEN now() ELSE seen_at END "
        "WHERE hash = %s AND ends_at > now() AND seen_at > now() - CASE WHEN device IS NULL THEN %s ELSE %s END "
        "RETURNING actor, role, registered, device, one_role, ends_at"
    )
    OWNER: Final[LiteralString] = "SELECT actor FROM web.session WHERE hash = %s"
    END: Final[LiteralString] = "DELETE FROM web.session WHERE hash = %s"
    WORK_AS: Final[LiteralString] = "UPDATE web.session SET role = %s WHERE hash = %s"
    OF: Final[LiteralString] = (
        "SELECT encode(hash, 'hex'), begun_at, seen_at, device FROM web.session "
        "WHERE actor = %s AND ends_at > now() AND seen_at > now() - CASE WHEN device IS NULL THEN %s ELSE %s END "
        "ORDER BY seen_at DESC, hash"
    )
    END_OF: Final[LiteralString] = (
        "DELETE FROM web.session WHERE actor = %s AND encode(hash, 'hex') = coalesce(%s, encode(hash, 'hex')) "
        "AND encode(hash, 'hex') <> coalesce(%s, '')"
    )
    END_BY_BADGE: Final[LiteralString] = (
        "DELETE FROM web.session WHERE device IS NOT NULL AND (actor = %s OR device = %s)"
    )

    def __init__(self, pool: Pool, idle: timedelta = IDLE, clock: Callable[[], datetime] = now) -> None:
        self._pool = pool
        self._idle = (idle, min(idle, IDLE_AT_DEVICE))
        """Of every session, and of those that began with a badge."""
        self._clock = clock
        self._trusted: dict[tuple[bytes, bool], tuple[datetime, Person]] = {}
        self._ended = 0
        """How often something was ended or changed: what was read before that is not trusted after it."""

    async def begin(self, person: Person, until: datetime | None = None) -> str:
        """A new session's name; forgets those that are over for good."""
        name = random_word()
        async with borrowed(self._pool) as connection:
            await connection.execute(self.SWEEP)
            whose = (person.actor, person.role.value, person.registered, person.device, person.one_role)
            await connection.execute(self.BEGIN, (hash_of_word(name), *whose, LONGEST_SESSION, until))
        return name

    async def find(self, name: str, *, attended: bool) -> Person | None:
        """Whose session this is; `Problem` 503 while the database is away."""
        hashed = hash_of_word(name)
        known = self._trusted.get((hashed, attended))
        if known is not None and self._clock() < known[0]:
            return known[1]
        ended = self._ended
        row = await one_row(self._pool, self.FIND, (attended, hashed, *self._idle))
        self._trusted.pop((hashed, attended), None)
        if row is None:
            return None
        person = Person(row[0], Role(row[1]), *row[2:5])
        if ended != self._ended:
            return person
        if len(self._trusted) >= MOST_TRUSTED:
            del self._trusted[next(iter(self._trusted))]
        self._trusted[(hashed, attended)] = (min(self._clock() + TRUSTED, row[5]), person)
        return person

    async def owner(self, name: str) -> str:
        """Whose it is or was: one that was left idle stays for a day's work."""
        row = await one_row(self._pool, self.OWNER, (hash_of_word(name),))
        return "" if row is None else str(row[0])

    async def end(self, name: str) -> None:
        """End it, here at once."""
        async with borrowed(self._pool) as connection:
            await connection.execute(self.END, (hash_of_word(name),))
        self._look_again_at(name)

    async def work_as(self, name: str, role: Role) -> None:
        """Let its person go on as this, here at once."""
        async with borrowed(self._pool) as connection:
            await connection.execute(self.WORK_AS, (role.value, hash_of_word(name)))
        self._look_again_at(name)

    async def of(self, actor: str) -> Sequence[Begun]:
        """Those of somebody that are not over."""
        async with borrowed(self._pool) as connection:
            rows = await (await connection.execute(self.OF, (actor, *self._idle))).fetchall()
        return [Begun(*row) for row in rows]

    async def end_of(self, actor: str, only: str | None = None, *, but: str | None = None) -> None:
        """End somebody's, here at once."""
        async with borrowed(self._pool) as connection:
            await connection.execute(self.END_OF, (actor, only, but))
        self._look_again_at_all()

    async def end_by_badge(self, *, actor: str | None = None, device: UUID | None = None) -> None:
        """End those that began with a badge, here at once."""
        async with borrowed(self._pool) as connection:
            await connection.execute(self.END_BY_BADGE, (actor, device))
        self._look_again_at_all()

    def _look_again_at_all(self) -> None:
        self._ended += 1
        self._trusted.clear()

    def _look_again_at(self, name: str) -> None:
        self._ended += 1
        for attended in (True, False):
            self._trusted.pop((hash_of_word(name), attended), None)


@dataclass(frozen=True, slots=True)
class Kept:
    """A session in memory."""

    person: Person
    begun_at: datetime
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
        name, at = random_word(), self._clock()
        self._kept[name] = Kept(person, at, min(at + LONGEST_SESSION, until or at + LONGEST_SESSION), at)
        return name

    async def find(self, name: str, *, attended: bool) -> Person | None:
        """Whose session this is."""
        kept = self._kept.get(name)
        if kept is None or self._is_over(kept):
            return None
        if attended:
            self._kept[name] = replace(kept, seen_at=self._clock())
        return kept.person

    async def owner(self, name: str) -> str:
        """Whose it is or was."""
        kept = self._kept.get(name)
        return "" if kept is None else kept.person.actor

    async def end(self, name: str) -> None:
        """End it."""
        self._kept.pop(name, None)

    async def work_as(self, name: str, role: Role) -> None:
        """Let its person go on as this."""
        if kept := self._kept.get(name):
            self._kept[name] = replace(kept, person=replace(kept.person, role=role))

    async def of(self, actor: str) -> Sequence[Begun]:
        """Those of somebody that are not over."""
        found = [
            Begun(session_id(name), kept.begun_at, kept.seen_at, kept.person.device)
            for name, kept in self._kept.items()
            if kept.person.actor == actor and not self._is_over(kept)
        ]
        return sorted(found, key=lambda begun: begun.seen_at, reverse=True)

    async def end_of(self, actor: str, only: str | None = None, *, but: str | None = None) -> None:
        """End somebody's."""
        for name, kept in list(self._kept.items()):
            if kept.person.actor == actor and session_id(name) != but and only in {None, session_id(name)}:
                del self._kept[name]

    async def end_by_badge(self, *, actor: str | None = None, device: UUID | None = None) -> None:
        """End those that began with a badge."""
        for name, kept in list(self._kept.items()):
            of = kept.person
            if of.device is not None and (of.actor == actor or of.device == device):
                del self._kept[name]

    def _is_over(self, kept: Kept) -> bool:
        at, idle = self._clock(), self._idle if kept.person.device is None else min(self._idle, IDLE_AT_DEVICE)
        return at >= kept.ends_at or at - kept.seen_at >= idle


def session_id(name: str) -> str:
    """By what others see the session of this name."""
    return hash_of_word(name).hex()
