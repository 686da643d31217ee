"""A timeline as people read it: one sentence per event, with who, when and why, and what caused it.

Must not know: HTTP, how events are stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from domain.catalogue import EVENTS
from domain.roles import Role, is_program
from domain.stream_names import PEOPLE, kind_of, name_of, sku_and_location
from projections import timeline
from projections.timeline import TimelineRow
from projections.view import Connection
from query_api.sentences import Words
from query_api.sentences.words import Naming
from web.paging import encode_cursor
from web.sight import Onlooker


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event on the page."""

    row: TimelineRow
    sentence: str
    automatic: bool
    cause: str
    cause_link: str

    def document(self) -> dict[str, Any]:
        """For programs: the row, and the sentence in the language that was asked for."""
        return {**self.row.model_dump(mode="json"), "sentence": self.sentence, "cause": self.cause or None}


async def causes_of(connection: Connection, rows: Sequence[TimelineRow]) -> dict[UUID, TimelineRow]:
    """The events that these were reactions to, by id."""
    return await timeline.events(connection, {row.causation_id for row in rows if row.causation_id is not None})


def entries(
    rows: Sequence[TimelineRow], causes: Mapping[UUID, TimelineRow], words: Words, naming: Naming, reader: Onlooker
) -> list[TimelineEntry]:
    """The page's entries as the reader reads them, in the order of the rows."""
    causing = [causes.get(row.causation_id) if row.causation_id else None for row in rows]
    return [_entry(row, cause, words, naming, reader) for row, cause in zip(rows, causing, strict=True)]


def _entry(
    row: TimelineRow, cause: TimelineRow | None, words: Words, naming: Naming, reader: Onlooker
) -> TimelineEntry:
    elsewhere = words.text("cause_elsewhere") if row.causation_id else ""
    return TimelineEntry(
        row=reader.shown(row),
        sentence=sentence_of(row, words, naming, reader),
        automatic=row.role is Role.WORKFLOW and not is_program(row.actor),
        cause=_cause(cause, row, words, naming, reader) if cause else elsewhere,
        cause_link=timeline_link(cause) if cause else "",
    )


def sentence_of(row: TimelineRow, words: Words, naming: Naming, reader: Onlooker) -> str:
    """One event as this role reads it."""
    if row.type not in EVENTS:
        return words.text("unreadable", type=row.type)
    return words.sentence(reader.shown(row.event()), naming)


def _cause(cause: TimelineRow, effect: TimelineRow, words: Words, naming: Naming, reader: Onlooker) -> str:
    same = cause.stream == effect.stream
    sentence = sentence_of(cause, words, naming if same else by_number, reader if same else reader.elsewhere)
    if same:
        return sentence
    if kind_of(cause.stream) == "stock":
        return words.text("cause_stock", name=sku_and_location(cause.stream)[0], what=sentence)
    return words.text("cause_order", what=sentence)


def by_number(line: int) -> str:
    """Calls a line of an order that is not at hand."""
    return f"#{line}"


def timeline_link(row: TimelineRow) -> str:
    """To an event in its stream's timeline, on a page that begins with it."""
    return f"{timeline_path(row.stream)}?cursor={encode_cursor(row.version - 1)}#v{row.version}"


def timeline_path(stream: str) -> str:
    """Where the timeline of an order or stock item is; of people, where each has one."""
    if stream == PEOPLE:
        return "/people"
    if kind_of(stream) == "stock":
        sku, location = sku_and_location(stream)
        return f"/stock/{quote(sku)}/{location}/timeline"
    return f"/orders/{name_of(stream)}/timeline"
