"""A command as a form: which fields it has, and how what a form sends becomes the document that a program would send.

Decides: how fields are called (`units.3.quantity`: field, row, field of the row; `lines.*.unit_price.currency`: said
once for every row that does not say it itself), and how text becomes numbers, dates, flags. What is no number stays
text, so that the command's own validation says so. Must not know: HTTP, words on screen, what a command means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, TypeAlias, Union, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from domain.company_time import moment_in

LOCAL_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?")
"""What a browser's field for date and time sends: what the company's clocks show."""

EVERY_ROW: Final = "*"
"""Stands where the name of a row stands: what is typed there is said of every row in which somebody wrote."""

ROW_NAME: Final = "line"
COUNT: Final = "quantity"

LONGEST_NUMBER: Final = len("1000000000000")
MOST_STEPS: Final = 8
"""Of a name; what is deeper stays in the last step as it was written, for no command is as deep."""
LONG_TEXT: Final = 300
"""Characters from which a text is written in several rows."""

CONTROLS: Final = frozenset({"csrf", "key", "back", "act", "version", "draft", "shown", "another"})
"""What a form carries besides the command: the proof that it is ours, the key against sending it twice, where it leads
back to, from which offer it was made, which draft it was, what was shown of what it would do; that it is another order
than an earlier one with the same reference."""

FormDocument: TypeAlias = dict[str, Any]

Fields: TypeAlias = tuple[tuple[str, str], ...]
"""Names and texts as a form sends them; a name may come several times."""


def storable(fields: Fields) -> Fields:
    """The form as the database takes it."""
    return tuple((stored(name), stored(text)) for name, text in fields)


def stored(text: str) -> str:
    """As the database takes it: a character that it has none for is shown as the sign for that."""
    return text.replace("\0", "\ufffd")


class FieldKind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    NOTE = "note"
    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"
    MOMENT = "moment"
    CHOICE = "choice"
    CHOICES = "choices"
    ROWS = "rows"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One field of a command as a form has it."""

    name: str
    kind: FieldKind
    required: bool
    choices: type[Enum] | None = None
    parts: tuple[FieldShape, ...] = ()
    """Fields of each row or of the group."""
    longest: int | None = None
    """Characters of a text."""
    default: str = ""
    """What is meant where nothing is said; of a choice."""


@cache
def shape_of(model: type[BaseModel]) -> tuple[FieldShape, ...]:
    """The fields of a command or of a value inside it, in the model's order."""
    return tuple(
        replace(
            _shape(name, field.annotation, _flat(field.metadata), required=field.is_required()),
            default=field.default.value if isinstance(field.default, StrEnum) else "",
        )
        for name, field in model.model_fields.items()
    )


def _shape(name: str, annotation: Any, metadata: tuple[Any, ...], *, required: bool) -> FieldShape:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape(name, arguments[0], (*metadata, *_flat(arguments[1:])), required=required)
    if origin in {Union, UnionType}:
        (one,) = (part for part in arguments if part is not NoneType)
        return _shape(name, one, metadata, required=required)
    if origin is tuple:
        return _listed(name, arguments[0], required=required)
    if annotation is str:
        return _text(name, metadata, required=required)
    if annotation in PLAIN_KINDS:
        return FieldShape(name, PLAIN_KINDS[annotation], required)
    return _named(name, annotation, required=required)


def _named(name: str, annotation: type[Enum | BaseModel], *, required: bool) -> FieldShape:
    if issubclass(annotation, BaseModel):
        return FieldShape(name, FieldKind.GROUP, required, parts=shape_of(annotation))
    return FieldShape(name, FieldKind.CHOICE, required, annotation)


PLAIN_KINDS: Final[dict[Any, FieldKind]] = {
    bool: FieldKind.FLAG,
    UUID: FieldKind.TEXT,
    int: FieldKind.NUMBER,
    date: FieldKind.DAY,
    datetime: FieldKind.MOMENT,
    AwareDatetime: FieldKind.MOMENT,
    Decimal: FieldKind.TEXT,
}


def _listed(name: str, item: Any, *, required: bool) -> FieldShape:
    if issubclass(item, BaseModel):
        return FieldShape(name, FieldKind.ROWS, required, parts=shape_of(item))
    return FieldShape(name, FieldKind.CHOICES, required, item)


def _text(name: str, metadata: tuple[Any, ...], *, required: bool) -> FieldShape:
    lengths = [part.max_length for part in metadata if isinstance(part, StringConstraints) and part.max_length]
    longest = min(lengths, default=None)
    kind = FieldKind.NOTE if longest is not None and longest >= LONG_TEXT else FieldKind.TEXT
    return FieldShape(name, kind, required, longest=longest)


def _flat(metadata: Sequence[Any]) -> tuple[Any, ...]:
    """Field(...) inside Annotated carries its constraints in a list of its own."""
    return tuple(part for one in metadata for part in (one.metadata if isinstance(one, FieldInfo) else (one,)))


def document_of(shape: Sequence[FieldShape], given: Iterable[tuple[str, str]], zone: tzinfo = UTC) -> FormDocument:
    """What a form says, as a program would have sent it. Empty fields say nothing; so does a row in which nobody wrote.

    A field that the command does not have is kept, for validation to refuse it by name. `zone` is the company's.
    """
    return _read_group(shape, _tree(given), zone)


Tree: TypeAlias = "dict[str, Tree | list[str]]"


def _tree(given: Iterable[tuple[str, str]]) -> Tree:
    tree: Tree = {}
    for name, text in given:
        _hang(tree, name.split(".", MOST_STEPS - 1), text.strip())
    return tree


def _hang(tree: Tree, steps: Sequence[str], text: str) -> None:
    for step in steps[:-1]:
        branch = tree.setdefault(step, {})
        if isinstance(branch, list):  # a field that has a text cannot have parts as well
            return
        tree = branch
    leaf = tree.setdefault(steps[-1], [])
    if isinstance(leaf, list):
        leaf.append(text)


def _read_group(shape: Sequence[FieldShape], tree: Tree, zone: tzinfo) -> FormDocument:
    known = {field.name: field for field in shape}
    read: FormDocument = {}
    for name, node in tree.items():
        field = known.get(name)
        value = _text_of(node) if field is None else _read(field, node, zone)
        if value not in (None, {}):
            read[name] = value
    return read


def _read(field: FieldShape, node: Tree | list[str], zone: tzinfo) -> Any:
    if field.kind is FieldKind.GROUP and isinstance(node, dict):
        return _read_group(field.parts, node, zone)
    if field.kind is FieldKind.ROWS and isinstance(node, dict):
        said_once = node.get(EVERY_ROW, {})
        return [_read_group(field.parts, _both(said_once, row), zone) for _, row in _rows(node)] or None
    if field.kind is FieldKind.CHOICES and isinstance(node, list):
        return [text for text in node if text] or None
    text = _text_of(node)
    return None if text is None else _plain(field.kind, text, zone)


def _rows(node: Tree) -> Iterator[tuple[str, Tree]]:
    """The rows in which somebody wrote, by their names in the form."""
    for name, row in node.items():
        if name != EVERY_ROW and isinstance(row, dict) and _is_filled_in(row):
            yield name, row


def _both(said_once: Tree | list[str], row: Tree) -> Tree:
    """A row with what is said once for all of them, where it does not say it itself."""
    if not isinstance(said_once, dict):
        return row
    made = dict(row)
    for name, said in said_once.items():
        own = row.get(name)
        if isinstance(own, dict):
            made[name] = _both(said, own)
        elif own is None or _text_of(own) is None:
            made[name] = said
    return made


def _is_filled_in(row: Tree) -> bool:
    """Whether somebody has written something: the line is the form's own word, and of nothing there are no units."""
    return any(_says_something(name, node) for name, node in row.items())


def _says_something(name: str, node: Tree | list[str]) -> bool:
    if isinstance(node, dict):
        return _is_filled_in(node)
    return name != ROW_NAME and _text_of(node) not in ({None, "0"} if name == COUNT else {None})


def _text_of(node: Tree | list[str]) -> str | None:
    """The last text that was given under a name: a browser's own may follow one that we hid."""
    return (node[-1] if node else None) or None if isinstance(node, list) else ""


def whole_number(text: str, longest: int = LONGEST_NUMBER) -> int | None:
    """What somebody wrote in at most so many digits; None where it is anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= longest else None


def _plain(kind: FieldKind, text: str, zone: tzinfo) -> Any:
    if kind is FieldKind.NUMBER and (number := whole_number(text)) is not None:
        return number
    if kind is FieldKind.FLAG and text in {"yes", "no"}:
        return text == "yes"
    if kind is FieldKind.MOMENT and LOCAL_MOMENT.fullmatch(text):
        return _instant(text, zone)
    return text


def _instant(text: str, zone: tzinfo) -> str:
    """What the company's clocks show, as an instant; what they never show stays as it is, without an offset."""
    try:
        found = moment_in(zone, datetime.fromisoformat(text))
    except ValueError:
        return text
    return text if found is None else found.isoformat().replace("+00:00", "Z")


def fields_of(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """A document as a form would send it."""
    for name, value in document.items():
        yield from _fields_of(f"{prefix}{name}", value)


def _fields_of(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        yield from fields_of(value, f"{name}.")
    elif isinstance(value, list | tuple):
        for row, item in enumerate(value):
            yield from _fields_of(f"{name}.{row}" if isinstance(item, Mapping) else name, item)
    elif isinstance(value, bool):
        yield name, "yes" if value else "no"
    elif value is not None:
        yield name, str(value)


def row_names(shape: Sequence[FieldShape], given: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Of each field with rows, how the form called those that the document has, in the document's order."""
    tree = _tree(given)
    return {
        field.name: [name for name, _ in _rows(node)]
        for field in shape
        if field.kind is FieldKind.ROWS and isinstance(node := tree.get(field.name), dict)
    }
