"""The timeline page that orders and stock items share.

Must not know: whose timeline it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from projections import timeline
from query_api.reads import Reading, answer, reader_of
from query_api.rendering import words_of
from query_api.routes.cursors import version_only
from query_api.sentences.words import Naming
from query_api.timeline_page import causes_of, entries
from web.paging import LARGEST_PAGE, encode_cursor, next_link
from web.sight import Onlooker


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose events: the stream, what it is called, where its page is, and how its lines are called."""

    stream: str
    title: str
    back: str
    here: str
    naming: Naming
    in_the_house: bool = False
    """Of an order: whether it is in the house."""
    about: UUID | None = None
    """Of the register of people: whose events, None for everybody's."""
    state_link: str = ""
    """Page that shows the state after a version; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which events: at most `limit` of them after a version."""

    after: int
    limit: int


class TimelinePart(BaseModel):
    """Which part of a timeline, as it is asked for."""

    cursor: str | None = None
    limit: int = Field(200, ge=1, le=LARGEST_PAGE)

    def stretch(self) -> Stretch:
        """`Problem` 422 for a cursor that is none of ours."""
        return Stretch(version_only(self.cursor) if self.cursor else 0, self.limit)


async def show(request: Request, snapshot: Reading, subject: Subject, stretch: Stretch) -> Response:
    """One entry per event, with its sentence and its cause."""
    rows = await timeline.of(snapshot.connection, subject.stream, stretch.after, stretch.limit + 1, subject.about)
    shown = rows[: stretch.limit]
    causes = await causes_of(snapshot.connection, shown)
    onlooker = Onlooker(reader_of(request), subject.in_the_house)
    told = entries(shown, causes, words_of(request), subject.naming, onlooker)
    link = next_link(request, encode_cursor(shown[-1].version) if len(rows) > len(shown) else None)
    made = answer(
        request,
        {"events": [entry.document() for entry in told]},
        "timeline.html",
        here=subject.here,
        entries=told,
        subject=subject,
        next_link=link_target(link),
    )
    made.headers.update(link)
    return made


def link_target(link: dict[str, str]) -> str:
    """The address in a Link header; empty without one."""
    return link["Link"][1:].partition(">")[0] if link else ""
