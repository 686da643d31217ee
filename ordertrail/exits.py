"""Exit codes of every process of the product, so that a supervisor, a script and a person read the same thing.

Also the last words that several of them have in common.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from psycopg.errors import UndefinedTable

STOPPED: Final = 0
"""Stopped because somebody asked for it, or a command that did what it should."""
PROBLEM: Final = 1
"""Something went wrong: a failed rehearsal, an unclean log, a process that could not go on."""
REFUSED: Final = 2
"""Nothing was started: settings, data or another instance forbid it. A sentence says which."""
FENCED: Final = 3
"""Another process has claimed the log's partitions since; starting again would only take them back."""

NEVER_RESTARTED: Final = frozenset({REFUSED, FENCED})


def what_is_missing(missing: UndefinedTable) -> str:
    """The sentence where a table was never made, or somebody has dropped it."""
    lacks = missing.diag.message_primary or first_line(missing)
    return f"The database lacks what `ordertrail up` makes: {lacks}."


def first_line(error: Exception) -> str:
    """What an error says itself: Psycopg's quote the statement below."""
    return str(error).partition("\n")[0]
