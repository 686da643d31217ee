"""Why values of an order are what they are: the event that made them so, and what led to that, in sentences.

Decides: what is told of each event of a chain, to which role. Must not know: HTTP, when a value has changed
(`domain/order/aspects.py`), what led to an event (`chains.py`), what a value is called (`named_values.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from domain.order.aspects import Aspect, LastChanges
from domain.roles import Role
from domain.stream_names import kind_of, name_of, sku_and_location
from projections import order as orders
from projections import timeline
from projections.order import OrderRow
from projections.timeline import TimelineRow
from projections.view import Connection
from query_api.chains import Beginning, CauseChain, chains_to
from query_api.named_values import ValuesInWords
from query_api.order_page import naming
from query_api.sentences import Words
from query_api.sentences.words import Naming
from query_api.timeline_page import by_number, sentence_of, timeline_link
from web.sight import Onlooker

FOLDED_AT_ONCE: Final = 200
"""Events that are read and folded before others get their turn: an order may have thousands."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Values that one event made what they are, and the chain that led to it."""

    names: tuple[str, ...]
    gone: bool
    """The event took the value away."""
    chain: CauseChain


@dataclass(frozen=True, slots=True)
class NamedValue:
    """`Waiting on`, `Warehouse`; a badge needs no label."""

    of: str
    label: str
    said: str


@dataclass(frozen=True, slots=True)
class WhyStep:
    """One event of a chain, for this reader."""

    row: TimelineRow
    sentence: str
    automatic: bool
    where: str
    """The number of the order, or which stock."""
    link: str
    """To its place in the timeline."""
    left_out: int
    """Causes between this one and the step before that are left out."""

    def document(self) -> dict[str, Any]:
        """For programs."""
        row = self.row.model_dump(mode="json", exclude={"data"})
        return {**row, "sentence": self.sentence, "where": self.where, "link": self.link, "left_out": self.left_out}


@dataclass(frozen=True, slots=True)
class WhyAnswer:
    """An explanation for this reader. `begins` is a `Beginning`; the last step is the event that made the values so."""

    values: tuple[NamedValue, ...]
    gone: bool
    begins: Beginning
    steps: tuple[WhyStep, ...]

    @property
    def heading(self) -> str:
        """All its values in one line."""
        return " ".join(f"{value.label} {value.said}".strip() for value in self.values)

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {
            "values": [{"of": value.of, "label": value.label, "said": value.said} for value in self.values],
            "gone": self.gone,
            "begins": self.begins.value,
            "chain": [step.document() for step in self.steps],
        }


async def explanations(connection: Connection, stream: str, asked: Mapping[str, Aspect]) -> list[Explanation]:
    """Since which event each value is what it is; nothing where the order never had any of them.

    Of several values, such as all numbers of a line, those that are none are left out.
    """
    changes = await last_changes(connection, stream, asked)
    told = [name for name in changes.changed_by if len(asked) == 1 or changes.values[name]]
    by_event: dict[UUID, list[str]] = {}
    for name in told:
        by_event.setdefault(changes.changed_by[name].event_id, []).append(name)
    chains = await chains_to(connection, list(by_event))
    return [
        Explanation(tuple(names), gone=changes.values[names[0]] is None, chain=chain)
        for names, chain in zip(by_event.values(), chains, strict=True)
    ]


async def last_changes(connection: Connection, stream: str, asked: Mapping[str, Aspect]) -> LastChanges[TimelineRow]:
    """The whole history of an order, folded once, a part at a time."""
    changes = LastChanges[TimelineRow](asked)
    seen = 0
    while rows := await timeline.of(connection, stream, seen, FOLDED_AT_ONCE):
        for row in rows:
            changes.take(row.event(), row)  # type: ignore[arg-type]  # an order's stream holds events of orders
        seen = rows[-1].version
    return changes


Called = Mapping[str, tuple[str, Naming, Onlooker]]
"""By stream: what it is called, how its lines are, and who looks at it."""


async def answers(
    connection: Connection, order: OrderRow, asked: Mapping[str, Aspect], words: Words, reader: Onlooker
) -> list[WhyAnswer]:
    """Why each value is what it is, as this one may read it; nothing where the order never had any of them."""
    found = await explanations(connection, order.stream, asked)
    streams = {row.stream for one in found for row in one.chain.steps} - {order.stream}
    called = {stream: (*await _other(connection, stream, words), reader.elsewhere) for stream in streams}
    called[order.stream] = (order.number, naming(order), reader)
    values = ValuesInWords(reader.shown(order), words)
    return [
        WhyAnswer(
            values=tuple(NamedValue(name, values.label(name), values.said(name)) for name in one.names),
            gone=one.gone,
            begins=one.chain.begins,
            steps=tuple(_steps(one.chain, called, words)),
        )
        for one in found
    ]


async def _other(connection: Connection, stream: str, words: Words) -> tuple[str, Naming]:
    """A stock item, or another order."""
    if kind_of(stream) == "stock":
        return f"{words.text('stock')} {sku_and_location(stream)[0]}", by_number
    other = await orders.get(connection, UUID(name_of(stream)))
    return (other.number, naming(other)) if other else (words.text("order"), by_number)


def _steps(chain: CauseChain, called: Called, words: Words) -> Iterator[WhyStep]:
    for place, row in enumerate(chain.steps):
        where, lines, reader = called[row.stream]
        yield WhyStep(
            row=reader.shown(row),
            sentence=sentence_of(row, words, lines, reader),
            automatic=row.role is Role.WORKFLOW,
            where=where,
            link=timeline_link(row),
            left_out=chain.left_out if place == chain.left_out_before else 0,
        )
