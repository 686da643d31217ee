"""The form for placing an order: its fields and rows, what was typed into them, and what was wrong with it.

Decides: what a fresh form says, how many rows it has, where a reason stands. All lines are in the one currency that is
said once. The command API alone decides what a valid order is. Must not know: HTTP, templates, stock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count as count_from
from itertools import islice
from typing import Final

from domain.event_values import Address
from domain.order.commands import PlaceOrder
from domain.values import CURRENCIES
from projections.order import OrderDocument
from query_api.offer_forms import Choice, FormField, errors_of
from query_api.problem_words import fault_of, refusal_of
from query_api.sentences import Words
from streams.writing.errors import StillUnknown
from web.forms import EVERY_ROW, FieldKind, Fields, FieldShape, fields_of, shape_of, whole_number
from web.kept_forms import KeptForm
from web.pasted_lines import CURRENCY_COLUMN, PASTED, UnreadableLines, read_pasted, write_pasted, written_out
from web.problems import INVALID

FIRST_ROWS: Final = 4
MORE_ROWS: Final = 5
MOST_ROWS: Final = 200
"""That can be corrected one by one. Of a form with more the others travel with it, unseen."""
LONGEST_ROW: Final = 9
"""Digits of a row's name that is counted on from."""

LONGEST_TITLE: Final = 200

ENTRY_LINES: Final = "lines"
ONE_FOR_ALL: Final = f"{ENTRY_LINES}.{EVERY_ROW}.unit_price.currency"

FRESH_ENTRY: Final[Fields] = (
    (ONE_FOR_ALL, "EUR"),
    ("location", "main"),
    ("priority", "5"),
    ("partial_shipment", "yes"),
    ("backorder", "yes"),
)
"""What a form says before anybody has typed."""

ENTRY_WORDS: Final[Mapping[str, str]] = {
    "customer.id": "customer_id",
    "customer.name": "name",
    "customer.email": "email",
    "customer.phone": "phone",
    "customer.language": "language_hint",
    "customer_reference.number": "reference",
    "ship_to.country": "country",
    "ship_to.name": "recipient",
    "ship_to.street": "street",
    "ship_to.street_2": "street_2",
    "ship_to.postal_code": "postal_code",
    "ship_to.city": "city",
    "ship_to.region": "region",
    "ship_to.phone": "phone_there",
    "delivery_note": "delivery_note_text",
    ONE_FOR_ALL: "currency",
    "requested_date": "requested",
    "priority": "priority_hint",
    "location": "location",
    "partial_shipment": "partial_explained",
    "backorder": "backorder_explained",
}
"""What the fields above and below the lines are called."""

LINE_WORDS: Final[Mapping[str, str]] = {
    "sku": "sku",
    "name": "name",
    "quantity": "quantity",
    "unit_price.amount": "unit_price",
}


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A line as it is typed."""

    name: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class EntryForm:
    """The form, ready to be filled in or corrected."""

    fields: Mapping[str, FormField]
    rows: tuple[EntryRow, ...]
    pasted: FormField
    """Lines from a spreadsheet that are still text."""
    carried: Fields
    """What belongs to the order and has no field of its own on the form."""
    trouble: str = ""
    """Why it was refused."""
    elsewhere: tuple[str, ...] = ()
    """Reasons that belong to no field that is shown."""


def rows_in(fields: Iterable[tuple[str, str]]) -> list[str]:
    """Names of the rows, empty ones too, in the form's order."""
    return list(dict.fromkeys(name.split(".")[1] for name, _ in fields if _is_row(name)))


def with_rows(fields: Fields, more: int) -> Fields:
    """The form with more empty rows, as far as it may have any."""
    names = rows_in(fields)
    count = max(0, min(more, MOST_ROWS - len(names)))
    return (*fields, *((f"{ENTRY_LINES}.{name}.sku", "") for name in islice(_fresh_names(names), count)))


def _fresh_names(names: Collection[str]) -> Iterator[str]:
    """Names of rows that come after these, as a form of ours counts them."""
    taken = set(names)
    counted = (number for name in taken if (number := whole_number(name, LONGEST_ROW)) is not None)
    return (str(name) for name in count_from(max(counted, default=-1) + 1) if str(name) not in taken)


def without_row(fields: Fields, name: str) -> Fields:
    """The form without one of its rows."""
    return tuple(pair for pair in fields if not pair[0].startswith(f"{ENTRY_LINES}.{name}."))


def with_address(fields: Fields, address: Address) -> Fields:
    """The form with this address in place of what was typed."""
    kept = (pair for pair in fields if not pair[0].startswith("ship_to."))
    return (*kept, *fields_of({"ship_to": address.model_dump(exclude_none=True)}))


def fields_of_order(order: OrderDocument) -> Fields:
    """The form for ordering the same again: all but the reference and the date, which were of that order."""
    lines = [line.line.model_dump(mode="json", exclude_defaults=True) for line in order.lines]
    rows = [dict(fields_of(line)) for line in lines]
    currency = next((row[CURRENCY_COLUMN] for row in rows), "")
    same = {
        "customer": order.customer.model_dump(exclude_none=True),
        "ship_to": order.ship_to.model_dump(exclude_none=True),
        "location": order.location,
        "priority": order.priority,
        "partial_shipment": order.partial_shipment,
        "backorder": order.backorder,
    }
    told = (*fields_of(same), (ONE_FOR_ALL, currency))
    if len(rows) > MOST_ROWS:
        return (*told, (PASTED, write_pasted(rows)))
    plain = ((name, text) for name, text in fields_of({ENTRY_LINES: lines}) if not name.endswith(CURRENCY_COLUMN))
    return (*told, *plain)


def draft_title(fields: Fields) -> str:
    """What a draft is called in a list: the customer and the reference, as far as they are typed."""
    typed = dict(fields)
    customer = typed.get("customer.name", "").strip() or typed.get("customer.id", "").strip()
    parts = (customer, typed.get("customer_reference.number", "").strip())
    return " · ".join(part for part in parts if part).replace("\0", "")[:LONGEST_TITLE]


def readable(fields: Fields) -> Fields:
    """The form with what was pasted as rows; left out where it cannot be read."""
    try:
        return tuple(written_out(fields))
    except UnreadableLines:
        return tuple(pair for pair in fields if pair[0] != PASTED)


def with_pasted_rows(fields: Fields) -> Fields:
    """The form with what was pasted as rows that can be corrected one by one; unless they are too many to show.

    Their currency becomes the one of all lines, unless it is another than that of lines that were typed.
    """
    text = dict(fields).get(PASTED, "")
    try:
        lines = read_pasted(text).lines
    except UnreadableLines:
        return fields
    own = set(rows_in(pair for pair in fields if pair[1]))
    used = {line.cells[CURRENCY_COLUMN] for line in lines if CURRENCY_COLUMN in line.cells}
    fits = not own or used <= {dict(fields).get(ONE_FOR_ALL)}
    if not lines or not fits or len(own) + len(lines) > MOST_ROWS:
        return fields
    kept = [
        pair for pair in fields if pair[0] != PASTED and not (_is_row(pair[0]) and pair[0].split(".")[1] not in own)
    ]
    rows = [
        (f"{ENTRY_LINES}.{row}.{name}", cell)
        for row, line in zip(_fresh_names(own), lines, strict=False)
        for name, cell in line.cells.items()
        if name != CURRENCY_COLUMN
    ]
    return (*kept, *rows, *((ONE_FOR_ALL, currency) for currency in used))


def _is_row(name: str) -> bool:
    steps = name.split(".")
    return len(steps) > 2 and steps[0] == ENTRY_LINES and steps[1] != EVERY_ROW  # noqa: PLR2004 - field, row, field of the row


def entry_form(kept: KeptForm, words: Words) -> EntryForm:
    """The form as it was typed, each reason beside its field."""
    names, errors = rows_in(kept.fields)[:MOST_ROWS], {}
    if kept.answer.get("errors"):
        errors = errors_of(PlaceOrder, replace(kept, fields=readable(kept.fields)), words)
    typed = dict(kept.fields)  # of a name that comes twice the last counts
    shown = {*ENTRY_WORDS, *(f"{ENTRY_LINES}.{row}.{part}" for row in names for part in LINE_WORDS)}
    placed = dict(_placed(errors, shown))
    needed = {
        "ship_to.country",
        ONE_FOR_ALL,
        *(f"{ENTRY_LINES}.{row}.{part}" for row in names[:1] for part in LINE_WORDS),
    }

    def field(name: str, word: str) -> FormField:
        shape = _shape_at(name)
        return FormField(
            name, words.text(word), shape.kind, name in needed, typed.get(name, ""), _choices(name, typed),
            shape.longest, placed.get(name, ""),
        )  # fmt: skip

    return EntryForm(
        fields={name: field(name, word) for name, word in ENTRY_WORDS.items()},
        rows=tuple(
            EntryRow(row, tuple(field(f"{ENTRY_LINES}.{row}.{part}", word) for part, word in LINE_WORDS.items()))
            for row in names
        ),
        pasted=_pasted(typed.get(PASTED, ""), placed.get(PASTED, ""), words),
        carried=tuple(_carried(kept.fields, shown)),
        trouble=_trouble(kept, placed.keys() & shown, words),
        elsewhere=tuple(_named(name, why, words) for name, why in placed.items() if name not in {*shown, PASTED}),
    )


def _placed(errors: Mapping[str, str], shown: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Reasons by the field where they are shown: what is said once for all rows is wrong once."""
    for name, why in errors.items():
        field, _, rest = name.partition(".")
        once = ".".join((field, EVERY_ROW, rest.partition(".")[2]))
        yield (once if name not in shown and once in shown else name), why


def _shape_at(name: str) -> FieldShape:
    """The command's field behind a name of the form."""
    steps = [step for nth, step in enumerate(name.split(".")) if not (nth == 1 and name.startswith(f"{ENTRY_LINES}."))]
    shapes: Sequence[FieldShape] = shape_of(PlaceOrder)
    for step in steps[:-1]:
        shapes = next(shape.parts for shape in shapes if shape.name == step)
    return next(shape for shape in shapes if shape.name == steps[-1])


def _choices(name: str, typed: Mapping[str, str]) -> tuple[Choice, ...]:
    """What is no currency stays chosen, for its refusal: a browser would put the first of the list in its place."""
    if name != ONE_FOR_ALL:
        return ()
    chosen = typed.get(name, "")
    codes = sorted(CURRENCIES) if chosen in CURRENCIES else [chosen, *sorted(CURRENCIES)]
    return tuple(Choice(code, code, code == chosen) for code in codes)


def _carried(fields: Fields, shown: Iterable[str]) -> Iterator[tuple[str, str]]:
    known = {shape.name for shape in shape_of(PlaceOrder)}
    for name, text in fields:
        if text and name not in shown and name.partition(".")[0] in known:
            yield name, text


def _trouble(kept: KeptForm, marked: Iterable[str], words: Words) -> str:
    code = kept.answer.get("code")
    if code is None:
        return ""
    if code == StillUnknown.code():
        return words.text("try_again")
    if code == INVALID.code and any(marked):
        return words.text("correct_fields")
    return refusal_of(kept.answer, words)


def _pasted(text: str, why: str, words: Words) -> FormField:
    try:
        read_pasted(text)
    except UnreadableLines as refused:
        why = fault_of(refused.fault, words)
    return FormField(PASTED, words.text("paste_lines"), FieldKind.NOTE, value=text, error=why)


def _named(name: str, why: str, words: Words) -> str:
    """A reason with the name of what is wrong, where it has one on the page."""
    if name == ENTRY_LINES:
        return f"{words.text('lines')}: {why}"
    row, _, part = name.removeprefix(f"{ENTRY_LINES}.").partition(".")
    if not row.startswith(f"{PASTED}-"):
        return why
    column = words.text(LINE_WORDS[part]) if part in LINE_WORDS else part
    return words.text("pasted_line_wrong", line=row.rpartition("-")[2], column=column, why=why)
