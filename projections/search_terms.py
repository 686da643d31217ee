"""What people look for an order by, and the one form in which that is stored and asked.

Decides: by which fields an order is found, and which differences of writing count for nothing. Must not know: where
terms are kept, who may look by which field.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from typing import Final

from domain.contact_values import phone_digits


class SearchField(StrEnum):
    """What an order is found by; the value is the field's name in documents and in `domain/access.py`."""

    NUMBER = "number"
    REFERENCE = "customer_reference"
    CUSTOMER_ID = "customer.id"
    CUSTOMER_NAME = "customer.name"
    EMAIL = "customer.email"
    PHONE = "customer.phone"
    DELIVERY_PHONE = "ship_to.phone"
    TRACKING_NUMBER = "tracking_number"
    SKU = "sku"


PHONES: Final = frozenset({SearchField.PHONE, SearchField.DELIVERY_PHONE})
WORDED: Final = frozenset({SearchField.CUSTOMER_NAME})
"""Found by the beginning of any of their words."""
HYPHENS_COUNT: Final = frozenset({SearchField.EMAIL})
"""Elsewhere a code is the same with and without them."""

PHONE_DIGITS: Final = 7
"""The last ones, which are the same with and without the codes of country and area."""
LONGEST_TERM: Final = 64
MOST_WORDS: Final = 12
"""Words of a name by which it is found."""

NOT_SEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
"""Unicode's categories of blanks, and of characters that nobody sees: what is copied from elsewhere often has some."""
SELECTORS: Final = range(0xFE00, 0xFE10)


def folded(field: SearchField, text: str) -> str:
    """The text without differences that count for nothing; what is stored and what is asked are both compared so.

    Empty where it cannot be meant for the field.
    """
    return _phone(text) if field in PHONES else _plain(text, hyphens=field in HYPHENS_COUNT)[:LONGEST_TERM]


def terms(field: SearchField, text: str) -> Iterator[str]:
    """By what the text is found: whole, or its beginning; a name by each of its words too."""
    starts = _starts(unicodedata.normalize("NFKC", readable(text))) if field in WORDED else (text,)
    yield from filter(None, dict.fromkeys(folded(field, start) for start in starts))


def readable(text: str) -> str:
    """The text as one sees it, on one line."""
    shown = (" " if character.isspace() else character for character in text)
    return " ".join("".join(one for one in shown if one == " " or _is_seen(one)).split())


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in NOT_SEEN and ord(character) not in SELECTORS


def _plain(text: str, *, hyphens: bool) -> str:
    """Until nothing changes any more: what is left when a blank goes may compose anew."""
    while (plainer := _plainer(text, hyphens=hyphens)) != text:
        text = plainer
    return text


def _plainer(text: str, *, hyphens: bool) -> str:
    written = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(one for one in written if _is_seen(one) and (hyphens or not _is_hyphen(one)))


def _is_hyphen(character: str) -> bool:
    return unicodedata.category(character) == "Pd" or character == "−"


def _phone(text: str) -> str:
    """Its last digits; what is copied from a page has other dashes and digits than a number that was typed."""
    return phone_digits("".join(map(_dialled_sign, unicodedata.normalize("NFKC", readable(text)))))[-PHONE_DIGITS:]


def _dialled_sign(one: str) -> str:
    if one.isdecimal():
        return str(unicodedata.decimal(one))
    return "-" if _is_hyphen(one) else one


def _starts(name: str) -> Iterator[str]:
    """The name from each of its words on. Where words are written together, each character may begin one."""
    yield name
    begins = (place for place, (before, now) in enumerate(pairwise(name), 1) if _begins_word(before, now))
    for place, _ in zip(begins, range(MOST_WORDS), strict=False):
        yield name[place:]


def _begins_word(before: str, now: str) -> bool:
    return now.isalnum() and (not before.isalnum() or unicodedata.east_asian_width(now) == "W")
