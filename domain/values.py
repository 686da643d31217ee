"""The small values of commands: the classes of `event_values.py` with bounds, so that events take them as they are.

Decides: what a quantity, code, text, price, date or address may look like today. Every field is named again,
for one that is only inherited has no bound. Must not know: orders, stock, storage, HTTP.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
    model_validator,
)

from domain import event_values
from domain.contact_values import LanguageTag, Phone
from domain.event_values import MINOR_DIGITS, PERSONAL, Model
from domain.texts import readable_line, readable_note
from domain.value_rules import broken

Text = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(readable_line)]
"""One line of 1 to 200 characters, not all blank, without characters that control or turn the text or are not seen."""

Note = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(readable_note)]
"""1 to 4,000 characters, as `Text`, but with newline and tab."""

Reason = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(readable_note)]
"""Why somebody decided something: 1 to 500 characters, as `Note`."""

PersonalText = Annotated[Text, PERSONAL]
PersonalNote = Annotated[Note, PERSONAL]

DeliveryText = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(readable_note), PERSONAL]
"""What fits on a delivery note: 1 to 500 characters, as `Note`."""

Quantity = Annotated[int, Field(strict=True, ge=1, le=10**9)]
"""Whole base units, 1 to 10⁹."""

Total = Annotated[int, Field(strict=True, ge=0, le=10**12)]
"""A sum of quantities to date, 0 included."""

LineNumber = Annotated[int, Field(strict=True, ge=1, le=10**6)]
"""Place of a line in its order, from 1."""

Version = Annotated[int, Field(strict=True, ge=1)]
"""Version of a stream: 1 is its first event."""


def _without_blanks_around(value: object) -> object:
    return value.strip(" ") if isinstance(value, str) else value


Sku = Annotated[
    str,
    BeforeValidator(_without_blanks_around),
    StringConstraints(
        to_upper=True,
        min_length=1,
        max_length=40,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9 ._+\-]*[A-Za-z0-9._+\-])?$",
    ),
]
"""Stock code; without blanks around it and in capitals, so that `85123a ` and `85123A` are one article."""

Location = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,19}$")]
"""Where stock lies: lower-case letters, digits and hyphens."""

MAIN: Final[str] = "main"

Priority = Annotated[int, Field(strict=True, ge=0, le=9)]
"""0 is served first, 9 last."""

Flag = Annotated[bool, Field(strict=True)]

WRITTEN_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _written_day(value: object) -> object:
    text = value.isoformat() if isinstance(value, date) else value
    if isinstance(text, str) and WRITTEN_DATE.fullmatch(text):
        return value
    raise broken("day")


def _written_moment(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and WRITTEN_DATE.match(value)):
        return value
    raise broken("instant")


Day = Annotated[date, BeforeValidator(_written_day)]
"""A date as ISO 8601 writes it, without a time of day; a bare number would be taken for seconds since 1970."""

Moment = Annotated[AwareDatetime, BeforeValidator(_written_moment)]
"""An instant as RFC 3339 writes it, with its offset; never a bare number."""

WITHDRAWN: Final[frozenset[str]] = frozenset()
"""Currencies of which ISO 4217 says that nobody pays in them any more."""

CURRENCIES: Final = frozenset(MINOR_DIGITS) - WITHDRAWN
"""What a company can be paid in today."""


def _known_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise broken("currency", code=repr(code))
    return code


Currency = Annotated[str, StringConstraints(max_length=3), AfterValidator(_known_currency)]

PLAIN_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def _plain_number(value: object) -> object:
    if isinstance(value, str) and not PLAIN_NUMBER.fullmatch(value):
        raise broken("plain_number")
    return value


def _unsigned(amount: Decimal) -> Decimal:
    if amount.is_signed():
        raise broken("minus_zero")
    return amount


UnitAmount = Annotated[
    Decimal,
    BeforeValidator(_plain_number),
    Field(ge=0, max_digits=18, decimal_places=6),
    AfterValidator(_unsigned),
]


class Price(event_values.Price):
    """Price of one unit, up to six decimals."""

    amount: UnitAmount
    currency: Currency


class Line(event_values.Line):
    """One line as it is ordered."""

    sku: Sku
    name: Text
    quantity: Quantity
    unit: Annotated[Text, Field(max_length=20)] = "piece"
    pack_factor: Quantity = 1
    unit_price: Price
    tax_code: Text | None = None
    lot: Text | None = None
    serial: Text | None = None
    customer_line: Text | None = None


class Customer(event_values.Customer):
    """Who orders."""

    id: Text | None = None
    name: PersonalText | None = None
    email: PersonalText | None = None
    phone: Phone | None = None
    language: LanguageTag | None = None


class CustomerReference(event_values.CustomerReference):
    """The customer's own order number."""

    number: Text
    document: Text | None = None


class Address(event_values.Address):
    """Where to send."""

    country: Text
    name: PersonalText | None = None
    street: PersonalText | None = None
    city: PersonalText | None = None
    postal_code: PersonalText | None = None
    street_2: PersonalText | None = None
    region: PersonalText | None = None
    phone: Phone | None = None


class PromisePortion(event_values.PromisePortion):
    """Units that a person promises for a date."""

    line: LineNumber
    quantity: Quantity
    on: Day
    source: event_values.DateSource = event_values.DateSource.PERSON
    """A person's, whatever is named here."""


class Units(event_values.Units):
    """Units of one order line that a command names."""

    line: LineNumber
    quantity: Quantity


def one_currency(lines: tuple[Line, ...]) -> str:
    """The currency all lines share; an error of validation that names the first line that differs."""
    first = lines[0].unit_price.currency
    for number, line in enumerate(lines, start=1):
        if line.unit_price.currency != first:
            raise broken("mixed_currencies", line=number, currency=line.unit_price.currency, first=first)
    return first


MOST_LINES: Final = 10_000
"""Of one order."""


class OneCurrency(Model):
    """Mixed into whatever carries lines: all of them are in one currency."""

    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=MOST_LINES)]

    @model_validator(mode="after")
    def _lines_share_one_currency(self) -> Self:
        one_currency(self.lines)
        return self
