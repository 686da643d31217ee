"""A problem as pages and forms tell it: heading, sentence, and what is wrong with which field, in the reader's words.

Decides: which words a problem is told in. Must not know: which problems there are, how the page looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from query_api.sentences import Words

FIELD_KEYS: Final[Mapping[str, str]] = {
    "again": "password_again",
    "badge": "badge_code",
    "current": "current_password",
    "customer": "customer",
    "device": "device_name",
    "device_name": "device_name",
    "from": "placed_from",
    "headline": "state",
    "language": "language",
    "location": "location",
    "otp": "second_code",
    "password": "password",
    "pin": "pin",
    "q": "search",
    "reference": "reference",
    "role": "working_as",
    "save_as": "save_filter_as",
    "sku": "sku",
    "to": "placed_to",
    "waiting_on": "waiting_on",
    "who": "name_or_email",
}
"""What pages call the fields of their own forms. Others stand in addresses, which nobody types: they have no name.
Those of commands are not among them: a refused command is shown beside its form."""


@dataclass(frozen=True, slots=True)
class ToldProblem:
    """What the page says."""

    heading: str
    sentence: str
    faults: tuple[str, ...]


def told_problem(problem: Mapping[str, Any], words: Words) -> ToldProblem:
    """A problem document in words. One that has no page of its own is told by the sentence with which forms tell it."""
    code = str(problem["code"])
    faults = tuple(_fault(error, words) for error in problem.get("errors", ()))
    if f"{code}_text" in words.texts:
        return ToldProblem(words.text(f"{code}_title"), words.text(f"{code}_text"), faults)
    return ToldProblem(words.text("problem_title"), refusal_of(problem, words), faults)


def refusal_of(problem: Mapping[str, Any], words: Words) -> str:
    """Why something was refused, in the reader's language as far as it has words."""
    told: str = words.refusals.get(str(problem.get("code")), str(problem.get("title", "")))
    return told


def fault_of(error: Mapping[str, Any], words: Words) -> str:
    """Why a field was refused, in the reader's language as far as it has words."""
    told = words.faults.get(str(error.get("rule")))
    return str(error.get("reason", "")) if told is None else told.format(**error.get("limits", {}))


def _fault(error: Mapping[str, Any], words: Words) -> str:
    """A reason without a rule is for programs: it stands in the document, in English."""
    reason = fault_of(error, words) if error.get("rule") in words.faults else words.text("not_understood")
    key = FIELD_KEYS.get(str(error.get("field", "")).partition(".")[0])
    return reason if key is None else words.text("fault_of_field", field=words.text(key), reason=reason)
