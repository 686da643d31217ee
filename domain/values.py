"""The small values that commands and events are made of, each with its bounds.

Decides: what a quantity, code, text, price, date or address may look like. Must not know: orders, stock, storage, HTTP.
Personal values carry the `PERSONAL` mark, so that a later release can find and encrypt every one of them.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, NewType, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

OrderId = NewType("OrderId", str)
"""UUID in its canonical lower-case text form, without the stream's prefix."""


class Model(BaseModel):
    """Base of every value, command and event: immutable, and a field that nobody declared is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PersonalMark:
    """Marks a field that says something about a person (GDPR article 4); found through a model's field metadata."""


PERSONAL: Final = PersonalMark()

# Unicode's categories Cc and Cs: control characters and lone surrogates.
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
CONTROL_IN_NOTE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def _without(controls: re.Pattern[str], text: str) -> str:
    found = controls.search(text)
    if found is not None:
        raise ValueError(f"control character U+{ord(found[0]):04X} at position {found.start() + 1}")
    return text


def _without_controls(text: str) -> str:
    return _without(CONTROL, text)


def _note_without_controls(text: str) -> str:
    return _without(CONTROL_IN_NOTE, text.replace("\r\n", "\n"))


Text = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_without_controls)]
"""One line of 1 to 200 characters without control characters."""

Note = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_note_without_controls)]
"""1 to 4,000 characters; of the control characters only newline and tab."""

Reason = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_note_without_controls)]
"""Why somebody decided something: 1 to 500 characters."""

PersonalText = Annotated[Text, PERSONAL]
PersonalNote = Annotated[Note, PERSONAL]

Actor = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_without_controls), PERSONAL]
"""Who acts: the name a token carries, or `workflow`."""

Quantity = Annotated[int, Field(strict=True, ge=1, le=10**9)]
"""Whole base units, 1 to 10⁹."""

Total = Annotated[int, Field(strict=True, ge=0, le=10**12)]
"""A sum of quantities to date, 0 included."""

LineNumber = Annotated[int, Field(strict=True, ge=1, le=10**6)]
"""Place of a line in its order, from 1."""

Version = Annotated[int, Field(strict=True, ge=1)]
"""Version of a stream: 1 is its first event."""

Sku = Annotated[
    str, StringConstraints(to_upper=True, min_length=1, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._+\-]*$")
]
"""Stock code; upper-cased, so that `85123a` and `85123A` are one article."""

Location = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,19}$")]
"""Where stock lies: lower-case letters, digits and hyphens."""

MAIN: Final[str] = "main"

Priority = Annotated[int, Field(strict=True, ge=0, le=9)]
"""0 is served first, 9 last."""

Flag = Annotated[bool, Field(strict=True)]

WRITTEN_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _written(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and WRITTEN_DATE.match(value)):
        return value
    raise ValueError("a date written such as 2026-03-02 is expected")


Day = Annotated[date, BeforeValidator(_written)]
"""A date as ISO 8601 writes it; a bare number would be taken for seconds since 1970."""

Moment = Annotated[AwareDatetime, BeforeValidator(_written)]
"""An instant as RFC 3339 writes it, with its offset; never a bare number."""

# ISO 4217, active codes of 2026 that a company can be paid in, with the number of minor-unit digits.
CURRENCIES: Final[dict[str, int]] = {
    **dict.fromkeys(("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF").split(), 0),
    **dict.fromkeys(("BHD IQD JOD KWD LYD OMR TND").split(), 3),
    **dict.fromkeys(
        (
            "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY "
            "COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
            "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR "
            "MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG "
            "SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST "
            "XCD XCG YER ZAR ZMW ZWG"
        ).split(),
        2,
    ),
}


def _known_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError(f"unknown currency {code!r}: an ISO 4217 code such as EUR is expected")
    return code


Currency = Annotated[str, StringConstraints(max_length=3), AfterValidator(_known_currency)]

UnitAmount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6)]


class Price(Model):
    """Price of one unit, up to six decimals."""

    amount: UnitAmount
    currency: Currency


class Money(Model):
    """A total in minor units (cents for EUR, yen for JPY)."""

    minor: int
    currency: Currency


class LineKind(StrEnum):
    """Only goods enter the quantity ledger."""

    GOODS = "goods"
    SERVICE = "service"
    CHARGE = "charge"
    DISCOUNT = "discount"


class Line(Model):
    """One line as it was ordered, a snapshot: later changes of an article do not reach it.

    A discount's price counts negative.
    """

    kind: LineKind = LineKind.GOODS
    sku: Sku
    name: Text
    quantity: Quantity
    unit: Annotated[Text, Field(max_length=20)] = "piece"
    pack_factor: Quantity = 1
    """Base units in one ordered pack; information, quantities are base units."""
    unit_price: Price
    tax_code: Text | None = None
    """Tax class of the seller's books; None where the seller keeps none."""
    lot: Text | None = None
    """A lot the customer asked for; None for any."""
    serial: Text | None = None
    """A serial number the customer asked for; None for any."""
    customer_line: Text | None = None
    """The customer's own number of this line; None where there is none."""


class Customer(Model):
    """Who ordered. `id` None is a guest."""

    id: Text | None = None
    name: PersonalText | None = None
    email: PersonalText | None = None


class CustomerReference(Model):
    """The customer's own order number and, where the customer gives one, the kind of document it stands on."""

    number: Text
    document: Text | None = None


class Address(Model):
    """Where to send. A country may be all that is known."""

    country: Text
    name: PersonalText | None = None
    street: PersonalText | None = None
    city: PersonalText | None = None
    postal_code: PersonalText | None = None


class DateSource(StrEnum):
    """Who gave a date. No date is ever computed."""

    ORDER = "order"
    PERSON = "person"
    CARRIER = "carrier"


class PromisePortion(Model):
    """So many units of a line on a date, and who said so."""

    line: LineNumber
    quantity: Quantity
    on: Day
    source: DateSource


class Units(Model):
    """Units of one order line."""

    line: LineNumber
    quantity: Quantity


class LineTotal(Model):
    """A total to date of one order line."""

    line: LineNumber
    quantity: Total


class StockTotals(Model):
    """Totals to date of the lines that draw on one stock item. Never differences: arriving twice changes nothing."""

    sku: Sku
    location: Location
    lines: tuple[LineTotal, ...]


def one_currency(lines: tuple[Line, ...]) -> str:
    """The currency all lines share; ValueError that names the first line that differs."""
    first = lines[0].unit_price.currency
    for number, line in enumerate(lines, start=1):
        if line.unit_price.currency != first:
            raise ValueError(f"mixed currencies: line {number} is in {line.unit_price.currency}, line 1 in {first}")
    return first


class OneCurrency(Model):
    """Mixed into whatever carries lines: all of them are in one currency."""

    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=10_000)]

    @model_validator(mode="after")
    def _lines_share_one_currency(self) -> Self:
        one_currency(self.lines)
        return self
