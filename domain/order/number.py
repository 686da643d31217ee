"""Order numbers as people read them: `OT-2026-000123-32`, with two check digits that catch a mistyped one.

Decides: how prefix, year and serial become a number. Must not know: where serials come from.
"""

from __future__ import annotations

import re

TRAINING_PREFIX = "DEMO"
"""Prefix of a company that only practises."""

_FORM = re.compile(r"([A-Z][A-Z0-9]{0,9})-([0-9]{4})-([0-9]{6,15})-([0-9]{2})")


def order_number(prefix: str, year: int, serial: int) -> str:
    """Prefix, year and serial (at least six digits) with check digits by ISO 7064 MOD 97-10 over all of them."""
    check = 98 - _value(f"{prefix}{year:04d}{serial:06d}00") % 97
    return f"{prefix}-{year:04d}-{serial:06d}-{check:02d}"


def is_order_number(text: str) -> bool:
    """Whether `text` has the form of an order number and its check digits hold."""
    found = _FORM.fullmatch(text)
    return found is not None and _value("".join(found.groups())) % 97 == 1


def _value(text: str) -> int:
    """ISO 7064: letters count 10 to 35, digits stand for themselves, all written in one row."""
    return int("".join(str(int(character, 36)) for character in text))
