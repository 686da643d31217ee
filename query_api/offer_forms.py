"""Offers as forms: which fields a person fills in, with what they begin, and where a refusal is shown.

Decides: how an offer is called in an address, which fields stand in front, and what of a refused form is shown again.
The command API alone decides what is accepted. Must not know: HTTP, templates, rules of orders and stock.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final
from urllib.parse import quote

from domain.decider import Command
from domain.offering import Offer, OneOf, Rank, UnitLimit, UnitsWithin
from domain.stream_names import kind_of, name_of, sku_and_location
from query_api.problem_words import fault_of, refusal_of
from query_api.sentences import Words
from streams.writing.errors import KeyReused
from web.command_addresses import WORDS_OF
from web.forms import FieldKind, FieldShape, row_names, shape_of, whole_number
from web.kept_forms import KeptForm

WHEN: Final = "occurred_at"
"""A fact may be entered after it happened. A decision is made when it is sent, on what is known then."""
ASIDE: Final = frozenset({WHEN, "lot", "serial", "place", "message", "review_at", "blocks"})
"""Fields that most people leave alone; so is a reason that nobody asks for."""
LONGEST_VERSION: Final = 18
"""Digits."""
NOT_NAMED: Final[Mapping[int, str]] = {}
LEFT_OUT: Final = frozenset({"source"})
"""What the decision sets, whatever anybody says."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a field that has few."""

    value: str
    word: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """A field as the page shows it."""

    name: str
    word: str
    kind: FieldKind
    required: bool = False
    value: str = ""
    choices: tuple[Choice, ...] = ()
    longest: int | None = None
    error: str = ""
    least: str = ""
    """The first day that may be named."""
    begins_empty: bool = True
    """Whether a choice is made by saying nothing, too, or has yet to be made."""

    @property
    def id(self) -> str:
        """For its label."""
        return f"f-{self.name.replace('.', '-')}"


@dataclass(frozen=True, slots=True)
class FormRow:
    """Units of one order line."""

    line: int
    sku: str
    name: str
    most: int
    hidden: tuple[tuple[str, str], ...]
    fields: tuple[FormField, ...]
    aside: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class OfferForm:
    """One offer, ready to be filled in."""

    key: str
    """Names it in addresses: the act, and what it is done to."""
    word: str
    address: str
    version: int
    rank: Rank
    article: str
    """The SKU of a stock item; empty for an order."""
    one_click: bool
    """Whether nothing has to be filled in, or looked at."""
    asks_first: bool = False
    """Whether it is carried out only once it has been shown what it would do."""
    hidden: tuple[tuple[str, str], ...] = ()
    fields: tuple[FormField, ...] = ()
    aside: tuple[FormField, ...] = ()
    rows: tuple[FormRow, ...] = ()
    rows_word: str = ""
    rows_error: str = ""
    trouble: str = ""
    """Why it was refused."""
    elsewhere: tuple[str, ...] = ()
    """Reasons that belong to no field that is shown."""


def key_of(offer: Offer) -> str:
    """`hand-over.2`, `pick`, `receive-stock.MUG`: the act, what it is done to, where there are several."""
    named = (value for _, value in given_of(offer))
    return ".".join(filter(None, (offer.act.value, article_of(offer.stream), *named)))


def given_of(offer: Offer) -> tuple[tuple[str, str], ...]:
    """What is decided about the command, as a form carries it; a field that stays empty says nothing."""
    return tuple((name, str(value)) for name, value in offer.given.items() if value not in (None, ()))


def article_of(stream: str) -> str:
    """The SKU of a stock item; empty for an order."""
    return sku_and_location(stream)[0] if kind_of(stream) == "stock" else ""


def address_of(offer: Offer) -> str:
    """Where its command is sent."""
    plain = {"order": f"orders/{name_of(offer.stream)}", "person": "people"}
    where = plain.get(kind_of(offer.stream)) or "/".join(("stock", *sku_and_location(offer.stream)))
    return quote(f"/commands/{where}/{WORDS_OF[offer.command]}")


def outline_of(offer: Offer, words: Words) -> OfferForm:
    """An offer as a page lists it, without its fields: of an order with 700 lines each has thousands."""
    front = (shape for shape in _open_shapes(offer) if not _is_aside(shape))
    return OfferForm(
        key=key_of(offer),
        word=_word(offer, words),
        address=address_of(offer),
        version=offer.version,
        rank=offer.rank,
        article=article_of(offer.stream),
        one_click=not any(front) and not offer.command.final,
        asks_first=offer.command.final,
        hidden=given_of(offer),
    )


def _word(offer: Offer, words: Words) -> str:
    role = offer.given.get("role")
    return words.acts[offer.act] if role is None else f"{words.acts[offer.act]} · {words.roles[role]}"


def form_of(
    offer: Offer, words: Words, kept: KeptForm | None = None, articles: Mapping[int, str] = NOT_NAMED
) -> OfferForm:
    """The form of an offer; with what was typed and why it was refused, if it was; `articles` are names of lines."""
    builder, shapes = _Builder(offer, words, kept, articles), _open_shapes(offer)
    plain = [shape for shape in shapes if shape.kind is not FieldKind.ROWS]
    front = [shape for shape in plain if not _is_aside(shape)]
    aside = [shape for shape in plain if _is_aside(shape)]
    rows = next((shape for shape in shapes if shape.kind is FieldKind.ROWS), None)
    form = replace(
        outline_of(offer, words),
        version=_version_seen(offer, kept),
        fields=tuple(builder.field(shape) for shape in front),
        aside=tuple(builder.field(shape) for shape in aside),
        rows=() if rows is None else builder.rows(rows),
        rows_word="" if rows is None else words.fields[rows.name],
        rows_error="" if rows is None else builder.errors.get(rows.name, ""),
    )
    return form if kept is None or kept.is_preview else _refused(form, builder, kept, words)


def _version_seen(offer: Offer, kept: KeptForm | None) -> int:
    """What was typed was typed at the version that its page showed, however late it is shown again."""
    typed_at = None if kept is None else whole_number(kept.text("version"), LONGEST_VERSION)
    return offer.version if typed_at is None else min(offer.version, typed_at)


def _open_shapes(offer: Offer) -> list[FieldShape]:
    decided = {*offer.given} if offer.command.fact else {*offer.given, WHEN}
    return [shape for shape in shape_of(offer.command) if shape.name not in decided]


def _is_aside(shape: FieldShape) -> bool:
    return shape.name in ASIDE or (shape.name == "reason" and not shape.required)


@dataclass(frozen=True, slots=True)
class _Builder:
    """Makes the fields of one form."""

    offer: Offer
    words: Words
    kept: KeptForm | None
    articles: Mapping[int, str]
    errors: dict[str, str] = field(init=False)
    """Reasons by the form's own names."""

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "errors", {} if self.kept is None else errors_of(self.offer.command, self.kept, self.words)
        )

    def field(self, shape: FieldShape) -> FormField:
        """A field of the command itself."""
        proposed = self.offer.proposed.get(shape.name, shape.default)
        made = self.part(shape, shape.name, str(proposed))
        limit = self.offer.limits.get(shape.name)
        if isinstance(limit, OneOf):
            kept = tuple(choice for choice in made.choices if choice.value in limit.values)
            return replace(made, choices=kept, required=True)
        return made

    def part(self, shape: FieldShape, name: str, begins: str = "") -> FormField:
        """A field by its name in the form."""
        typed = None if self.kept is None else [text for known, text in self.kept.fields if known == name]
        value = begins if typed is None else (typed or [""])[-1]
        return FormField(
            name=name,
            word=self.words.fields[shape.name],
            kind=shape.kind,
            required=shape.required,
            value=value,
            choices=self.choices(shape, typed or [value]),
            begins_empty=not shape.default,
            longest=shape.longest,
            error=self.errors.get(name, ""),
        )

    def part_of_row(self, shape: FieldShape, name: str, begins: str, least: str) -> FormField:
        """A field of a row: nothing has to be said of any line; a day is none that is over."""
        made = self.part(shape, name, begins)
        return replace(made, required=False, least=least if shape.kind is FieldKind.DAY else "")

    def choices(self, shape: FieldShape, chosen: Sequence[str]) -> tuple[Choice, ...]:
        """Every value of a field that has few."""
        if shape.choices is None:
            return ()
        values: list[Enum] = list(shape.choices)
        return tuple(Choice(str(v.value), self.words.choice(v), str(v.value) in chosen) for v in values)

    def rows(self, shape: FieldShape) -> tuple[FormRow, ...]:
        """A row for each line of which units may be named."""
        limit = self.offer.limits.get(shape.name)
        if not isinstance(limit, UnitsWithin):
            return ()
        shown = [part for part in shape.parts if part.name not in {"line", "sku"} | LEFT_OUT]
        least = "" if limit.from_day is None else limit.from_day.isoformat()
        return tuple(self.row(shape.name, each, shown, least) for each in limit.lines)

    def row(self, name: str, limit: UnitLimit, shown: Sequence[FieldShape], least: str) -> FormRow:
        """Units of one line: how many, if any, and what else may be said of them."""
        prefix = f"{name}.{limit.line}"
        begins = {"quantity": str(limit.likely)} if limit.likely else {}
        parts = [
            (part, self.part_of_row(part, f"{prefix}.{part.name}", begins.get(part.name, ""), least)) for part in shown
        ]
        return FormRow(
            line=limit.line,
            sku=limit.sku,
            name=self.articles.get(limit.line, ""),
            most=limit.most,
            hidden=((f"{prefix}.line", str(limit.line)),),
            fields=tuple(made for part, made in parts if not _is_aside(part)),
            aside=tuple(made for part, made in parts if _is_aside(part)),
        )


def _refused(form: OfferForm, builder: _Builder, kept: KeptForm, words: Words) -> OfferForm:
    shown = {each.name for each in (*form.fields, *form.aside)}
    shown |= {part.name for row in form.rows for part in (*row.fields, *row.aside)}
    elsewhere = (why for name, why in builder.errors.items() if name not in shown and not form.rows_error)
    return replace(form, trouble=refusal_of(kept.answer, words), elsewhere=tuple(elsewhere))


def key_for(kept: KeptForm | None) -> str:
    """The key under which a form is sent: that of before, so that it is done once.

    A fresh one where it was used for something else: under that one the form could never be sent.
    """
    known = "" if kept is None or kept.answer.get("code") == KeyReused.code() else kept.text("key")
    return known or secrets.token_hex(16)


def errors_of(command: type[Command], kept: KeptForm, words: Words) -> dict[str, str]:
    """Reasons by the form's names: the command API counts only the rows that were filled in."""
    rows = row_names(shape_of(command), kept.fields)
    found: dict[str, str] = {}
    for error in kept.answer.get("errors", ()):
        steps = str(error.get("field", "")).split(".")
        if len(steps) > 1 and steps[1].isdecimal() and steps[0] in rows and int(steps[1]) < len(rows[steps[0]]):
            steps[1] = rows[steps[0]][int(steps[1])]
        found.setdefault(".".join(steps), fault_of(error, words))
    return found
