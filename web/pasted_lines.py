"""Lines as a spreadsheet copies them, of an order or of another table: text to rows, and back.

Decides: which columns there are and what they may be called, what separates them, and how numbers are written. Who
pastes must not be misunderstood: what can be read in two ways is refused. What a cell may hold is not decided here: it
stays as it was typed, for the command's own validation to say so. Must not know: HTTP, words on screen.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from domain.values import MOST_LINES
from web.problems import Json, fault

PASTED: Final = "pasted"
"""The form's field that holds them."""

PASTED_COLUMNS: Final[Mapping[str, str]] = {
    "kind": "line kind|行类型",
    "sku": "SKU|article|article no|article number|item|item no|item number|item code|code|product code|stock code|"
    "货号|商品编号|商品编码|货品编号|料号|编码",
    "name": "name|description|article name|item name|product|product name|名称|品名|商品名称|货品名称|描述",
    "quantity": "quantity|qty|units|pcs|pieces|数量|件数|订购数量",
    "unit": "unit|uom|单位",
    "pack_factor": "pack factor|pack size|装箱数|包装数",
    "unit_price.amount": "unit price|price|单价|价格",
    "unit_price.currency": "currency|币种|货币",
    "tax_code": "tax code|税码",
    "lot": "lot|batch|批次|批号",
    "serial": "serial|serial number|序列号",
    "customer_line": "line|line no|no|行|行号|序号",
}  # fmt: skip
"""Fields of a line, and what a header calls them; the first word is ours."""

NEEDED_COLUMNS: Final = ("sku", "quantity")
SUMS: Final = ("quantity", "unit_price.amount", "pack_factor")
CURRENCY_COLUMN: Final = "unit_price.currency"


@dataclass(frozen=True, slots=True)
class PastedTable:
    """Which columns a paste may have, and how many lines."""

    columns: Mapping[str, str]
    """Fields, and what a header calls them; the first word is ours."""
    needed: tuple[str, ...]
    layouts: Mapping[int, tuple[str, ...]]
    """What the columns are where no header says it."""
    most: int

    def fields_of(self, cells: Sequence[str]) -> list[str]:
        """Fields by column where a header names them, empty where it names none of ours; nothing for no header."""
        of = {_folded(word): name for name, words in self.columns.items() for word in words.split("|")}
        names = [of.get(_folded(cell), "") for cell in cells]
        known = {name for name in names if name}
        return names if "sku" in known or len(known) > 1 else []


ORDER_LINES: Final = PastedTable(
    PASTED_COLUMNS,
    NEEDED_COLUMNS,
    # Three columns could be read in two ways.
    {
        2: ("sku", "quantity"),
        4: ("sku", "name", "quantity", "unit_price.amount"),
        5: ("sku", "name", "quantity", "unit_price.amount", CURRENCY_COLUMN),
    },
    MOST_LINES,
)

LONGEST_HEAD: Final = 100
"""Characters of a column's name; what is longer is none of ours."""

SEPARATORS: Final = "\t;；,，"
"""The first of these that stands in the first line separates."""


@dataclass(frozen=True, slots=True)
class Notation:
    """One way to write numbers: the decimal sign, and what groups thousands."""

    plain: re.Pattern[str]
    grouped: re.Pattern[str]
    decimal: str

    def reads(self, text: str) -> bool:
        """Whether a number may be meant."""
        return bool(self.plain.fullmatch(text) or self.grouped.fullmatch(text))

    def read(self, text: str) -> str:
        """As programs write it."""
        whole, _, fraction = text.partition(self.decimal)
        whole = re.sub(r"\D", "", whole)
        return f"{whole}.{fraction}" if fraction else whole


POINT: Final = Notation(re.compile(r"\d+(\.\d+)?"), re.compile(r"\d{1,3}([ ,'’])\d{3}(\1\d{3})*(\.\d+)?"), ".")
COMMA: Final = Notation(re.compile(r"\d+(,\d+)?"), re.compile(r"\d{1,3}([ .'’])\d{3}(\1\d{3})*(,\d+)?"), ",")

NO_FRACTION: Final = re.compile(r"(\d+)\.0{1,2}")
"""`6.00`: how a spreadsheet may write six units. Three zeros could be thousands."""


class UnreadableLines(Exception):
    """Nothing of a paste is taken: `rule` says why, for pages to put into words; `line` counts from 1 in the text."""

    def __init__(self, rule: str, line: int, reason: str) -> None:
        self.rule = rule
        self.line = line
        self.reason = reason
        super().__init__(f"line {line}: {reason}")

    @property
    def fault(self) -> Mapping[str, Json]:
        """As an entry of a problem's `errors`."""
        return {**fault([PASTED], str(self)), "rule": self.rule, "limits": {"line": self.line}}


@dataclass(frozen=True, slots=True)
class PastedLine:
    """One line: its number in the text, and what it says by field."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PastedLines:
    """What was read."""

    lines: tuple[PastedLine, ...] = ()
    left_out: tuple[str, ...] = ()
    """Columns of the header that the table does not have."""


def read_pasted(text: str, table: PastedTable = ORDER_LINES) -> PastedLines:
    """The lines of a paste; `UnreadableLines` where it can be read in no way, or in several."""
    records = _records(text, table.most)
    if not records:
        return PastedLines()
    columns = table.fields_of(records[0][1])
    header, body = (records[0], records[1:]) if columns else (None, records)
    if len(body) > table.most:
        _refuse("pasted_too_many", body[table.most][0], f"more than {table.most} lines")
    fields = _columns(header, columns, table) if header else _layout(body[0], table)
    lines = [PastedLine(number, dict(_cells(number, cells, fields))) for number, cells in body]
    _require_one_currency(lines)
    left_out = [cell for cell, name in zip(header[1], fields, strict=True) if cell and not name] if header else []
    return PastedLines(tuple(_with_numbers(lines, _separator(text))), tuple(left_out))


def columns_left_out(text: str) -> tuple[str, ...]:
    """Columns of the header that an order does not have; none where the paste cannot be read."""
    try:
        return read_pasted(text).left_out
    except UnreadableLines:
        return ()


def write_pasted(rows: Iterable[Mapping[str, str]]) -> str:
    """Lines as a spreadsheet would copy them: read again they say the same."""
    given = list(rows)
    used = [name for name in PASTED_COLUMNS if name in NEEDED_COLUMNS or any(row.get(name) for row in given)]
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(PASTED_COLUMNS[name].partition("|")[0] for name in used)
    writer.writerows([row.get(name, "") for name in used] for row in given)
    return text.getvalue()


def written_out(fields: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """A form's fields, what was pasted as rows among them (`lines.pasted-7.sku`); may raise `UnreadableLines`."""
    for name, text in fields:
        if name != PASTED:
            yield name, text
            continue
        for line in read_pasted(text).lines:
            yield from ((f"lines.{PASTED}-{line.number}.{column}", cell) for column, cell in line.cells.items())


def _refuse(rule: str, line: int, reason: str) -> NoReturn:
    raise UnreadableLines(rule, line, reason)


def _records(text: str, most: int) -> list[tuple[int, list[str]]]:
    """Lines in which anything stands, each with its number; a quoted cell may go on over several."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=_separator(text), strict=True)
    found, number = [], 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                found.append((number, stripped))
            number = reader.line_num + 1
            if len(found) > most + 1:
                break
    except csv.Error as error:
        if "field limit" in str(error):
            _refuse("pasted_long_cell", number, "a cell is longer than anything that an order takes")
        _refuse("pasted_quotes", number, "a cell begins with a quotation mark that does not end it")
    return found


def _separator(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return next((sign for sign in SEPARATORS if sign in first), "\t")


def _folded(word: str) -> str:
    """A column's name without case, blanks, signs, and what stands in brackets."""
    if len(word) > LONGEST_HEAD:
        return ""
    plain = re.sub(r"\([^()]*\)", "", unicodedata.normalize("NFKC", word)).casefold()
    return "".join(character for character in plain if character.isalnum())


def _columns(header: tuple[int, list[str]], names: list[str], table: PastedTable) -> list[str]:
    number, _ = header
    for needed in table.needed:
        if needed not in names:
            _refuse("pasted_header", number, f"no column is called {table.columns[needed].partition('|')[0]}")
    first = {name: place for place, name in reversed(list(enumerate(names)))}
    return [name if first[name] == place else "" for place, name in enumerate(names)]


def _layout(first: tuple[int, list[str]], table: PastedTable) -> Sequence[str]:
    number, cells = first
    width = max(place for place, cell in enumerate(cells, start=1) if cell)
    if width not in table.layouts:
        _refuse("pasted_columns", number, "what the columns are is not clear: let the first line say it")
    return table.layouts[width]


def _cells(number: int, cells: Sequence[str], fields: Sequence[str]) -> Iterator[tuple[str, str]]:
    if any(cells[len(fields) :]):
        _refuse("pasted_more_cells", number, "more cells than columns")
    for name, cell in zip(fields, cells, strict=False):
        if name and cell:
            yield name, _currency(cell) if name == CURRENCY_COLUMN else cell


def _currency(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).upper()


def _require_one_currency(lines: Sequence[PastedLine]) -> None:
    named = [(line.cells[CURRENCY_COLUMN], line.number) for line in lines if CURRENCY_COLUMN in line.cells]
    for currency, number in named:
        if currency != named[0][0]:
            first = f"line {named[0][1]} is in {named[0][0]}"
            _refuse("pasted_currencies", number, f"in {currency}, {first}; an order has one currency")


def _with_numbers(lines: Sequence[PastedLine], separator: str) -> Iterator[PastedLine]:
    """The lines with numbers as programs write them."""
    notation = _notation(lines, separator)
    for line in lines:
        read = {name: _number(name, line.cells[name], notation) for name in SUMS if name in line.cells}
        yield PastedLine(line.number, {**line.cells, **read})


def _notation(lines: Sequence[PastedLine], separator: str) -> Notation:
    """How numbers are written here: as those are that can be read in one way only.

    Where none is, as Chinese and English write them; but a semicolon separates where the comma is the decimal sign.
    """
    written: dict[str, int] = {}
    for line in lines:
        for text in (_plain(line.cells[name]) for name in SUMS if name in line.cells):
            by_point, by_comma = POINT.reads(text), COMMA.reads(text)
            if by_point is not by_comma:
                written.setdefault(POINT.decimal if by_point else COMMA.decimal, line.number)
    if len(written) > 1:
        _refuse(
            "pasted_numbers",
            max(written.values()),
            f"numbers are written otherwise than in line {min(written.values())}",
        )
    usual = COMMA if separator in ";；" else POINT
    return {"": usual, ".": POINT, ",": COMMA}["".join(written)]


def _plain(cell: str) -> str:
    """Digits of other widths and blanks of other kinds as the usual ones."""
    return unicodedata.normalize("NFKC", cell)


def _number(name: str, cell: str, notation: Notation) -> str:
    text = _plain(cell)
    if not notation.reads(text):
        return cell
    read = notation.read(text)
    whole = NO_FRACTION.fullmatch(read) if name != "unit_price.amount" else None
    return whole[1] if whole else read
