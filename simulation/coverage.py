"""What a long run has to have met: every fault, every answer that clients can get, every guard that can be reached.

Decides: that what is never met is no proof of anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulation.faults import FaultKind
from simulation.guards import OUT_OF_REACH, guards

if TYPE_CHECKING:
    from collections.abc import Mapping

ANSWERS: Final = (
    "accepted",
    "repeated",
    "Lost",
    "NobodyThere",
    "NotExecuted",
    "StillUnknown",
    "VersionConflict",
    "KeyReused",
)
ENDS: Final = ("asked to", "TakenOver", "Superseded")
ERRORS: Final = (
    "Fenced",
    "NotCommitted",
    "OutcomeUnknown",
    "LogUnavailable",
    "IndexUnavailable",
    "IndexBehind",
    "ViewsAway",
)
"""What calls to the log and what lies beside it end with."""


def never_met(counts: Mapping[str, int]) -> list[str]:
    """What is missing."""
    wanted = (
        *(f"fault {kind}" for kind in FaultKind),
        *(f"answer {name}" for name in ANSWERS),
        *(f"end {name}" for name in ENDS),
        *(f"error {name}" for name in ERRORS),
        *(f"guard {name}" for name in guards() if name not in OUT_OF_REACH),
    )
    return [name for name in wanted if not counts.get(name)]
