"""How somebody is reached and spoken to: telephone numbers and languages, with today's bounds.

Decides: what is taken for a number and for a language, and which digits of a number it is found by. Must not know:
whose they are.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from domain.event_values import PERSONAL
from domain.value_rules import broken

PHONE_FORM: Final = re.compile(r"(?P<number>\+?[0-9 ()\-./]+)(?P<extension>(x|ext\.?|#) ?[0-9]{1,7})?", re.IGNORECASE)
FEWEST_DIGITS: Final = 3
"""An inside number, or one of an emergency service."""
MOST_DIGITS: Final = 20
"""ITU-T E.164 has 15, and whoever dials out of a house or a country puts some before them."""


def phone_digits(text: str) -> str:
    """The digits that a number is compared by: full-width ones as plain ones, without signs and extension.

    `+44 (0)113 496-0123 x7` and `０１１３ 496 0123` end with the same ones. Empty where there is no number.
    """
    found = PHONE_FORM.fullmatch(_folded(text))
    return "" if found is None else re.sub(r"[^0-9]", "", found["number"])


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _dialled(text: str) -> str:
    if PHONE_FORM.fullmatch(_folded(text)) is None:
        raise broken("phone_form")
    if not FEWEST_DIGITS <= len(phone_digits(text)) <= MOST_DIGITS:
        raise broken("phone_digits", fewest=FEWEST_DIGITS, most=MOST_DIGITS)
    return text


Phone = Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(_dialled), PERSONAL]
"""A telephone number as it was typed, for that is what somebody reads out; compared by `phone_digits`."""


def _language_case(value: object) -> object:
    """`ZH-hans-cn` as BCP 47 recommends to write it: `zh-Hans-CN`."""
    if not isinstance(value, str):
        return value
    language, *subtags = value.split("-")
    cased = (tag.title() if len(tag) == len("Hans") else tag.upper() for tag in subtags)
    return "-".join((language.lower(), *cased))


LanguageTag = Annotated[
    str,
    BeforeValidator(_language_case),
    StringConstraints(max_length=12, pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"),
]
"""A language as BCP 47 names it, with script and region: `de`, `zh-Hans-CN`.

Not one of the languages that we speak: which one a customer reads is a fact about the customer, and stays true when we
learn another. Whoever writes to the customer chooses the nearest that we have.
"""
