"""What a checker can find, one sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple


class Violation(StrEnum):
    """A promise that was broken."""

    SEQUENCE = "sequences of a partition have a gap or a repeat"
    VERSION = "versions of a stream have a gap or a repeat"
    HASH = "a record is not linked to the one before it"
    PLACE = "a stream lies in a partition that is not its own"
    IDENTITY = "an id, a number or a tracking token was given twice"
    SERIAL = "serials of a partition have a gap or a repeat"
    CLOCK = "time went back within a stream"
    CAUSE = "an effect names a cause that is not in the log"
    EXECUTED_TWICE = "a command was executed twice"
    OVERSOLD = "units were reserved that were not there"
    MISPLACED_UNITS = "units left a place where they were not"
    LOST = "acknowledged, and not in the log"
    MISTOLD = "the answer names another place than the log"
    DENIED = "told not to be executed, and executed"
    REFUSED_AFTER = "refused after it had been executed"
    NEW_TWICE = "told to be new more than once"
    ONE_KEY = "one key, and two bodies were taken or one body was not"
    UNASKED = "executed, and nobody asked for it"
    WENT_BACK = "an older state was shown after a newer one"
    STALE = "a read is older than its token"
    AHEAD = "shown before it was asked for, or what the log never held"


class Finding(NamedTuple):
    """One case of it."""

    violation: Violation
    words: str


def found(violation: Violation, words: Iterable[str]) -> Iterator[Finding]:
    """Each of these sentences as a finding."""
    return (Finding(violation, each) for each in words)
