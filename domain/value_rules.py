"""What is asked of values beyond what pydantic has rules for, and how it is said when a value breaks one.

Must not know: which value is asked what.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, LiteralString

from pydantic_core import PydanticCustomError

VALUE_RULES: Final[Mapping[str, LiteralString]] = {
    "blank": "nothing but blanks",
    "control_character": "control character {character} at position {position}",
    "turns_around": "{character} would turn the text around at position {position}",
    "invisible": "{character} cannot be seen at position {position}",
    "joins_nothing": "{character} joins nothing at position {position}",
    "day": "a date written such as 2026-03-02 is expected",
    "instant": "an instant written such as 2026-03-02T09:00:00Z is expected",
    "currency": "unknown currency {code}: an ISO 4217 code such as EUR is expected",
    "plain_number": "a number written such as 1234.50 is expected, without separators of thousands",
    "minus_zero": "-0 is no amount; write 0",
    "phone_form": "digits are expected, with +, blanks, hyphens, brackets, and an extension such as x12",
    "phone_digits": "{fewest} to {most} digits are expected",
    "mixed_currencies": "mixed currencies: line {line} is in {currency}, line 1 in {first}",
}
"""What we ask of values beyond what pydantic has rules for, and the reason that is given: a page says it in its
reader's language by the rule's name."""


def broken(rule: str, **context: str | int) -> PydanticCustomError:
    """The error of a value that breaks one of `VALUE_RULES`."""
    return PydanticCustomError(rule, VALUE_RULES[rule], context)
