"""Counts of many articles: what each would do, and what became of it.

Decides: nothing about stock; the command API alone says what is accepted. Must not know: HTTP, templates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from domain.stock.commands import CountStock
from query_api.acting import preview_in_words
from query_api.sentences import Words
from query_api.several import is_done, why_not
from web.forms import document_of, shape_of
from web.pasted_counts import PastedCount


@dataclass(frozen=True, slots=True)
class CountLine:
    """One article's count, and what is said of it."""

    count: PastedCount
    line: str
    """What the command API is sent."""
    sentences: tuple[str, ...] = ()
    why: str = ""
    """Why it is not done."""

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.count.sku} {self.count.location}"


def written_counts(counts: Iterable[PastedCount], key: str, at: datetime) -> list[CountLine]:
    """Each with the line that carries it out under a key of its own: as a count of this moment, whenever it is sent."""
    shape, made = shape_of(CountStock), []
    for number, count in enumerate(counts):
        body = {**document_of(shape, count.fields), "occurred_at": at.isoformat()}
        said = {"address": count.address, "key": f"{key}.{number}", "body": body}
        made.append(CountLine(count, orjson.dumps(said).decode()))
    return made


def foreseen_counts(lines: Sequence[CountLine], answers: Sequence[Mapping[str, Any]], words: Words) -> list[CountLine]:
    """The same, each with what it would do, or why that is refused."""
    return [_foreseen(line, told, words) for line, told in zip(lines, answers, strict=True)]


def _foreseen(line: CountLine, told: Mapping[str, Any], words: Words) -> CountLine:
    if not is_done(told):
        return replace(line, why=why_not(told, words))
    return replace(line, sentences=preview_in_words(told["answer"], words, str).sentences)
