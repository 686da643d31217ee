"""The small values that events are made of: plain numbers, texts and dates, without today's bounds.

What happened is kept for ever, while bounds change: a currency is withdrawn, a longest name grows shorter. An event
must stay readable all the same, so bounds belong to commands (`values.py`, which derives its classes from these).
Decides: which parts a price, line, address or total has. Must not know: what a command may ask for.
Personal values carry the `PERSONAL` mark, so that a later release can find and encrypt every one of them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, NewType

from pydantic import BaseModel, ConfigDict
from typing_extensions import override

OrderId = NewType("OrderId", str)
"""UUID in its canonical lower-case text form, without the stream's prefix."""


class Model(BaseModel):  # noqa: PLW1641 - pydantic gives every frozen model a hash of its fields
    """Base of every value, command and event: immutable, and a field that nobody declared is an error.

    A command's value equals the event's value of the same content, so that an order is the same before and after it was
    stored.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @override
    def __eq__(self, other: object) -> bool:
        related = isinstance(other, type(self)) or isinstance(self, type(other))
        return related and self.__dict__ == other.__dict__


class PersonalMark:
    """Marks a field that says something about a person (GDPR article 4); found through a model's field metadata."""


PERSONAL: Final = PersonalMark()

PersonalText = Annotated[str, PERSONAL]

Actor = Annotated[str, PERSONAL]
"""Who acts: the name a token carries, or `workflow`."""


# ISO 4217, the codes of 2026 that a company can be paid in. Orders keep their currency for ever, so the table only
# grows: what is withdrawn is named in `values.py`, and still shown with its digits.
MINOR_DIGITS: Final[dict[str, int]] = {
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
"""How many digits minor units have, of every currency that was ever taken."""


class Price(Model):
    """Price of one unit."""

    amount: Decimal
    currency: str
    """ISO 4217."""


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
    sku: str
    name: str
    quantity: int
    unit: str = "piece"
    pack_factor: int = 1
    """Base units in one ordered pack; information, quantities are base units."""
    unit_price: Price
    tax_code: str | None = None
    """Tax class of the seller's books; None where the seller keeps none."""
    lot: str | None = None
    """A lot the customer asked for; None for any."""
    serial: str | None = None
    """A serial number the customer asked for; None for any."""
    customer_line: str | None = None
    """The customer's own number of this line; None where there is none."""


class Customer(Model):
    """Who ordered. `id` None is a guest."""

    id: str | None = None
    name: PersonalText | None = None
    email: PersonalText | None = None
    phone: PersonalText | None = None
    """As it was typed."""
    language: str | None = None
    """BCP 47: what the customer reads; None where nobody said."""


class CustomerReference(Model):
    """The customer's own order number and, where the customer gives one, the kind of document it stands on."""

    number: str
    document: str | None = None


class Address(Model):
    """Where to send. A country may be all that is known."""

    country: str
    name: PersonalText | None = None
    street: PersonalText | None = None
    city: PersonalText | None = None
    postal_code: PersonalText | None = None
    street_2: PersonalText | None = None
    """Second line of the street: floor, building, industrial estate."""
    region: PersonalText | None = None
    """Province or state."""
    phone: PersonalText | None = None
    """Whom the driver calls; as it was typed."""


class DateSource(StrEnum):
    """Who gave a date. No date is ever computed."""

    ORDER = "order"
    PERSON = "person"
    CARRIER = "carrier"


class PromisePortion(Model):
    """Units of a line promised for a date, and who promised them."""

    line: int
    quantity: int
    on: date
    source: DateSource


class Units(Model):
    """Units of one order line."""

    line: int
    quantity: int


class LineTotal(Model):
    """A total to date of one order line."""

    line: int
    quantity: int


class StockTotals(Model):
    """Totals to date of the lines that draw on one stock item. Never differences: arriving twice changes nothing."""

    sku: str
    location: str
    lines: tuple[LineTotal, ...]


class Shortage(StrEnum):
    """What becomes of units that an order wants and stock does not have now."""

    WAIT = "wait"
    """They wait for stock."""
    REFUSE_MISSING = "refuse-missing"
    """They are refused; what is there is reserved."""
    REFUSE_WHOLE = "refuse-whole"
    """Everything is refused: all or nothing."""
    REFUSE_WHOLE_NOW = "refuse-whole-now"
    """All or nothing, and undecided for nobody's sake: the order holds other articles that others may wait for."""
