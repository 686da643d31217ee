"""Several orders at once: what each would be sent, what that would do, and what became of it.

Decides: what can be done to several orders together, that each gets no more than its own offer proposes, and which
parcel gets which tracking number. The command API alone decides what is accepted. Must not know: HTTP, templates, rules
of orders.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any, Final

import orjson

from domain.access import may
from domain.decider import Command
from domain.offering import Act, Offer, Rank, UnitsWithin, includes
from domain.order.commands import HandOver, Pack, Pick, StartPick
from domain.order.status import NextAction
from domain.roles import Role
from projections.board import Board
from projections.order import OrderRow
from query_api.acting import preview_in_words
from query_api.offer_forms import address_of
from query_api.order_page import naming
from query_api.problem_words import fault_of, refusal_of
from query_api.reads import UNKNOWN_ORDER
from query_api.sentences import Words
from web.command_addresses import MOST_COMMANDS
from web.problems import Problem

TOGETHER: Final[Mapping[Act, tuple[type[Command], NextAction]]] = {
    Act.START_PICK: (StartPick, NextAction.PICK),
    Act.PICK: (Pick, NextAction.PICK),
    Act.PACK: (Pack, NextAction.PACK),
    Act.HAND_OVER: (HandOver, NextAction.HAND_OVER),
}
"""What can be done to several orders, and to which step it belongs: boards with a queue for the step offer it."""

MOST_BYTES_TOGETHER: Final = 1_000_000
BESIDE: Final = "tracking."
"""Before the parcel's name in the name of the field of its tracking number."""


def acts_on(board: Board, role: Role) -> tuple[Act, ...]:
    """What this role may do there to several orders at once."""
    steps = set(board.queues.values())
    return tuple(act for act, (command, step) in TOGETHER.items() if step in steps and may(role, command))


@dataclass(frozen=True, slots=True)
class Selected:
    """An order that was selected, or one of its parcels: what it would be sent, and what is said of that."""

    number: str
    row: OrderRow | None = None
    """As the reader reads it; None for an order that is not there."""
    offer: Offer | None = None
    """None where it cannot be done now."""
    body: Mapping[str, Any] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()
    next_step: str = ""
    why: str = ""
    """Why it is not done."""
    line: str = ""
    """What the command API is sent."""

    @property
    def parcel(self) -> int | None:
        """The parcel, where the act is done to one."""
        return None if self.offer is None else self.offer.given.get("parcel")

    @property
    def tracking_number(self) -> str:
        """Of a parcel that is handed over; empty where nobody said one."""
        return str(self.body.get("tracking_number", ""))

    @property
    def name(self) -> str:
        """`OT-2026-000123-45`, `OT-2026-000123-45.2`: unlike that of all others that are selected."""
        return self.number if self.parcel is None else f"{self.number}.{self.parcel}"


def unknown(number: str, words: Words) -> Selected:
    """An order that is not there."""
    return Selected(number, why=refusal_of(Problem(UNKNOWN_ORDER).document, words))


def selected(row: OrderRow, offers: Iterable[Offer], act: Act, words: Words) -> Iterator[Selected]:
    """What is to be done with one order, also from a colleague, whom the page names; not what nobody planned."""
    planned = (offer for offer in offers if includes(offer.act, act) and offer.rank < Rank.POSSIBLE)
    found = [(offer, body) for offer in planned if (body := proposed_body(offer)) is not None]
    for offer, body in found:
        yield Selected(row.number, row, offer, body)
    if not found:
        party, step = words.parties[row.waiting_on], words.next_steps[row.next_action]
        yield Selected(row.number, row, why=words.text("several_not_now", party=party, step=step))


def proposed_body(offer: Offer) -> Mapping[str, Any] | None:
    """What the offer proposes, as the command's body; None where of nothing there are likely units."""
    body = {name: value for name, value in {**offer.given, **offer.proposed}.items() if value not in (None, ())}
    for name, limit in offer.limits.items():
        if isinstance(limit, UnitsWithin):
            body[name] = [{"line": each.line, "quantity": each.likely} for each in limit.lines if each.likely]
            if not body[name]:
                return None
    return body


@dataclass(frozen=True, slots=True)
class Parcels:
    """What a person types for parcels that are handed over together: one carrier, and their tracking numbers."""

    carrier: str = ""
    pasted: str = ""
    """A line for each parcel, in the order in which they were shown."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """By the parcel's name, in the order in which they were shown; it goes before what was pasted."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """Reasons by field, once it was checked."""

    def lines(self) -> list[str]:
        """What was pasted, without the empty end of it."""
        return [line.strip() for line in self.pasted.rstrip().splitlines()]

    def checked(self, parcels: Sequence[str], words: Words) -> Parcels:
        """The same, with every number beside its parcel and with what is wrong about it for these parcels.

        What was pasted belongs to the parcels that its page showed: others may have come or gone meanwhile.
        """
        shown = list(self.beside) or parcels
        found = {} if self.carrier.strip() else {"carrier": words.text("several_carrier_missing")}
        if len(lines := self.lines()) > len(shown):
            told = words.text("several_too_many_pasted", lines=len(lines), parcels=len(shown))
            return replace(self, faults={**found, "pasted": told})
        said = {
            name: self.beside.get(name, "").strip() or line for name, line in zip_longest(shown, lines, fillvalue="")
        }
        twice = dict.fromkeys((f"{BESIDE}{name}" for name in _said_twice(said, parcels)), words.text("several_twice"))
        return replace(self, pasted="", beside=said, faults={**found, **twice})

    def said_of(self, items: Sequence[Selected]) -> list[Selected]:
        """The same parcels, each with carrier and number; the others as they are."""
        return [item if item.offer is None else self._said(item) for item in items]

    def _said(self, item: Selected) -> Selected:
        number = self.beside.get(item.name, "")
        said = {"carrier": self.carrier.strip()} | ({"tracking_number": number} if number else {})
        return replace(item, body={**item.body, **said})


def _said_twice(said: Mapping[str, str], parcels: Sequence[str]) -> Iterator[str]:
    """Parcels with the number of a parcel of another order. Of one order several may travel under one."""
    numbers = {name: number for name in parcels if (number := "".join(said.get(name, "").split()).casefold())}
    orders = defaultdict[str, set[str]](set)
    for name, number in numbers.items():
        orders[number].add(name.rpartition(".")[0])
    return (name for name, number in numbers.items() if len(orders[number]) > 1)


def written(items: Iterable[Selected], key: str, words: Words) -> list[Selected]:
    """The same, each with the line that carries it out under a key of its own; no more than can be sent at once."""
    made: list[Selected] = []
    lines = size = 0
    for item in items:
        if item.offer is not None:
            line = _line(item, item.offer, key)
            lines, size = lines + 1, size + len(line)
            fits = lines <= MOST_COMMANDS and size <= MOST_BYTES_TOGETHER
            item = replace(item, line=line) if fits else _refused(item, words.text("several_too_many"))  # noqa: PLW2901 - the same thing, with what is known now
        made.append(item)
    return made


def _line(item: Selected, offer: Offer, key: str) -> str:
    said = {"key": f"{key}.{item.name}", "seen_version": offer.version, "seen_act": offer.act, "body": item.body}
    return orjson.dumps({"address": address_of(offer), **said}).decode()


def _refused(item: Selected, why: str) -> Selected:
    return replace(item, line="", why=why)


def foreseen(items: Sequence[Selected], answers: Sequence[Mapping[str, Any]], words: Words) -> list[Selected]:
    """The same, each with what it would do, or why that is refused; an answer for each line."""
    by_line = iter(answers)
    return [_foreseen(item, next(by_line), words) if item.line else item for item in items]


def _foreseen(item: Selected, told: Mapping[str, Any], words: Words) -> Selected:
    if not is_done(told):
        return _refused(item, why_not(told, words))
    row = item.row
    looked = preview_in_words(told["answer"], words, str if row is None else naming(row))
    after = next((now for word, _, now in looked.changes if word == words.text("next_step")), "")
    return replace(item, sentences=looked.sentences, next_step=after)


@dataclass(frozen=True, slots=True)
class Became:
    """What became of one line."""

    number: str
    parcel: str
    why: str = ""
    """Empty where it was done."""


def became(
    numbers: Sequence[str], parcels: Sequence[str], answers: Sequence[Mapping[str, Any]], words: Words
) -> list[Became]:
    """What became of each, in the order in which they were sent."""
    return [
        Became(number, parcel, "" if is_done(told) else why_not(told, words))
        for number, parcel, told in zip(numbers, parcels, answers, strict=False)
    ]


def is_done(told: Mapping[str, Any]) -> bool:
    """Whether a line was carried out, or would be."""
    return bool(told["status"] < 300)  # noqa: PLR2004 - as HTTP has it


def why_not(told: Mapping[str, Any], words: Words) -> str:
    """Why a line was not carried out, in the reader's language as far as it has words; of values the reasons too."""
    problem = told["answer"]
    reasons = (f"{words.fields.get(e['field'], e['field'])}: {fault_of(e, words)}" for e in problem.get("errors", ()))
    return " ".join((refusal_of(problem, words), *reasons))
