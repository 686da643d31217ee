"""Exit codes of every process of the product, so that a supervisor, a script and a person read the same thing."""

from __future__ import annotations

from typing import Final

STOPPED: Final = 0
"""Stopped because somebody asked for it, or a command that did what it should."""
PROBLEM: Final = 1
"""Something went wrong: a failed rehearsal, an unclean log, a process that could not go on."""
REFUSED: Final = 2
"""Nothing was started: settings, data or another instance forbid it. A sentence says which."""
FENCED: Final = 3
"""Another process has claimed the log's partitions since; starting again would only take them back."""

NEVER_RESTARTED: Final = frozenset({REFUSED, FENCED})
