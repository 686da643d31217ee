"""Whom a command would tell of what it did: orders by number, each with the units that move for it; goods by SKU.

Decides: how many are named. Must not know: HTTP, who is served first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from domain.catalogue import EVENTS
from domain.stock.events import answers_of
from domain.stock.terms import Answer, Place
from domain.stream_names import kind_of, name_of, sku_and_location
from projections import order as orders
from projections.view import Connection
from query_api.sentences import Words
from query_api.sentences.stock_units import units_into
from web.paging import DEFAULT_PAGE

MOST_TOLD: Final = DEFAULT_PAGE
"""As many as a page of a list has; of more, how many there are."""

WORD_OF: Final = {
    Place.RESERVED: "told_reserved",
    Place.WAITING: "told_taken_back",
    Place.NOT_WANTED: "told_refused",
}
"""Units that came there: what that is for their order."""


async def would_be_told(connection: Connection, preview: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    """The streams that a preview names, in its order: that in which stock serves them."""
    streams: Sequence[str] = preview.get("told") or ()
    named = streams[:MOST_TOLD]
    numbers = await orders.numbers_of(connection, [_order_id(each) for each in named if kind_of(each) == "order"])
    answers = {answer.order_id: answer for answer in _answers(preview)}
    said = [_named(stream, numbers, answers, words) for stream in named]
    more = len(streams) - len(named)
    return (*said, words.text("told_more", count=f"{more:,}")) if more else tuple(said)


def _named(stream: str, numbers: Mapping[UUID, str], answers: Mapping[UUID, Answer], words: Words) -> str:
    if kind_of(stream) != "order":
        return words.text("told_stock", sku=sku_and_location(stream)[0])
    order_id = _order_id(stream)
    number = numbers.get(order_id, str(order_id))
    answer = answers.get(order_id)
    units = () if answer is None else tuple(_units(answer, words))
    return words.text("told_order", order=number, units=", ".join(units)) if units else number


def _units(answer: Answer, words: Words) -> Iterator[str]:
    for place, word in WORD_OF.items():
        if units := units_into(answer.moves, place):
            yield words.text(word, units=words.units(units))


def _answers(preview: Mapping[str, Any]) -> Iterator[Answer]:
    for each in preview.get("events") or ():
        yield from answers_of(EVENTS[each["type"]].model_validate(each["data"]))


def _order_id(stream: str) -> UUID:
    return UUID(name_of(stream))
