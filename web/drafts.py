"""Drafts: forms that somebody will go on filling in later, of each person a list that nobody else sees.

Decides: for whom a draft is kept and how long. Must not know: what a form means, which page shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, LiteralString, Protocol

from psycopg.types.json import Jsonb

from web.clock import now
from web.database import Pool, borrowed, one_row
from web.forms import Fields, storable
from web.random_words import random_word

DRAFT_LIFETIME: Final = timedelta(days=30)
"""After it was saved last."""
LONGEST_DRAFT_NAME: Final = 64
MOST_DRAFTS: Final = 100
"""Of one person; the one that was saved first gives way."""


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """A draft as a list names it."""

    name: str
    title: str
    saved_at: datetime


class Drafts(Protocol):
    """Where drafts are kept."""

    async def save(self, actor: str, title: str, fields: Fields, name: str = "") -> str:
        """Keep it, in place of the person's draft of this name; gives the name under which it is found."""
        ...

    async def find(self, name: str, actor: str) -> Fields | None:
        """What was typed, for whose draft it is; None for anybody else, and once it is too old."""
        ...

    async def of(self, actor: str) -> list[DraftEntry]:
        """The person's drafts, the newest first."""
        ...

    async def drop(self, name: str, actor: str) -> None:
        """Forget it, if it is the person's."""
        ...


class PostgresDrafts:
    """Drafts in `web.draft`."""

    CHANGE: Final[LiteralString] = (
        "UPDATE web.draft SET title = %s, fields = %s, saved_at = now() WHERE name = %s AND actor = %s"
    )
    BEGIN: Final[LiteralString] = "INSERT INTO web.draft (title, fields, name, actor) VALUES (%s, %s, %s, %s)"
    SWEEP: Final[LiteralString] = (
        "DELETE FROM web.draft WHERE saved_at < now() - %s OR name IN "
        "(SELECT name FROM web.draft WHERE actor = %s ORDER BY saved_at DESC OFFSET %s)"
    )
    FIND: Final[LiteralString] = "SELECT fields FROM web.draft WHERE name = %s AND actor = %s AND saved_at > now() - %s"
    LIST: Final[LiteralString] = (
        "SELECT name, title, saved_at FROM web.draft WHERE actor = %s AND saved_at > now() - %s ORDER BY saved_at DESC"
    )
    DROP: Final[LiteralString] = "DELETE FROM web.draft WHERE name = %s AND actor = %s"

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def save(self, actor: str, title: str, fields: Fields, name: str = "") -> str:
        """Keep it; forgets those that are too old, and of too many of one person the oldest."""
        told = (title, Jsonb([list(pair) for pair in storable(fields)]))
        async with borrowed(self._pool) as connection:
            changed = await connection.execute(self.CHANGE, (*told, _name(name), actor))
            if changed.rowcount:
                return name
            fresh = random_word()
            await connection.execute(self.SWEEP, (DRAFT_LIFETIME, actor, MOST_DRAFTS - 1))
            await connection.execute(self.BEGIN, (*told, fresh, actor))
        return fresh

    async def find(self, name: str, actor: str) -> Fields | None:
        """What was typed."""
        row = await one_row(self._pool, self.FIND, (_name(name), actor, DRAFT_LIFETIME))
        return None if row is None else tuple((field, text) for field, text in row[0])

    async def of(self, actor: str) -> list[DraftEntry]:
        """The person's drafts."""
        async with borrowed(self._pool) as connection:
            rows = await (await connection.execute(self.LIST, (actor, DRAFT_LIFETIME))).fetchall()
        return [DraftEntry(str(name), title, saved_at) for name, title, saved_at in rows]

    async def drop(self, name: str, actor: str) -> None:
        """Forget it."""
        async with borrowed(self._pool) as connection:
            await connection.execute(self.DROP, (_name(name), actor))


class MemoryDrafts:
    """The same without a database, for tests."""

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, str], tuple[DraftEntry, Fields]] = {}
        """By person and name, the one that was saved last at the end."""

    async def save(self, actor: str, title: str, fields: Fields, name: str = "") -> str:
        """Keep it; of too many of one person the oldest goes."""
        name = name if (actor, name) in self._kept else random_word()
        self._kept.pop((actor, name), None)
        self._kept[actor, name] = (DraftEntry(name, title, self._clock()), storable(fields))
        theirs = [key for key in self._kept if key[0] == actor]
        for key in theirs[: max(0, len(theirs) - MOST_DRAFTS)]:
            del self._kept[key]
        return name

    async def find(self, name: str, actor: str) -> Fields | None:
        """What was typed."""
        entry, fields = self._kept.get((actor, name), (None, None))
        return fields if entry is not None and self._is_young(entry) else None

    async def of(self, actor: str) -> list[DraftEntry]:
        """The person's drafts."""
        theirs = [entry for (person, _), (entry, _) in self._kept.items() if person == actor and self._is_young(entry)]
        return theirs[::-1]

    async def drop(self, name: str, actor: str) -> None:
        """Forget it."""
        self._kept.pop((actor, name), None)

    def _is_young(self, entry: DraftEntry) -> bool:
        return self._clock() < entry.saved_at + DRAFT_LIFETIME


def _name(given: str) -> str:
    """A name that the database can be asked for."""
    return given[:LONGEST_DRAFT_NAME].replace("\0", "")
