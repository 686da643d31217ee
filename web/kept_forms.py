"""Forms that were not carried out: kept for ten minutes, so that a page shows them again with the answer to them.

Decides: for whom a form is kept and how long. A page after a redirect can be reloaded without sending anything again.
Must not know: what a form means, which page shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString, Protocol

from psycopg.types.json import Jsonb
from starlette.requests import Request

from web.caller_dependency import CSRF_FIELD, MOST_FIELDS
from web.clock import now
from web.database import Pool, borrowed, one_row
from web.drafts import Drafts, MemoryDrafts, PostgresDrafts
from web.forms import Fields, storable, stored
from web.random_words import hash_of_word, random_word

LIFETIME: Final = timedelta(minutes=10)
MOST_OF_ONE: Final = 20
"""Forms of one person: somebody who sends nothing but faults must not fill the disk."""

PREVIEWED: Final = "preview"
"""Code of an answer that says what the form would do: it was not refused, and nothing was carried out."""

ADDRESS: Final = "address"
"""In the answer to a refused form: where it was sent, to be sent there again when it is offered no longer."""
MANY: Final = "many"
"""Code of an answer to a form that sent many commands: what became of each."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """What somebody typed, and why it was not carried out: a problem document, or what it would do."""

    actor: str
    fields: Fields
    answer: Mapping[str, Any]

    @property
    def is_preview(self) -> bool:
        """Whether nobody refused it: it was to be shown what it would do."""
        return self.answer.get("code") == PREVIEWED

    def text(self, name: str) -> str:
        """The last text under a name; empty where there is none."""
        return next((text for known, text in reversed(self.fields) if known == name), "")


async def sent_form(request: Request, actor: str) -> KeptForm:
    """What a form says, without the proof that it is ours; nobody has answered it yet.

    Its names can be stored, for answers repeat them; of its texts the command says what it takes.
    """
    form = await request.form(max_fields=MOST_FIELDS)
    pairs = ((stored(name), text) for name, text in form.multi_items() if isinstance(text, str))
    return KeptForm(actor, tuple(pair for pair in pairs if pair[0] != CSRF_FIELD), {})


class KeptForms(Protocol):
    """Where forms are kept."""

    @property
    def drafts(self) -> Drafts:
        """Those that somebody will go on filling in later."""
        ...

    async def keep(self, form: KeptForm) -> str:
        """Keep it; gives the name under which it is found."""
        ...

    async def find(self, name: str, actor: str) -> KeptForm | None:
        """The form, for who has sent it; None for anybody else, and once it is too old."""
        ...


class PostgresForms:
    """Forms in `web.form`."""

    KEEP: Final[LiteralString] = (
        "INSERT INTO web.form (hash, actor, fields, answer, ends_at) VALUES (%s, %s, %s, %s, now() + %s)"
    )
    SWEEP: Final[LiteralString] = (
        "DELETE FROM web.form WHERE ends_at < now() OR hash IN "
        "(SELECT hash FROM web.form WHERE actor = %s ORDER BY ends_at DESC OFFSET %s)"
    )
    FIND: Final[LiteralString] = (
        "SELECT fields, answer FROM web.form WHERE hash = %s AND actor = %s AND ends_at > now()"
    )

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.drafts: Drafts = PostgresDrafts(pool)

    async def keep(self, form: KeptForm) -> str:
        """Keep it; forgets those that are too old, and of too many of one person the oldest."""
        name = random_word()
        fields, answer = Jsonb([list(pair) for pair in storable(form.fields)]), Jsonb(dict(form.answer))
        async with borrowed(self._pool) as connection:
            await connection.execute(self.SWEEP, (form.actor, MOST_OF_ONE - 1))
            await connection.execute(self.KEEP, (hash_of_word(name), form.actor, fields, answer, LIFETIME))
        return name

    async def find(self, name: str, actor: str) -> KeptForm | None:
        """The form, for who has sent it."""
        row = await one_row(self._pool, self.FIND, (hash_of_word(name), actor))
        return None if row is None else KeptForm(actor, tuple((field, text) for field, text in row[0]), row[1])


class MemoryForms:
    """The same without a database, for tests."""

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self._clock = clock
        self.drafts: Drafts = MemoryDrafts(clock)
        self._kept: dict[str, tuple[datetime, KeptForm]] = {}

    async def keep(self, form: KeptForm) -> str:
        """Keep it; of too many of one person the oldest goes."""
        theirs = [name for name, (_, kept) in self._kept.items() if kept.actor == form.actor]
        for name in theirs[: max(0, len(theirs) - MOST_OF_ONE + 1)]:
            del self._kept[name]
        name = random_word()
        self._kept[name] = (self._clock() + LIFETIME, replace(form, fields=storable(form.fields)))
        return name

    async def find(self, name: str, actor: str) -> KeptForm | None:
        """The form, for who has sent it."""
        ends_at, form = self._kept.get(name, (None, None))
        if ends_at is None or form is None or form.actor != actor or self._clock() >= ends_at:
            return None
        return form
