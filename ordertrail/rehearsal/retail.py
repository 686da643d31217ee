"""Reads the "Online Retail" export: a folder of CSV files, one row per invoice line, untidy as real exports are.

Decides: what is goods, service, charge or discount, what cannot be used and why, and which credit notes cancel lines of
earlier invoices. Must not know: how an invoice is played or imported. Columns: InvoiceNo, StockCode, Description,
Quantity, InvoiceDate, UnitPrice (GBP), CustomerID, Country.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from domain.event_values import LineKind
from domain.values import Line, Price, Units

CURRENCY: Final = "GBP"
EXPORT_COLUMNS: Final = frozenset(
    "InvoiceNo StockCode Description Quantity InvoiceDate UnitPrice CustomerID Country".split()
)

GOODS: Final = re.compile(r"\d{5}[A-Z]{0,3}|DCGS\w{3,6}|SP\d{4}|PADS")
"""Stock codes of articles: five digits and at most three letters, or one of the two foreign ranges, or cushion pads."""

NOT_GOODS: Final[dict[str, LineKind]] = {
    "POST": LineKind.CHARGE,
    "DOT": LineKind.CHARGE,
    "C2": LineKind.CHARGE,
    "BANK CHARGES": LineKind.CHARGE,
    "AMAZONFEE": LineKind.CHARGE,
    "M": LineKind.SERVICE,
    "S": LineKind.SERVICE,
    "CRUK": LineKind.CHARGE,
    "D": LineKind.DISCOUNT,
}
VOUCHER: Final = re.compile(r"GIFT_\d{4}_\d{2}")
ARTICLE_NAME: Final = re.compile(r"[A-Z]{2}")
"""Articles are named in capitals; `amazon`, `check` or `?` with a price of 0 is a stock clerk's remark."""


class NoExport(Exception):
    """The folder is not a retail export; the message is one sentence."""


class _Unusable(Exception):
    """A row that says nothing an order line could hold; the message is the reason it is counted under."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """A real order: `customer` None is a guest, `country` all that is known of the address."""

    number: str
    customer: str | None
    country: str
    issued_at: datetime
    lines: tuple[Line, ...]
    left_out: Counter[str] = field(default_factory=Counter)
    """Rows of this invoice that could not be used, by reason."""


@dataclass(frozen=True, slots=True)
class CreditNote:
    """An invoice that starts with C: what a customer did not want after all, as (SKU, quantity)."""

    number: str
    customer: str | None
    returned: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An invoice without one usable row, with the reasons its rows were counted under."""

    number: str
    reasons: Counter[str]


Document = Invoice | CreditNote | LeftOut


def read(folder: Path) -> Iterator[Document]:
    """Every document of the export in the order of its files; rows of one invoice need not stand together in a file.

    Raises `NoExport` when the folder holds no CSV file with the expected columns.
    """
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise NoExport(f"{folder} holds no CSV file of a retail export.")
    for file in files:
        yield from _documents(_rows(file))


def matched(documents: Sequence[Document]) -> Mapping[str, tuple[Units, ...]]:
    """Units that later credit notes take back, by invoice number.

    A credited row belongs to the newest earlier invoice of the same customer with a line of that code and exactly that
    quantity; every line is taken back once at most. Guests cannot be told apart, so theirs match nothing.
    """
    sold: defaultdict[tuple[str, str, int], list[tuple[str, int]]] = defaultdict(list)
    taken: defaultdict[str, list[Units]] = defaultdict(list)
    for document in documents:
        if isinstance(document, Invoice) and document.customer:
            for place, line in _goods(document):
                sold[document.customer, line.sku, line.quantity].append((document.number, place))
        for quantity, fitting in _credited(document, sold):
            number, place = fitting.pop()
            taken[number].append(Units(line=place, quantity=quantity))
    return {number: tuple(units) for number, units in taken.items()}


def _credited(
    document: Document, sold: Mapping[tuple[str, str, int], list[tuple[str, int]]]
) -> Iterator[tuple[int, list[tuple[str, int]]]]:
    """Quantity of each credited row, with the lines that it fits, the newest last; rows that fit none are left out."""
    if isinstance(document, CreditNote) and document.customer:
        for sku, quantity in document.returned:
            if fitting := sold.get((document.customer, sku, quantity)):
                yield quantity, fitting


def _goods(invoice: Invoice) -> Iterator[tuple[int, Line]]:
    numbered = enumerate(invoice.lines, start=1)
    return ((place, line) for place, line in numbered if line.kind is LineKind.GOODS)


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened)
        missing = EXPORT_COLUMNS - set(reader.fieldnames or ())
        if missing:
            raise NoExport(f"{file} is no retail export: it has no column {', '.join(sorted(missing))}.")
        yield from reader


def _documents(rows: Iterable[dict[str, str]]) -> Iterator[Document]:
    invoices: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        invoices[row["InvoiceNo"].strip().upper()].append(row)
    for number, lines in invoices.items():
        yield _credit_note(number, lines) if number.startswith("C") else _invoice(number, lines)


def _credit_note(number: str, rows: Sequence[dict[str, str]]) -> CreditNote:
    quantities = ((_code(row), -_quantity(row)) for row in rows)
    return CreditNote(
        number, _customer(rows[0]), tuple((sku, quantity) for sku, quantity in quantities if quantity > 0)
    )


def _invoice(number: str, rows: Sequence[dict[str, str]]) -> Invoice | LeftOut:
    lines: list[Line] = []
    left_out: Counter[str] = Counter()
    for row in rows:
        try:
            lines.append(_line(row))
        except _Unusable as reason:
            left_out[str(reason)] += 1
    if not lines:
        return LeftOut(number, left_out)
    first = rows[0]
    return Invoice(number, _customer(first), first["Country"].strip(), _issued_at(first), tuple(lines), left_out)


def _line(row: dict[str, str]) -> Line:
    code, quantity, price = _code(row), _quantity(row), _price(row)
    name = " ".join(row["Description"].split())
    if quantity <= 0:
        raise _Unusable("quantity is not positive")
    if price < 0:
        raise _Unusable("price is negative")
    if price == 0 and not ARTICLE_NAME.search(name):
        raise _Unusable("stock adjustment without price and article name")
    unit_price = Price(amount=price, currency=CURRENCY)
    return Line(kind=_kind(code), sku=code, name=name or code, quantity=quantity, unit_price=unit_price)


def _kind(code: str) -> LineKind:
    if GOODS.fullmatch(code):
        return LineKind.GOODS
    if VOUCHER.fullmatch(code):
        return LineKind.SERVICE
    if code in NOT_GOODS:
        return NOT_GOODS[code]
    raise _Unusable("stock code is neither an article nor a known charge")


def _code(row: dict[str, str]) -> str:
    return row["StockCode"].strip().upper()


def _customer(row: dict[str, str]) -> str | None:
    """`17850.0` is customer 17850; an empty cell is a guest."""
    return row["CustomerID"].strip().removesuffix(".0") or None


def _quantity(row: dict[str, str]) -> int:
    try:
        return int(row["Quantity"])
    except ValueError:
        return 0


def _price(row: dict[str, str]) -> Decimal:
    """An empty cell is a price of 0."""
    try:
        price = Decimal(row["UnitPrice"].strip() or 0)
    except InvalidOperation:
        raise _Unusable("price is no number") from None
    if not price.is_finite() or abs(price) >= 10**12:
        raise _Unusable("price is no number")
    return price.quantize(Decimal("0.000001")).normalize() + 0


def _issued_at(row: dict[str, str]) -> datetime:
    """The wholesaler is in London, where December has UTC."""
    return datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=UTC)
