"""What can go wrong in a world, and when: each kind by its name, so that a run can say how often each struck.

Decides: which faults a seed draws, how long each lasts. Must not know: how a fault is brought about (`world.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from streams.memory.log import Fault, Faults

if TYPE_CHECKING:
    from random import Random

    from simulation.trace import WorldTrace


class FaultKind(StrEnum):
    """One way in which something goes wrong."""

    CRASH = "crash"
    """A server is gone at once, whatever it was about to do; another one starts."""
    STOP = "stop"
    """A server is asked to end, and ends in its own time; another one starts."""
    SECOND = "second"
    """A server is started beside one that lives, and takes over."""
    FREEZE = "freeze"
    """A server stands still and wakes later, not knowing that it did."""
    APPEND_FAILED = "append-failed"
    APPEND_UNKNOWN_DONE = "append-unknown-done"
    APPEND_UNKNOWN_LOST = "append-unknown-lost"
    APPEND_UNKNOWN_LATE = "append-unknown-late"
    FENCED_BY_LOG = "fenced-by-log"
    """The log fences by itself: nobody has claimed."""
    PROOF_FAILED = "proof-failed"
    CLAIM_WITHOUT_RECORD = "claim-without-record"
    """The log fences for a claim whose record it then does not take."""
    LOG_AWAY = "log-away"
    LOG_SLOW = "log-slow"
    LATE_VISIBILITY = "late-visibility"
    """What is committed is not seen by readers for a while."""
    INDEX_AWAY = "index-away"
    INDEX_READ_ONLY = "index-read-only"
    INDEX_SLOW = "index-slow"
    INDEX_OLDER = "index-older"
    """The index is an older copy of itself."""
    SNAPSHOT_WRONG = "snapshot-wrong"
    """The kept state of a stock item is of another history."""
    CHECKPOINT_OLDER = "checkpoint-older"
    REQUEST_LOST = "request-lost"
    ANSWER_LOST = "answer-lost"
    REQUEST_DOUBLED = "request-doubled"
    CLOCK_JUMPS = "clock-jumps"
    PROJECTOR_CRASH = "projector-crash"
    PROJECTOR_STOP = "projector-stop"
    PROJECTOR_SECOND = "projector-second"
    """A projector is started beside one that lives, and takes over."""
    PROJECTOR_FREEZE = "projector-freeze"
    VIEWS_AWAY = "views-away"
    VIEWS_SLOW = "views-slow"
    VIEWS_OLDER = "views-older"
    """The database of the views is an older copy of itself."""
    VIEWS_COMMIT_DONE = "views-commit-done"
    VIEWS_COMMIT_LOST = "views-commit-lost"
    """The answer to a commit is lost; it was done, or was not."""


FAULTS_THAT_LAST: Final = {
    FaultKind.FREEZE,
    FaultKind.LOG_AWAY,
    FaultKind.LOG_SLOW,
    FaultKind.LATE_VISIBILITY,
    FaultKind.INDEX_AWAY,
    FaultKind.INDEX_READ_ONLY,
    FaultKind.INDEX_SLOW,
    FaultKind.PROJECTOR_FREEZE,
    FaultKind.VIEWS_AWAY,
    FaultKind.VIEWS_SLOW,
}
"""Faults that last for a while; the others strike once."""

OF_ONE_CALL: Final[Mapping[FaultKind, tuple[str, Fault]]] = {
    FaultKind.APPEND_FAILED: ("append", Fault.NOT_COMMITTED),
    FaultKind.APPEND_UNKNOWN_DONE: ("append", Fault.UNKNOWN_COMMITTED),
    FaultKind.APPEND_UNKNOWN_LOST: ("append", Fault.UNKNOWN_LOST),
    FaultKind.APPEND_UNKNOWN_LATE: ("append", Fault.UNKNOWN_LATE),
    FaultKind.FENCED_BY_LOG: ("append", Fault.FENCED),
    FaultKind.PROOF_FAILED: ("prove", Fault.NOT_COMMITTED),
    FaultKind.CLAIM_WITHOUT_RECORD: ("claim", Fault.NOT_COMMITTED),
}
"""What the log does to a server's next such call."""


class CountedFaults(Faults):
    """Faults of a server's calls, counted when they strike, not when they are planned."""

    def __init__(self, trace: WorldTrace) -> None:
        super().__init__()
        self._trace = trace

    @override
    def spend(self, call: str) -> Fault | None:
        spent = super().spend(call)
        for kind, known in OF_ONE_CALL.items():
            if known == (call, spent):
                self._trace.count("fault", kind)
        return spent


SHORTEST_S, LONGEST_S = 0.02, 8.0


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """One fault of a plan, in virtual time."""

    at: float
    """Seconds from the beginning."""
    kind: FaultKind
    lasts: float = 0.0
    """Seconds."""
    chance: int = 0
    """Seeds what is left to chance: which server, which partition."""


def drawn(luck: Random, until: float) -> tuple[PlannedFault, ...]:
    """Faults before a moment; each seed has its own kinds."""
    kinds = luck.sample(list(FaultKind), luck.randint(0, len(FaultKind)))
    if not kinds:
        return ()
    count = luck.randint(0, 30)
    return tuple(sorted((_fault(luck, luck.choice(kinds), until) for _ in range(count)), key=lambda fault: fault.at))


def _fault(luck: Random, kind: FaultKind, until: float) -> PlannedFault:
    lasts = SHORTEST_S * (LONGEST_S / SHORTEST_S) ** luck.random() if kind in FAULTS_THAT_LAST else 0.0
    return PlannedFault(luck.uniform(0, until), kind, lasts, luck.getrandbits(32))
